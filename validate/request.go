package validate

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/postern-go/postern/headers"
)

// checkTarget is about the request line: method, target and URL.
func (x *exchange) checkTarget() {
	switch {
	case !headers.ValidName(x.method):
		x.find("request-method-malformed", "Method", "It is %q.", x.method)
	case !registeredMethod(x.method):
		x.find("request-method-unknown", "Method", "It is %q.", x.method)
	}
	target, valid := parseTarget(x.method, x.target)
	switch {
	case x.target == "":
		x.find("request-uri-missing", "RequestURI", "")
	case !valid:
		x.find("request-uri-malformed", "RequestURI", "It is %q.", bare(x.target))
	}
	u := x.request.URL
	if u == nil {
		x.find("request-url-missing", "URL", "")
		return
	}
	if x.method == http.MethodConnect {
		return
	}
	rooted := strings.HasPrefix(u.Path, "/") || u.Path == "*" || u.Path == "" && target.host != "" // http://host has no path
	if !rooted {
		x.find("request-path-relative", "URL", "Path is %q.", u.Path)
	}
	if path, err := url.PathUnescape(u.RawPath); u.RawPath != "" && (err != nil || path != u.Path) {
		x.find("request-raw-path-contradicts", "URL", "RawPath is %q, and Path %q.", u.RawPath, u.Path)
	}
	if valid {
		x.compareTarget(u, target)
	} else if u.Scheme != "" || u.Host != "" {
		x.find("request-url-absolute", "URL", "Scheme is %q, and Host %q.", u.Scheme, u.Host)
	}
}

// compareTarget compares the URL with what the request target says.
func (x *exchange) compareTarget(u *url.URL, target target) {
	if u.Scheme != "" && u.Scheme != target.scheme || u.Host != "" && u.Host != target.host {
		x.find("request-url-absolute", "URL", "Scheme is %q, Host %q, and the target %q.", u.Scheme, u.Host, bare(x.target))
	}
	if u.Path != target.path && u.Path != "" {
		x.find("request-path-differs", "URL", "Path is %q, and the target %q.", u.Path, bare(x.target))
	}
	if u.RawQuery != target.query {
		x.find("request-query-differs", "URL", "RawQuery is %q, and the target %q.", u.RawQuery, bare(x.target))
	}
	if target.host != "" && !strings.EqualFold(target.host, x.host) {
		x.find("request-host-differs", "Host", "It is %q, and the target %q.", x.host, bare(x.target))
	}
}

// A target is a request target in parts.
type target struct {
	scheme, host, path, query string
}

// parseTarget reads a request target (RFC 9112, section 3.2).
func parseTarget(method, s string) (target, bool) {
	if s == "" || strings.IndexFunc(s, func(c rune) bool { return c <= ' ' || c == 0x7f }) >= 0 {
		return target{}, false
	}
	if method == http.MethodConnect {
		return target{host: s}, s[0] == '/' || hostPort(s)
	}
	if s == "*" {
		return target{path: "*"}, true
	}
	if path, query, _ := strings.Cut(s, "?"); strings.HasPrefix(path, "/") && !strings.Contains(path, "%") {
		return target{path: path, query: query}, true
	}
	u, err := url.ParseRequestURI(s)
	if err != nil || u.Opaque != "" || u.Host == "" && s[0] != '/' {
		return target{}, false
	}
	t := target{u.Scheme, u.Host, u.Path, u.RawQuery}
	if t.path == "" {
		t.path = "/"
	}
	return t, true
}

// registeredMethod tells the methods of the HTTP Method Registry (RFC 9110, section 16.1), most of which are WebDAV's. Its entries *
// and PRI are there so that nobody uses them.
func registeredMethod(s string) bool {
	switch s {
	case "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT":
		return true
	case "ACL", "BASELINE-CONTROL", "BIND", "CHECKIN", "CHECKOUT", "COPY", "LABEL", "LINK", "LOCK", "MERGE", "MKACTIVITY", "MKCALENDAR",
		"MKCOL", "MKREDIRECTREF", "MKWORKSPACE", "MOVE", "ORDERPATCH", "PROPFIND", "PROPPATCH", "QUERY", "REBIND", "REPORT", "SEARCH",
		"UNBIND", "UNCHECKOUT", "UNLINK", "UNLOCK", "UPDATE", "UPDATEREDIRECTREF", "VERSION-CONTROL":
		return true
	}
	return false
}

// checkHost is about Host (RFC 9110, section 7.2).
func (x *exchange) checkHost() {
	r := x.request
	switch {
	case x.host == "" && r.ProtoAtLeast(1, 1):
		x.find("request-host-missing", "Host", "The protocol is %q.", x.proto)
	case x.host != "" && !hostPort(x.host):
		x.find("request-host-malformed", "Host", "It is %q.", x.host)
	}
	if values := r.Header["Host"]; len(values) > 0 {
		x.find("request-host-field", "Host", "The field is %q.", values)
	}
}

// hostPort reports whether s is a host with an optional port (RFC 3986,
// sections 3.2.2 and 3.2.3).
func hostPort(s string) bool {
	host, p := s, ""
	if i := strings.LastIndexByte(s, ':'); i > strings.LastIndexByte(s, ']') {
		host, p = s[:i], s[i+1:]
	}
	if inner, ok := strings.CutPrefix(host, "["); ok {
		inner, ok = strings.CutSuffix(inner, "]")
		return ok && inner != "" && only(inner, ":.%-_~") && decimalOrEmpty(p)
	}
	return host != "" && only(host, "!$%&'()*+,-.;=_~") && decimalOrEmpty(p)
}

func decimalOrEmpty(s string) bool { return s == "" || decimal(s) }

// only reports whether s has letters, digits and the bytes of others.
func only(s, others string) bool {
	for i := range len(s) {
		c := s[i]
		alphanumeric := '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
		if !alphanumeric && strings.IndexByte(others, c) < 0 {
			return false
		}
	}
	return true
}

// checkPeer is about the protocol and the address of the client.
func (x *exchange) checkPeer() {
	r := x.request
	major, minor, ok := http.ParseHTTPVersion(x.proto)
	if x.proto != "INCLUDED" && (!ok || major != r.ProtoMajor || minor != r.ProtoMinor) {
		x.find("request-proto-contradicts", "Proto", "Proto is %q, ProtoMajor %d, ProtoMinor %d.", x.proto, r.ProtoMajor, r.ProtoMinor)
	}
	if !remoteAddr(r.RemoteAddr) {
		x.find("request-remote-addr-malformed", "RemoteAddr", "It is %q.", r.RemoteAddr)
	}
}
