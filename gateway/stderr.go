package gateway

import "sync"

// An errorStream is the error stream of a request, which ends with it: the
// exchange may serve another one after that.
type errorStream struct {
	run    *run
	mu     sync.Mutex
	closed bool
}

// Write writes p to the exchange's own stream. It fails when Run has returned.
func (s *errorStream) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return 0, errReturned
	}
	return s.run.exchange.Stderr().Write(p)
}

// close waits for a Write under way.
func (s *errorStream) close() {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
}
