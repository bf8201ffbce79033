package env

import (
	"net/http"
	"net/url"
)

// ShiftPath takes the first name off the path of a request and returns it with
// the request for the rest, by the rules of [Vars.ShiftPath]. r is not changed;
// rest shares everything with it but the URL. When found is false, no name is
// left, and the path of rest is empty; it is empty after the last name, too.
//
// A name is a segment of the path as it was sent: "/a%2Fb/c" begins with the
// name "a/b". Path and RawPath of rest say the same. RequestURI and the CGI
// variables of the request stay as they are.
func ShiftPath(r *http.Request) (name string, rest *http.Request, found bool) {
	if r.URL.Path == "" {
		return "", r, false
	}
	inner, u := *r, *r.URL
	inner.URL = &u
	if u.RawPath == "" {
		name, u.Path = shift(u.Path, isDot)
	} else {
		name, u.Path, u.RawPath = shiftRaw(u.EscapedPath())
	}
	if isDot(name) {
		return "", &inner, false
	}
	return name, &inner, true
}

// shiftRaw is shift for an escaped path. The rest comes in both forms, as
// url.URL has them: the escaped one is empty where the other implies it.
func shiftRaw(escaped string) (name, path, rawPath string) {
	name, rest := shift(escaped, func(s string) bool { return isDot(unescape(s)) })
	u := url.URL{Path: unescape(rest)}
	if u.EscapedPath() != rest {
		u.RawPath = rest
	}
	return unescape(name), u.Path, u.RawPath
}

// unescape is for what EscapedPath returned, which is never malformed.
func unescape(s string) string {
	plain, err := url.PathUnescape(s)
	if err != nil {
		return s
	}
	return plain
}

// Traverse is [ShiftPath] as middleware: it calls the handler that choose
// returns for the first name of the path, with the rest of the request. A nil
// handler means 404. choose is called once for each request, with the found of
// ShiftPath, and may return another Traverse to go one name deeper. A handler
// that tells "/x" from "/x/" finds the path "" or "/".
func Traverse(choose func(name string, found bool) http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name, rest, found := ShiftPath(r)
		h := choose(name, found)
		if h == nil {
			http.NotFound(w, r)
			return
		}
		h.ServeHTTP(w, rest)
	})
}
