package gateway

// stderr is the error stream of a run as an io.Writer. It ends with the request:
// the exchange may serve another one after that.
type stderr run

// Write writes p to the exchange's own stream. It fails when Run has returned.
func (s *stderr) Write(p []byte) (int, error) {
	r := (*run)(s)
	r.past.Or(logging)
	r.errsMu.Lock()
	defer r.errsMu.Unlock()
	if r.did(returning) {
		return 0, errReturned
	}
	return r.exchange.Stderr().Write(p)
}

// closeStderr waits for a Write under way.
func (s *run) closeStderr() {
	if s.did(logging) {
		s.errsMu.Lock()
		defer s.errsMu.Unlock()
	}
}
