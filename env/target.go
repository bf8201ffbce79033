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
func (b *builder) target(u *url.URL) (uri, host string, err error) {
	uri = b.requestURI
	if uri == "" {
		return b.derivedTarget(u), "", nil
	}
	if !plainTarget(uri, u) {
		parsed, err := url.ParseRequestURI(uri)
		if err != nil {
			return "", "", fmt.Errorf("env: REQUEST_URI %q is not a request target", uri)
		}
		*u = url.URL{Path: parsed.Path, RawPath: parsed.RawPath, RawQuery: parsed.RawQuery, ForceQuery: parsed.ForceQuery}
		host = parsed.Host
		if host != "" && u.Path == "" {
			u.Path = "/"
		}
	}
	if u.RawQuery == "" && !u.ForceQuery {
		u.RawQuery = b.query
	}
	return uri, host, nil
}

// derivedTarget builds the target from the decoded path variables.
func (b *builder) derivedTarget(u *url.URL) string {
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

// plainTarget fills u from an origin-form target whose path needs no
// decoding, which is nearly every one, and reports whether it was.
func plainTarget(uri string, u *url.URL) bool {
	if uri[0] != '/' {
		return false
	}
	path, query, found := strings.Cut(uri, "?")
	for i := range len(path) {
		if !plainPath[path[i]] {
			return false
		}
	}
	for i := range len(query) {
		if query[i] <= ' ' || query[i] == 0x7f || query[i] == '#' {
			return false
		}
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
