//go:build unix

package cgi

import (
	"io"
	"net/http"
	"os"
	"sync"
	"syscall"
	"time"

	"github.com/postern-go/postern/gateway"
	"github.com/postern-go/postern/internal/backend"
)

// sink returns where standard error of the program goes.
func (v *invocation) sink(r *http.Request) io.Writer {
	if v.ErrorLog == nil {
		return gateway.Stderr(r)
	}
	return &backend.Lines{Log: v.ErrorLog, Message: "cgi: stderr", Attrs: []any{"program", v.path, "method", r.Method, "uri", r.RequestURI}}
}

// listenAfter is how long a program has run when somebody begins to wait for its standard error. One that is over sooner needs no goroutine for it.
const listenAfter = 5 * time.Millisecond

// An errorStream copies standard error of a program until the handler returns.
type errorStream struct {
	fd    int // does not block
	to    io.Writer
	timer *time.Timer
	done  chan struct{} // closed when nobody listens any more

	mu    sync.Mutex
	from  *os.File // of fd, once somebody listens
	ended bool     // nobody is to begin
}

func newErrorStream(fd int, to io.Writer) *errorStream {
	e := &errorStream{fd: fd, to: to, done: make(chan struct{})}
	e.timer = time.AfterFunc(listenAfter, e.listen)
	return e
}

// listen copies what comes.
func (e *errorStream) listen() {
	defer close(e.done)
	e.mu.Lock()
	if e.ended {
		e.mu.Unlock()
		return
	}
	e.from = os.NewFile(uintptr(e.fd), "|stderr")
	e.mu.Unlock()
	buf := make([]byte, 4<<10)
	for {
		n, err := e.from.Read(buf)
		e.to.Write(buf[:n])
		if err != nil {
			return
		}
	}
}

// end copies what is there, and then nobody listens any more. It does not wait for the other end to close: a process that the program left behind
// may hold it. It may be called again.
func (e *errorStream) end() {
	e.timer.Stop()
	e.mu.Lock()
	e.ended = true
	e.mu.Unlock()
	if e.from != nil {
		e.from.SetReadDeadline(past)
		<-e.done
	}
	e.drain()
}

// close is end for good.
func (e *errorStream) close() {
	e.end()
	if e.from != nil {
		e.from.Close()
	} else {
		syscall.Close(e.fd)
	}
	if lines, ok := e.to.(*backend.Lines); ok {
		lines.Close()
	}
}

// drain reads without waiting. What a pipe holds is bounded, unless somebody keeps writing.
func (e *errorStream) drain() {
	var first [64]byte // mostly there is nothing
	n, _ := syscall.Read(e.fd, first[:])
	if n <= 0 {
		return
	}
	buf := make([]byte, 4<<10)
	copy(buf, first[:n])
	for left := 1 << 20; left > 0; {
		more, _ := syscall.Read(e.fd, buf[n:])
		n += max(0, more)
		e.to.Write(buf[:n])
		if more <= 0 {
			return
		}
		left -= n
		n = 0
	}
}
