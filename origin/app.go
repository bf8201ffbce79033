package origin

import "net/http"

// SetApp makes h answer the requests whose handling begins from now on, in
// place of Handler; nil gives them back to Handler (wsgiref's set_app). What
// is under way goes on. It may be called at any time, also while the server
// serves.
func (s *Server) SetApp(h http.Handler) {
	if h == nil {
		s.app.Store(nil)
		return
	}
	s.app.Store(&h)
}

// App returns what answers requests now: the handler of SetApp, otherwise
// Handler, otherwise http.DefaultServeMux (wsgiref's get_app). It may be called
// at any time.
func (s *Server) App() http.Handler {
	if h := s.app.Load(); h != nil {
		return *h
	}
	if s.Handler != nil {
		return s.Handler
	}
	return http.DefaultServeMux
}
