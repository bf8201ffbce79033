package env

import (
	"net"
	"net/http"
	"sort"
	"strconv"
	"strings"
)

// FromRequest gives the variables of RFC 3875, section 4.1, of a request that
// an HTTP server has parsed. SCRIPT_NAME is empty and PATH_INFO the whole path:
// a caller with a mount point moves it over. Repeated fields are merged. Proxy
// has no variable, and a field whose name has "_" or "." never takes the
// variable of one spelled with "-".
func FromRequest(r *http.Request) *Vars {
	v := new(Vars)
	v.Grow(24 + len(r.Header))
	v.Add("GATEWAY_INTERFACE", "CGI/1.1")
	v.Add("SERVER_PROTOCOL", r.Proto)
	v.Add("REQUEST_METHOD", r.Method)
	addTarget(v, r)
	addServer(v, r)
	addRemote(v, r.RemoteAddr)
	addBody(v, r)
	if r.Host != "" {
		v.Add("HTTP_HOST", r.Host)
	}
	addFields(v, r.Header)
	return v
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
	name, port := r.Host, ""
	if host, p, err := net.SplitHostPort(r.Host); err == nil {
		name, port = host, p
	}
	name = strings.Trim(name, "[]")
	scheme := "http"
	if r.TLS != nil {
		scheme = "https"
	}
	if local, ok := r.Context().Value(http.LocalAddrContextKey).(net.Addr); ok {
		name, port = localServer(name, port, local)
	}
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[scheme]
	}
	if strings.IndexByte(name, ':') >= 0 {
		name = "[" + name + "]"
	}
	v.Add("SERVER_NAME", name)
	v.Add("SERVER_PORT", port)
	v.Add("REQUEST_SCHEME", scheme)
	if r.TLS != nil {
		v.Add("HTTPS", "on")
	}
}

// localServer fills what the Host field leaves open from the address that the
// connection came to, whose port is the true one.
func localServer(name, port string, local net.Addr) (string, string) {
	host, p, err := net.SplitHostPort(local.String())
	if err != nil {
		return name, port
	}
	if name == "" {
		name = host
	}
	return name, p
}

func addRemote(v *Vars, addr string) {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		host, port = addr, ""
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

func addFields(v *Vars, h http.Header) {
	names := make([]string, 0, len(h))
	for name := range h {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		addField(v, h, name)
	}
}

func addField(v *Vars, h http.Header, name string) {
	switch name {
	case "Proxy", "Content-Type", "Content-Length", "Host":
		return
	}
	if hyphen := strings.NewReplacer("_", "-", ".", "-").Replace(name); hyphen != name && shadows(h, hyphen) {
		return
	}
	separator := ", "
	if name == "Cookie" {
		separator = "; "
	}
	v.Add(variableName(name), strings.Join(h[name], separator))
}

// shadows reports whether the hyphen spelling is there itself, or is one that
// must never be made up.
func shadows(h http.Header, hyphen string) bool {
	canonical := http.CanonicalHeaderKey(hyphen)
	return h[canonical] != nil || canonical == "Proxy" || canonical == "Content-Type" || canonical == "Content-Length" || canonical == "Host"
}
