//go:build unix

package cgi

import (
	"io"
	"net/http"
	"os"
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

// An errorStream copies standard error of a program until the handler returns.
type errorStream struct {
	from *os.File
	to   io.Writer
	done chan struct{}
}

func newErrorStream(from *os.File, to io.Writer) *errorStream {
	e := &errorStream{from, to, make(chan struct{})}
	go e.copy()
	return e
}

func (e *errorStream) copy() {
	defer close(e.done)
	buf := make([]byte, 4<<10)
	for {
		n, err := e.from.Read(buf)
		e.to.Write(buf[:n])
		if err != nil {
			return
		}
	}
}

// close copies what is there and does not wait for more: a process that the program left behind may hold the other end.
func (e *errorStream) close() {
	e.from.SetReadDeadline(past)
	<-e.done
	e.from.SetReadDeadline(time.Time{})
	e.drain()
	e.from.Close()
	if lines, ok := e.to.(*backend.Lines); ok {
		lines.Close()
	}
}

// drain reads without waiting. What a pipe holds is bounded, unless somebody keeps writing.
func (e *errorStream) drain() {
	raw, err := e.from.SyscallConn()
	if err != nil {
		return
	}
	buf := make([]byte, 4<<10)
	for left := 1 << 20; left > 0; {
		n := 0
		if raw.Read(func(fd uintptr) bool { n, _ = syscall.Read(int(fd), buf); return true }) != nil || n <= 0 {
			return
		}
		e.to.Write(buf[:n])
		left -= n
	}
}
