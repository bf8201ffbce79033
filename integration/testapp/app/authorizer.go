package app

import (
	"io"
	"net/http"

	"github.com/postern-go/postern/env"
	"github.com/postern-go/postern/fastcgi"
	"github.com/postern-go/postern/gateway"
)

// The one user whom Authorizer knows.
const (
	User     = "probe"
	Password = "letmein"
)

// Authorizer decides for the FastCGI role of that name: it lets User with Password through, with the variables AUTHN_1, Probe_User and
// PROBE_ROLE, and refuses everybody else. The query makes it misbehave: "panic" as a whole panics when it has allowed, "abort" ends
// without an answer, "forbid" is a 403 for everybody; and with "hold" it is /wait-cancel before it decides.
//
// The credentials are those that Apache has taken apart for an authentication (REMOTE_USER, REMOTE_PASSWD), or the header field, which
// lighttpd passes on as it is. Apache asks a second time for the authorization of a user whom it knows by then.
func Authorizer() http.Handler { return http.HandlerFunc(authorize) }

func authorize(w http.ResponseWriter, r *http.Request) {
	if r.URL.Query().Has("hold") {
		waitCancel(w, r)
	}
	if r.URL.RawQuery == "forbid" {
		w.Header().Set("X-From-Authorizer", "forbid")
		http.Error(w, "forbidden by the authorizer", http.StatusForbidden)
		return
	}
	user, known := authenticated(r)
	if !known {
		w.Header().Set("WWW-Authenticate", `Basic realm="probe"`)
		http.Error(w, "unknown to the authorizer", http.StatusUnauthorized)
		return
	}
	w.Header().Set("X-From-Authorizer", "allow")
	fastcgi.SetVariable(w, "AUTHN_1", user)
	fastcgi.SetVariable(w, "Probe_User", user)
	fastcgi.SetVariable(w, "PROBE_ROLE", gateway.FlagsOf(r).Role)
	_, _ = io.WriteString(w, "allowed by the authorizer")
	switch r.URL.RawQuery {
	case "panic":
		_ = http.NewResponseController(w).Flush()
		panic(Secret)
	case "abort":
		panic(http.ErrAbortHandler)
	}
}

func authenticated(r *http.Request) (user string, known bool) {
	v := gateway.Vars(r)
	if v.Get("FCGI_APACHE_ROLE") == "AUTHORIZER" {
		user = v.Get("REMOTE_USER")
		return user, user == User
	}
	user, password := credentials(r, v)
	return user, user == User && password == Password
}

func credentials(r *http.Request, v *env.Vars) (user, password string) {
	if password, found := v.Lookup("REMOTE_PASSWD"); found {
		return v.Get("REMOTE_USER"), password
	}
	user, password, _ = r.BasicAuth()
	return user, password
}
