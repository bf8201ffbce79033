package cgi

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"sync"
	"sync/atomic"
	"syscall"
)

// signals returns a context that ends with parent, and with SIGTERM once somebody watches. SIGPIPE may come from any pipe or socket of the handler's
// own. So it is the end only where nothing else shows that nobody reads the response any more.
func (w *watch) signals(parent context.Context) context.Context {
	ctx := &w.signaled
	ctx.Context = parent
	w.sources = append(w.sources, func() (stop func()) {
		cancel := ctx.begin()
		term, pipe := make(chan os.Signal, 1), make(chan os.Signal, 1)
		over, ended := make(chan struct{}), make(chan struct{})
		signal.Notify(term, syscall.SIGTERM)
		signal.Notify(pipe, syscall.SIGPIPE)
		go func() {
			defer close(ended)
			for {
				var s os.Signal
				select {
				case s = <-term:
				case s = <-pipe:
					if seesHangup {
						continue
					}
				case <-over:
					return
				}
				cancel(fmt.Errorf("cgi: received %v", s))
				return
			}
		}()
		return func() {
			signal.Stop(term)
			signal.Stop(pipe)
			close(over)
			<-ended
			cancel(nil)
		}
	})
	return ctx
}

// A signaled is a context that can be canceled once begin is called; until then it is its parent, and costs nothing.
type signaled struct {
	context.Context

	once   sync.Once
	begun  atomic.Bool // the fields below are set
	ctx    context.Context
	cancel context.CancelCauseFunc
}

// begin makes it a context of its own.
func (s *signaled) begin() context.CancelCauseFunc {
	s.once.Do(func() {
		s.ctx, s.cancel = context.WithCancelCause(s.Context)
		s.begun.Store(true)
	})
	return s.cancel
}

func (s *signaled) current() context.Context {
	if s.begun.Load() {
		return s.ctx
	}
	return s.Context
}

// Done is asked by those who wait.
func (s *signaled) Done() <-chan struct{} {
	s.begin()
	return s.ctx.Done()
}

func (s *signaled) Err() error { return s.current().Err() }

func (s *signaled) Value(key any) any { return s.current().Value(key) }
