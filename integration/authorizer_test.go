package integration

import (
	"crypto/sha1"
	"encoding/base64"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-go/postern/fastcgi"
	"github.com/postern-go/postern/integration/testapp/app"
)

// guarded is the part of the site that the authorizer is asked about.
const guarded = "/echo/private/"

// An authorizing is a way for a web server to ask.
type authorizing struct {
	name    string
	network string                                                // of the worker
	open    func(t *testing.T, w *worker, part string) *webServer // asks about that part of the site

	forbidden int    // what becomes of 403
	body      string // of the refusal, as far as it arrives
	variable  string // how the spelling of Probe_User arrives
}

// Texts of the pages that refuse.
const (
	apachePage     = "<title>"
	authorizerPage = "the authorizer\n"
)

func authorizings() []authorizing {
	return []authorizing{
		{"Apache, authentication", "tcp", apacheAuthorizing("authn"), http.StatusUnauthorized, apachePage, "Probe_User"},
		{"Apache, authentication and authorization", "tcp", apacheAuthorizing("authnz", requireApp), http.StatusUnauthorized, apachePage, "Probe_User"},
		{"Apache, authentication by whatever the client sends", "tcp", apacheAuthorizing("authn", checkAuthn...), http.StatusForbidden, authorizerPage, "Probe_User"},
		{"lighttpd, a worker on a unix socket", "unix", lighttpdAuthorizing, http.StatusForbidden, authorizerPage, "PROBE_USER"},
		{"lighttpd, a worker on TCP", "tcp", lighttpdAuthorizing, http.StatusForbidden, authorizerPage, "PROBE_USER"},
	}
}

var (
	requireApp = replace{"Require valid-user", "Require app"}
	checkAuthn = []replace{{"AuthBasicProvider app", `AuthnzFcgiCheckAuthnProvider app Authoritative On RequireBasicAuth Off UserExpr "%{reqenv:AUTHN_1}"`}}
)

func apacheAuthorizing(provider string, own ...replace) func(*testing.T, *worker, string) *webServer {
	return func(t *testing.T, w *worker, part string) *webServer {
		return apache.start(t, "apache-authorizer.conf", append([]replace{
			{"127.0.0.1:9000", w.address},
			{"/private/", part},
			{"DefineProvider authn ", "DefineProvider " + provider + " "},
		}, own...)...)
	}
}

func lighttpdAuthorizing(t *testing.T, w *worker, part string) *webServer {
	own := []replace{lighttpd.worker(w), {"/private/", part}}
	if part == "/" { // which can have one entry only
		own = append(own, replace{"    )),\n    \"/\" => ((\n", "    ), (\n"})
	}
	return lighttpd.start(t, "lighttpd-authorizer.conf", own...)
}

// authorized asks for a path of the guarded part.
func (o *opened) authorized(t *testing.T, method, query, password, body string) answer {
	t.Helper()
	r := o.request(t, method, guarded+query, strings.NewReader(body))
	if password != "" {
		r.SetBasicAuth(app.User, password)
	}
	return o.do(t, r)
}

// wantNothing requires that nothing of the application has arrived.
func (a answer) wantNothing(t *testing.T, status int) {
	t.Helper()
	a.wantStatus(t, status)
	require.NotContains(t, a.body, "environ")
	require.NotContains(t, a.body, app.Secret)
}

func TestAuthorizer(t *testing.T) {
	for _, g := range authorizings() {
		t.Run(g.name, func(t *testing.T) {
			w := startWorker(t, testapp, "fastcgi", g.network)
			before := sockets(t, w.process)
			s := g.open(t, w, guarded)
			o := &opened{server: s, client: newClient(t, s), marks: newDir(t)}

			a := o.authorized(t, "GET", "", "", "")
			a.wantNothing(t, http.StatusUnauthorized)
			require.NotEmpty(t, a.Header.Get("WWW-Authenticate"), "without credentials the client is asked for some")

			a = o.authorized(t, "GET", "", "wrong", "")
			a.wantNothing(t, http.StatusUnauthorized)
			require.Contains(t, a.body, g.body, "with a wrong password, too")
			require.NotEmpty(t, a.Header.Get("WWW-Authenticate"))

			a = o.authorized(t, "GET", "?forbid", app.Password, "")
			a.wantNothing(t, g.forbidden)
			require.Contains(t, a.body, g.body, "another refusal")
			require.Equal(t, "forbid", a.Header.Get("X-From-Authorizer"), "the fields of a refusal are for the client")

			for range 10 {
				a = o.authorized(t, "GET", "", app.Password, "")
				e := a.echo(t)
				require.Equal(t, "RESPONDER", e.Flags.Role, "the application answers")
				require.Equal(t, app.User, e.Environ["AUTHN_1"])
				require.Equal(t, app.User, e.Environ[g.variable], "the spelling of a variable")
				require.Equal(t, "AUTHORIZER", e.Environ["PROBE_ROLE"])
				require.Empty(t, a.Header.Get("X-From-Authorizer"), "nothing else of the authorizer reaches the client")
				require.NotContains(t, a.body, "allowed by")
			}

			e := o.authorized(t, "POST", "", app.Password, "the body").echo(t)
			require.EqualValues(t, len("the body"), e.BodyLen, "the body is the application's")

			e = o.get(t, "/echo/public").echo(t)
			require.NotContains(t, e.Environ, "AUTHN_1", "elsewhere nobody is asked")

			o.authorized(t, "GET", "?panic", app.Password, "").wantNothing(t, http.StatusInternalServerError)
			o.authorized(t, "GET", "?abort", app.Password, "").wantNothing(t, http.StatusInternalServerError)
			o.authorized(t, "GET", "", app.Password, "").echo(t)

			o.password, o.waiting = "wrong", guarded+"?hold&"
			departureRow.hold(t, gate{name: g.name}, o)
			waitFor(t, "no connection is left", func() bool { return sockets(t, w.process) == before })
		})
	}
}

// TestAuthorizerOfAuthenticated is Apache with a file of passwords: the worker is asked about the users whom that lets in.
func TestAuthorizerOfAuthenticated(t *testing.T) {
	sum := sha1.Sum([]byte("pw"))
	line := ":{SHA}" + base64.StdEncoding.EncodeToString(sum[:]) + "\n"
	passwords := filepath.Join(newDir(t), "passwords")
	require.NoError(t, os.WriteFile(passwords, []byte(app.User+line+"other"+line), 0o644))
	w := startWorker(t, testapp, "fastcgi", "tcp")
	s := apacheAuthorizing("authz", requireApp,
		replace{"AuthBasicProvider app", "AuthBasicProvider file\n AuthUserFile " + passwords})(t, w, guarded)
	o := &opened{server: s, client: newClient(t, s)}
	for _, row := range []struct {
		why, user, password, query string
		status                     int
	}{
		{"a wrong password is not the worker's matter", app.User, "wrong", "", http.StatusUnauthorized},
		{"a user whom the worker lets in", app.User, "pw", "", http.StatusOK},
		{"one whom it does not", "other", "pw", "", http.StatusUnauthorized},
		{"one whom it forbids", app.User, "pw", "?forbid", http.StatusUnauthorized},
		{"a handler that panics lets nobody in", app.User, "pw", "?panic", http.StatusInternalServerError},
		{"nor does one that aborts", app.User, "pw", "?abort", http.StatusInternalServerError},
	} {
		r := o.request(t, "GET", guarded+row.query, nil)
		r.SetBasicAuth(row.user, row.password)
		a := o.do(t, r)
		if row.status == http.StatusOK {
			require.Equal(t, app.User, a.echo(t).Environ["AUTHN_1"], row.why)
			continue
		}
		a.wantNothing(t, row.status)
	}
}

// TestNoAuthorizer shows that nobody is let in by a worker that has no authorizer, though its application answers 200 to everybody.
func TestNoAuthorizer(t *testing.T) {
	for _, g := range authorizings() {
		t.Run(g.name, func(t *testing.T) {
			l := listenWorker(t, g.network)
			s := &fastcgi.Server{Handler: app.Handler(), ErrorLog: slog.New(slog.DiscardHandler)}
			done := make(chan error, 1)
			go func() { done <- s.Serve(l) }()
			t.Cleanup(func() {
				require.NoError(t, s.Close())
				require.ErrorIs(t, <-done, fastcgi.ErrServerClosed)
			})
			front := g.open(t, &worker{network: g.network, address: l.Addr().String()}, guarded)
			o := &opened{server: front, client: newClient(t, front)}
			o.get(t, "/echo/public").echo(t)
			o.authorized(t, "GET", "", app.Password, "").wantNothing(t, http.StatusInternalServerError)
		})
	}
}

func listenWorker(t *testing.T, network string) net.Listener {
	t.Helper()
	address := "127.0.0.1:0"
	if network == "unix" {
		address = filepath.Join(newDir(t), "app.sock")
	}
	l, err := net.Listen(network, address)
	require.NoError(t, err)
	if network == "unix" {
		require.NoError(t, os.Chmod(address, 0o666)) // the web server may be another user
	}
	return l
}
