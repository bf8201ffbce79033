package gateway

import (
	"sync"
	"sync/atomic"
)

// An errorStream is the error stream of a request, which ends with it: the
// exchange may serve another one after that.
type errorStream struct {
	run    *run
	mu     sync.Mutex
	used   atomic.Bool // before mu is taken
	closed atomic.Bool
}

// Write writes p to the exchange's own stream. It fails when Run has returned.
func (s *errorStream) Write(p []byte) (int, error) {
	s.used.Store(true)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed.Load() {
		return 0, errReturned
	}
	return s.run.exchange.Stderr().Write(p)
}

// close waits for a Write under way.
func (s *errorStream) close() {
	s.closed.Store(true)
	if s.used.Load() {
		s.mu.Lock()
		defer s.mu.Unlock()
	}
}
