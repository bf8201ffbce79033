package gateway

import "net/http"

// Scheme returns the URL scheme of a request, "http" or "https"
// (wsgi.url_scheme): what the variables say, otherwise whether the request
// came over TLS.
func Scheme(r *http.Request) string {
	switch s := runOf(r); {
	case s != nil:
		return s.environ().Scheme()
	case r.TLS != nil:
		return "https"
	}
	return "http"
}

// setScheme makes the variables say what the hook says, so that all that is
// made of them agrees.
func (s *run) setScheme(scheme string) {
	if scheme == s.vars.Scheme() {
		return
	}
	if scheme == "https" {
		s.vars.Set("REQUEST_SCHEME", "https")
		s.vars.Set("HTTPS", "on")
		return
	}
	s.vars.Set("REQUEST_SCHEME", "http")
	s.vars.Del("HTTPS")
}
