package cgi

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

// signals returns a context that ends with SIGTERM and SIGPIPE, and the source that notices them.
func signals() (context.Context, source) {
	ctx, cancel := context.WithCancelCause(context.Background())
	return ctx, func() (stop func()) {
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
	}
}
