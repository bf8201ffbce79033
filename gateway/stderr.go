package gateway

import (
	"sync"
	"sync/atomic"
)

// An errorStream is what is known of the error stream of a request, which ends
// with it: the exchange may serve another one after that.
type errorStream struct {
	mu     sync.Mutex
	used   atomic.Bool // before mu is taken
	closed atomic.Bool
}

// stderr is the error stream of a run as an io.Writer.
type stderr run

// Write writes p to the exchange's own stream. It fails when Run has returned.
func (s *stderr) Write(p []byte) (int, error) {
	s.errs.used.Store(true)
	s.errs.mu.Lock()
	defer s.errs.mu.Unlock()
	if s.errs.closed.Load() {
		return 0, errReturned
	}
	return s.exchange.Stderr().Write(p)
}

// close waits for a Write under way.
func (s *errorStream) close() {
	s.closed.Store(true)
	if s.used.Load() {
		s.mu.Lock()
		defer s.mu.Unlock()
	}
}
