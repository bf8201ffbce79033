//go:build unix

package cgi

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"

	"github.com/postern-go/postern/internal/backend"
)

const (
	defaultMaxProcesses = 100
	defaultMaxQueue     = 1000
)

// processes are those of a Script that run.
type processes struct {
	once    sync.Once
	slots   chan struct{} // holds one for each that runs; nil when there is no limit
	waiting atomic.Int64

	mu      sync.Mutex
	running map[*process]struct{}
	closed  bool
	ended   sync.WaitGroup
}

// acquire waits until one more may run.
func (s *Script) acquire(r *http.Request) error {
	s.processes.once.Do(func() {
		if n := orDefault(s.MaxProcesses, defaultMaxProcesses); n > 0 {
			s.processes.slots = make(chan struct{}, n)
		}
	})
	slots := s.processes.slots
	if slots == nil {
		return nil
	}
	select {
	case slots <- struct{}{}:
		return nil
	default:
	}
	defer s.processes.waiting.Add(-1)
	if s.processes.waiting.Add(1) > int64(max(0, orDefault(s.MaxQueue, defaultMaxQueue))) {
		return fmt.Errorf("cgi: %w: %d programs run and no more requests may wait", backend.ErrOverloaded, cap(slots))
	}
	select {
	case slots <- struct{}{}:
		return nil
	case <-r.Context().Done():
		return fmt.Errorf("cgi: %w: %d programs run: %w", backend.ErrOverloaded, cap(slots), context.Cause(r.Context()))
	}
}

func orDefault(n, standard int) int {
	if n == 0 {
		return standard
	}
	return n
}

// release lets another one run.
func (l *processes) release() {
	if l.slots != nil {
		<-l.slots
	}
}

// reserve announces one that is to run, and refuses it after close.
func (l *processes) reserve() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return fmt.Errorf("%w: the handler is closed", backend.ErrOverloaded)
	}
	l.ended.Add(1)
	return nil
}

// add takes note of one that runs.
func (l *processes) add(p *process) {
	l.mu.Lock()
	if l.running == nil {
		l.running = make(map[*process]struct{})
	}
	l.running[p] = struct{}{}
	closed := l.closed
	l.mu.Unlock()
	if closed {
		p.terminate()
	}
}

// remove forgets one that has ended with all of its group, and lets another one run.
func (l *processes) remove(p *process) {
	l.release()
	l.mu.Lock()
	delete(l.running, p)
	l.mu.Unlock()
	l.ended.Done()
}

// close ends all and waits until they have ended.
func (l *processes) close() {
	l.mu.Lock()
	l.closed = true
	var running []*process
	for p := range l.running {
		running = append(running, p)
	}
	l.mu.Unlock()
	for _, p := range running {
		p.terminate()
	}
	l.ended.Wait()
}
