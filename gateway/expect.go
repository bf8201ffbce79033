package gateway

import (
	"io"
	"net/http"
)

// handler returns what answers the request: h, or what net/http.Server answers
// itself.
func (s *run) handler(h http.Handler) http.Handler {
	switch {
	case s.authorizes():
		return h
	case s.engine.Origin && s.req.Header.Get("Expect") != "" && !expectsContinue(&s.req):
		return http.HandlerFunc(expectationFailed)
	case s.req.RequestURI == "*" && s.req.Method == http.MethodOptions && !s.engine.DisableGeneralOptionsHandler:
		return http.HandlerFunc(generalOptions)
	}
	return h
}

func expectsContinue(r *http.Request) bool {
	return hasToken(r.Header["Expect"], "100-continue")
}

// expectationFailed answers an expectation that nobody knows (RFC 9110,
// section 10.1.1).
func expectationFailed(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Connection", "close")
	w.WriteHeader(http.StatusExpectationFailed)
}

// generalOptions answers OPTIONS * (RFC 9110, section 9.3.7).
func generalOptions(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Length", "0")
	if r.ContentLength != 0 {
		io.Copy(io.Discard, http.MaxBytesReader(w, r.Body, 4<<10))
	}
}
