package cgi

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

// signals returns a context that ends with parent, and with SIGTERM and SIGPIPE once somebody watches.
func (w *watch) signals(parent context.Context) (context.Context, context.CancelCauseFunc) {
	ctx, cancel := context.WithCancelCause(parent)
	w.sources = append(w.sources, func() (stop func()) {
		received, over, ended := make(chan os.Signal, 1), make(chan struct{}), make(chan struct{})
		signal.Notify(received, syscall.SIGTERM, syscall.SIGPIPE)
		go func() {
			defer close(ended)
			select {
			case s := <-received:
				cancel(fmt.Errorf("cgi: received %v", s))
			case <-over:
			}
		}()
		return func() {
			signal.Stop(received)
			close(over)
			<-ended
		}
	})
	return ctx, cancel
}
