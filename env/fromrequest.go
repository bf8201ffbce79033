package env

import (
	"crypto/tls"
	"net"
	"net/http"
	"strconv"
	"strings"
)

// FromRequest gives the variables of RFC 3875, section 4.1, of a request that
// an HTTP server has parsed, or that a client is about to send. SCRIPT_NAME is
// empty and PATH_INFO the whole path: a caller with a mount point moves it
// over. Repeated fields are merged. Proxy has no variable. Fields whose names
// differ in "-", "_" and "." only would pass for each other: the one spelled
// with "-" is taken, and none when there is no such one.
//
// Values are taken as they are. The path is decoded, and may hold any byte.
func FromRequest(r *http.Request) *Vars {
	v := new(Vars)
	v.Grow(26 + len(r.Header))
	v.Add("GATEWAY_INTERFACE", "CGI/1.1")
	v.Add("SERVER_PROTOCOL", r.Proto)
	v.Add("REQUEST_METHOD", method(r))
	addTarget(v, r)
	addServer(v, r)
	addRemote(v, r.RemoteAddr)
	addBody(v, r)
	if host := hostField(r); host != "" {
		v.Add("HTTP_HOST", host)
	}
	addFields(v, r.Header)
	return v
}

// method is that of a client's request, too, where "" means GET.
func method(r *http.Request) string {
	if r.Method == "" {
		return http.MethodGet
	}
	return r.Method
}

func hostField(r *http.Request) string {
	if r.Host == "" {
		return r.URL.Host
	}
	return r.Host
}

func addTarget(v *Vars, r *http.Request) {
	v.Add("SCRIPT_NAME", "")
	v.Add("PATH_INFO", r.URL.Path)
	v.Add("QUERY_STRING", r.URL.RawQuery)
	uri := r.RequestURI
	if uri == "" {
		uri = r.URL.RequestURI()
	}
	v.Add("REQUEST_URI", uri)
}

func addServer(v *Vars, r *http.Request) {
	name, port := hostField(r), ""
	if host, p, err := net.SplitHostPort(name); err == nil {
		name, port = host, p
	}
	name = bare(name)
	scheme, standard := "http", "80"
	if r.TLS != nil {
		scheme, standard = "https", "443"
	}
	if local, ok := r.Context().Value(http.LocalAddrContextKey).(net.Addr); ok {
		name, port = addLocal(v, name, port, local)
	}
	if port == "" {
		port = standard
	}
	if strings.IndexByte(name, ':') >= 0 {
		name = "[" + name + "]"
	}
	v.Add("SERVER_NAME", name)
	v.Add("SERVER_PORT", port)
	v.Add("REQUEST_SCHEME", scheme)
	if r.TLS != nil {
		v.Add("HTTPS", "on")
		addTLS(v, r.TLS)
	}
}

// addLocal adds the address that the connection came to. It fills what the
// Host field leaves open, and its port is the true one.
func addLocal(v *Vars, name, port string, local net.Addr) (string, string) {
	host, p, err := net.SplitHostPort(local.String())
	if err != nil {
		return name, port
	}
	v.Add("SERVER_ADDR", host)
	if name == "" {
		name = host
	}
	return name, p
}

func addTLS(v *Vars, state *tls.ConnectionState) {
	if name := versionName(state.Version); name != "" {
		v.Add("SSL_PROTOCOL", name)
	}
	if state.CipherSuite != 0 {
		v.Add("SSL_CIPHER", tls.CipherSuiteName(state.CipherSuite))
	}
	if state.ServerName != "" {
		v.Add("SSL_TLS_SNI", state.ServerName)
	}
}

// addRemote adds the client's address; "unix:" is nginx's word for a client on
// a unix socket, which is not named.
func addRemote(v *Vars, addr string) {
	host, port, err := net.SplitHostPort(addr)
	switch {
	case addr == "@":
		host = "unix:"
	case err != nil:
		host = addr
	}
	v.Add("REMOTE_ADDR", host)
	v.Add("REMOTE_HOST", host)
	if port != "" {
		v.Add("REMOTE_PORT", port)
	}
}

func addBody(v *Vars, r *http.Request) {
	if r.ContentLength > 0 || r.ContentLength == 0 && r.Header["Content-Length"] != nil {
		v.Add("CONTENT_LENGTH", strconv.FormatInt(r.ContentLength, 10))
	}
	if t := r.Header.Get("Content-Type"); t != "" {
		v.Add("CONTENT_TYPE", t)
	}
}
