package origin

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/postern-go/postern/env"
	"github.com/postern-go/postern/headers"
)

// parseRequest fills r, and its URL if it has one, from a request head (RFC 9112,
// section 2.1): the request line, the fields and the empty line. It sets what
// http.ReadRequest sets, apart from Body, and keeps parts of head. r is of no use
// after an error.
func parseRequest(r *http.Request, head string) *refusal {
	line, rest := cutLine(head)
	if err := parseLine(r, line); err != nil {
		return err
	}
	hosts, err := parseFields(r, rest)
	if err != nil {
		return err
	}
	if err := checkHost(r, hosts); err != nil {
		return err
	}
	fixPragma(r.Header)
	r.Close = shouldClose(r)
	return frame(r)
}

// cutLine cuts off the first line, which LF or CRLF ends.
func cutLine(s string) (line, rest string) {
	line, rest, _ = strings.Cut(s, "\n")
	return strings.TrimSuffix(line, "\r"), rest
}

// parseLine parses the request line (RFC 9112, section 3).
func parseLine(r *http.Request, line string) *refusal {
	method, rest, ok1 := strings.Cut(line, " ")
	target, version, ok2 := strings.Cut(rest, " ")
	if !ok1 || !ok2 {
		return malformed("request line %q is not method, target and version", clip(line))
	}
	if !headers.ValidName(method) {
		return malformed("method %q is not a token", clip(method))
	}
	var ok bool
	if r.ProtoMajor, r.ProtoMinor, ok = http.ParseHTTPVersion(version); !ok {
		return malformed("version %q is malformed", clip(version))
	}
	if r.ProtoMajor != 1 {
		return refuse(http.StatusHTTPVersionNotSupported, "version %s is not supported", version)
	}
	r.Method, r.RequestURI, r.Proto = method, target, version
	return parseTarget(r)
}

// parseTarget sets URL as net/http does (RFC 9112, section 3.2): origin-form,
// absolute-form with a host, "*", and for CONNECT the authority.
func parseTarget(r *http.Request) *refusal {
	if r.URL == nil {
		r.URL = new(url.URL)
	}
	if env.PlainTarget(r.RequestURI, r.URL) {
		return nil
	}
	uri := r.RequestURI
	authority := r.Method == http.MethodConnect && !strings.HasPrefix(uri, "/")
	if authority {
		uri = "http://" + uri
	}
	u, err := url.ParseRequestURI(uri)
	if err != nil || u.Opaque != "" || u.Scheme != "" && u.Host == "" {
		return malformed("request target %q is malformed", clip(r.RequestURI))
	}
	if authority {
		u.Scheme = ""
	}
	*r.URL = *u
	return nil
}

// parseFields parses the header fields and the empty line after them. The Host
// fields are not in the header.
func parseFields(r *http.Request, text string) (hosts []string, err *refusal) {
	n := max(strings.Count(text, "\n")-1, 0)
	r.Header = make(http.Header, n)
	values := make([]string, 0, n) // the memory of all one-value fields
	for {
		var line string
		if line, text = cutLine(text); line == "" {
			return hosts, nil
		}
		name, value, err := parseField(line)
		if err != nil {
			return nil, err
		}
		values = append(values, value)
		one := values[len(values)-1 : len(values) : len(values)]
		switch have := r.Header[name]; {
		case name == "Host" && hosts == nil:
			hosts = one
		case name == "Host":
			hosts = append(hosts, value)
		case have != nil:
			r.Header[name] = append(have, value)
		default:
			r.Header[name] = one
		}
	}
}

// parseField parses one field line (RFC 9112, section 5). The name is in its
// canonical form.
func parseField(line string) (name, value string, err *refusal) {
	if line[0] == ' ' || line[0] == '\t' {
		return "", "", malformed("header line %q continues the one before", clip(line))
	}
	name, value, found := strings.Cut(line, ":")
	if !found {
		return "", "", malformed("header line %q has no colon", clip(line))
	}
	if !headers.ValidName(name) {
		return "", "", malformed("header name %q is not a token", clip(name))
	}
	value = strings.Trim(value, " \t")
	if !headers.ValidValue(value) {
		return "", "", malformed("header %q has a control character in its value", clip(name))
	}
	return http.CanonicalHeaderKey(name), value, nil
}

// clip keeps an error line short.
func clip(s string) string {
	return s[:min(len(s), 80)]
}

// checkHost settles r.Host (RFC 9112, section 3.2).
func checkHost(r *http.Request, hosts []string) *refusal {
	switch {
	case len(hosts) > 1:
		return malformed("%d Host fields", len(hosts))
	case len(hosts) == 0 && r.ProtoAtLeast(1, 1):
		return malformed("no Host field")
	case len(hosts) == 1 && !validHost(hosts[0]):
		return malformed("host %q is malformed", clip(hosts[0]))
	}
	r.Host = r.URL.Host
	if r.Host == "" && len(hosts) == 1 {
		r.Host = hosts[0]
	}
	return nil
}

// validHost reports whether every byte may stand in a host and port (RFC 3986,
// section 3.2.2). Like net/http it leaves the structure open.
func validHost(host string) bool {
	for i := range len(host) {
		c := host[i]
		alphanumeric := '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
		if !alphanumeric && strings.IndexByte("!$%&'()*+,-.:;=[]_~", c) < 0 {
			return false
		}
	}
	return true
}

// fixPragma does what net/http does for caches of HTTP/1.0 (RFC 9111, section
// 5.4).
func fixPragma(h http.Header) {
	if p := h["Pragma"]; len(p) > 0 && p[0] == "no-cache" && h["Cache-Control"] == nil {
		h["Cache-Control"] = []string{"no-cache"}
	}
}
