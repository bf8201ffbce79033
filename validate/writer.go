package validate

import (
	"errors"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/postern-go/postern/headers"
)

// A writer is the ResponseWriter that the handler gets, without the optional
// interfaces of optional.go.
type writer struct {
	exchange *exchange
	inner    http.ResponseWriter
	users    atomic.Int32 // calls of methods that answer

	mu       sync.Mutex
	status   int             // 0 until the final head
	fields   []headers.Field // the header at that moment
	length   int64           // declared Content-Length, -1 when there is none
	sample   sample          // of what the handler wrote
	accepted int64           // bytes of it that the server took
	failed   error           // the first write error
	hijacked bool
	escaped  bool // the handler took the server's writer by Unwrap

	room [16]headers.Field // of fields
}

// Header returns the header map of the server.
func (w *writer) Header() http.Header {
	if w.exchange.returned.Load() {
		w.exchange.find("write-after-return", "", "Header was called.")
	}
	return w.inner.Header()
}

// WriteHeader checks the head and sends it.
func (w *writer) WriteHeader(code int) {
	c := call{w: w}
	defer c.end()
	c.begin("WriteHeader")
	c.head(code)
	w.inner.WriteHeader(code)
	c.settle()
}

// Write checks the bytes against the head and writes them.
func (w *writer) Write(p []byte) (int, error) { return write(w, "Write", p, w.inner.Write) }

// WriteString is Write by the WriteString of the server, where it has one.
func (w *writer) WriteString(s string) (int, error) { return write(w, "WriteString", s, w.passString) }

// FlushError flushes for http.ResponseController, which finds it before Flush.
func (w *writer) FlushError() error {
	c := call{w: w}
	defer c.end()
	c.begin("Flush")
	if flushable(w.inner) {
		c.implicitHead()
	}
	err := http.NewResponseController(w.inner).Flush()
	c.settle()
	w.fail(err)
	return err
}

// SetReadDeadline is that of the server.
func (w *writer) SetReadDeadline(t time.Time) error {
	return http.NewResponseController(w.inner).SetReadDeadline(t)
}

// SetWriteDeadline is that of the server.
func (w *writer) SetWriteDeadline(t time.Time) error {
	return http.NewResponseController(w.inner).SetWriteDeadline(t)
}

// EnableFullDuplex is that of the server.
func (w *writer) EnableFullDuplex() error {
	return http.NewResponseController(w.inner).EnableFullDuplex()
}

// Unwrap returns the ResponseWriter of the server. What is done with it cannot
// be seen any more, so that checks of the response end; not so for an
// http.ResponseController that looks for a Hijacker where there is none.
func (w *writer) Unwrap() http.ResponseWriter {
	if !hijackable(w.inner) && calledBy("net/http.(*ResponseController).Hijack") {
		return w.inner
	}
	w.mu.Lock()
	w.escaped = true
	w.mu.Unlock()
	return w.inner
}

// fail takes note of an error that says that the client is gone.
func (w *writer) fail(err error) {
	if err == nil {
		return
	}
	for _, not := range [...]error{http.ErrBodyNotAllowed, http.ErrContentLength, http.ErrHijacked, http.ErrNotSupported} {
		if errors.Is(err, not) {
			return
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.failed == nil {
		w.failed = err
	}
}

// answered returns the final status, 0 when it is not known.
func (w *writer) answered() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.hijacked || w.escaped {
		return 0
	}
	return w.status
}
