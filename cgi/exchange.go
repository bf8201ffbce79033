package cgi

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"syscall"

	"github.com/postern-go/postern/env"
	"github.com/postern-go/postern/gateway"
)

// outputBuffer is how much of a response is held back, in bytes, so that it leaves in one write.
const outputBuffer = 32 << 10

// An exchange is the request of a Program and its response.
type exchange struct {
	program *Program
	held    []byte // written and not yet sent
	failed  error  // of an earlier write: nothing can follow
	watch   watch
}

var (
	_ gateway.Watcher   = (*exchange)(nil)
	_ gateway.Poller    = (*exchange)(nil)
	_ gateway.Teller    = (*exchange)(nil)
	_ gateway.Persister = (*exchange)(nil)
)

// AddCGIVars adds the whole environment.
func (x *exchange) AddCGIVars(v *env.Vars) {
	v.Grow(len(x.program.Environ))
	for name, value := range x.all {
		v.Add(name, value)
	}
}

// TellCGIVars adds the whole environment.
func (x *exchange) TellCGIVars(b *env.RequestBuilder) {
	for name, value := range x.all {
		b.Add(name, value)
	}
}

func (x *exchange) all(yield func(name, value string) bool) {
	for _, entry := range x.program.Environ {
		name, value, found := strings.Cut(entry, "=")
		if found && name != "" && !yield(name, value) {
			return
		}
	}
}

// Stdin is the stream of the program.
func (x *exchange) Stdin() io.Reader {
	x.watch.step()
	if x.program.Stdin == nil {
		return http.NoBody
	}
	return x.program.Stdin
}

// Stderr is the stream of the program.
func (x *exchange) Stderr() io.Writer {
	if x.program.Stderr == nil {
		return io.Discard
	}
	return x.program.Stderr
}

// Write holds p back, or sends it when it is too much for that.
func (x *exchange) Write(p []byte) (int, error) {
	if len(x.held)+len(p) <= outputBuffer {
		x.held = append(x.held, p...)
		return len(p), nil
	}
	if err := x.Flush(); err != nil {
		return 0, err
	}
	if len(p) < outputBuffer {
		x.held = append(x.held, p...)
		return len(p), nil
	}
	return len(p), x.send(p)
}

// Flush sends what is held back.
func (x *exchange) Flush() error {
	if len(x.held) == 0 {
		return x.failed
	}
	err := x.send(x.held)
	x.held = x.held[:0]
	return err
}

func (x *exchange) send(p []byte) error {
	x.watch.step()
	if x.program.Stdout == nil || x.failed != nil {
		return x.failed
	}
	if _, err := x.program.Stdout.Write(p); err != nil {
		x.fail(err)
	}
	return x.failed
}

func (x *exchange) fail(err error) { x.failed = fmt.Errorf("cgi: response not delivered: %w", err) }

// Attach makes the end of the reader of Stdout end the context.
func (x *exchange) Attach(c gateway.Canceler) {
	var hangup []source
	if out, ok := x.program.Stdout.(syscall.Conn); ok {
		hangup = append(hangup, func() (stop func()) {
			return onHangup(out, func() { c.Cancel(errClosed) })
		})
	}
	x.watch.attach(hangup...)
}

// Watch makes it be seen from now on.
func (x *exchange) Watch() { x.watch.start() }

// Polled makes it be seen from now on when the handler has run for a while.
func (x *exchange) Polled() { x.watch.step() }

// Last is true: a program answers one request.
func (x *exchange) Last() bool { return true }

// CloseAfter has nothing to do: the connection ends with the process.
func (x *exchange) CloseAfter() {}
