package env

import (
	"fmt"
	"net/url"
	"strings"
)

// target finds the request target, as it stood on the request line, and what
// it says: REQUEST_URI where the server gave it, else SCRIPT_NAME and
// PATH_INFO, escaped again, with QUERY_STRING. host is that of an absolute-form
// target, else "".
func (b *RequestBuilder) target(u *url.URL) (uri, host string, err error) {
	if !visible(b.query) {
		return "", "", fmt.Errorf("env: QUERY_STRING %q is not a query", b.query)
	}
	uri = b.requestURI
	if uri == "" {
		return b.derivedTarget(u), "", nil
	}
	if !PlainTarget(uri, u) {
		if host, err = parseTarget(uri, u); err != nil {
			return "", "", err
		}
	}
	if u.RawQuery == "" && !u.ForceQuery {
		u.RawQuery = b.query
	}
	return uri, host, nil
}

// parseTarget fills u from a target in origin-form, absolute-form or "*".
func parseTarget(uri string, u *url.URL) (host string, err error) {
	parsed, err := url.ParseRequestURI(uri)
	if err != nil || parsed.Opaque != "" || !visible(uri) {
		return "", fmt.Errorf("env: REQUEST_URI %q is not a request target", uri)
	}
	*u = url.URL{Path: parsed.Path, RawPath: parsed.RawPath, RawQuery: parsed.RawQuery, ForceQuery: parsed.ForceQuery}
	if u.Path == "" {
		u.Path = "/"
	}
	return parsed.Host, nil
}

// visible reports whether s has no space and no control character, neither of
// which ever stands in a request line.
func visible(s string) bool {
	for i := range len(s) {
		if s[i] <= ' ' || s[i] == 0x7f {
			return false
		}
	}
	return true
}

// derivedTarget builds the target from the decoded path variables.
func (b *RequestBuilder) derivedTarget(u *url.URL) string {
	u.Path = b.scriptName + b.pathInfo
	if u.Path == "" {
		u.Path = "/"
	}
	if u.Path[0] != '/' && u.Path != "*" {
		u.Path = "/" + u.Path
	}
	u.RawQuery = b.query
	uri := u.EscapedPath()
	if b.query != "" {
		uri += "?" + b.query
	}
	return uri
}

// PlainTarget fills u from a request target in origin-form whose path needs no
// decoding, which is nearly every one (RFC 9112, section 3.2.1), and reports
// whether it was. It does not allocate. Any other target leaves u as it is.
func PlainTarget(uri string, u *url.URL) bool {
	if uri == "" || uri[0] != '/' {
		return false
	}
	path, query, found := strings.Cut(uri, "?")
	for i := range len(path) {
		if !plainPath[path[i]] {
			return false
		}
	}
	if !visible(query) {
		return false
	}
	u.Path, u.RawQuery, u.ForceQuery = path, query, found && query == ""
	return true
}

// plainPath marks the bytes that stand for themselves in a path, whatever
// spelling of it is asked for.
var plainPath = [256]bool{
	'/': true, '-': true, '.': true, '_': true, '~': true, '$': true, '&': true, '+': true, '=': true, ':': true, '@': true,
	'0': true, '1': true, '2': true, '3': true, '4': true, '5': true, '6': true, '7': true, '8': true, '9': true,
	'A': true, 'B': true, 'C': true, 'D': true, 'E': true, 'F': true, 'G': true, 'H': true, 'I': true, 'J': true,
	'K': true, 'L': true, 'M': true, 'N': true, 'O': true, 'P': true, 'Q': true, 'R': true, 'S': true, 'T': true,
	'U': true, 'V': true, 'W': true, 'X': true, 'Y': true, 'Z': true,
	'a': true, 'b': true, 'c': true, 'd': true, 'e': true, 'f': true, 'g': true, 'h': true, 'i': true, 'j': true,
	'k': true, 'l': true, 'm': true, 'n': true, 'o': true, 'p': true, 'q': true, 'r': true, 's': true, 't': true,
	'u': true, 'v': true, 'w': true, 'x': true, 'y': true, 'z': true,
}
