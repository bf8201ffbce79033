package validate

import (
	"errors"
	"io"
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
	users    atomic.Int32 // goroutines in a method that writes

	mu       sync.Mutex
	status   int             // 0 until the final head
	fields   []headers.Field // the header at that moment
	keys     int             // keys in the header map then
	length   int64           // declared Content-Length, -1 when there is none
	sample   sample          // of what the server accepted
	failed   error           // the first write error
	cut      bool            // ReadFrom failed: the client is gone, or its source
	hijacked bool
	escaped  bool // the handler took the server's writer by Unwrap

	room [16]headers.Field // of fields
}

// enter and leave enclose every method that writes. Leaving is deferred first,
// since enter may panic with a finding.
func (w *writer) enter(method string) {
	if w.users.Add(1) > 1 {
		w.exchange.find("writer-concurrent", "", "%s began while another call was under way.", method)
	}
	w.mu.Lock()
	hijacked := w.hijacked
	w.mu.Unlock()
	switch {
	case w.exchange.returned.Load():
		w.exchange.find("write-after-return", "", "%s was called.", method)
	case hijacked:
		w.exchange.find("write-after-hijack", "", "%s was called.", method)
	}
}

func (w *writer) leave() {
	w.users.Add(-1)
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
	defer w.leave()
	w.enter("WriteHeader")
	first := w.head(code)
	w.inner.WriteHeader(code)
	if first {
		w.settle()
	}
}

// Write checks the bytes against the head and writes them.
func (w *writer) Write(p []byte) (int, error) {
	defer w.leave()
	w.enter("Write")
	first := w.implicitHead()
	w.admit(int64(len(p)))
	n, err := w.inner.Write(p)
	if first {
		w.settle()
	}
	if 0 <= n && n <= len(p) {
		w.mu.Lock()
		addSample(&w.sample, p[:n])
		w.mu.Unlock()
	}
	w.wrote(n, len(p), err)
	return n, err
}

// WriteString is Write by the WriteString of the server, where it has one.
func (w *writer) WriteString(s string) (int, error) {
	defer w.leave()
	w.enter("WriteString")
	first := w.implicitHead()
	w.admit(int64(len(s)))
	n, err := io.WriteString(w.inner, s)
	if first {
		w.settle()
	}
	if 0 <= n && n <= len(s) {
		w.mu.Lock()
		addSample(&w.sample, s[:n])
		w.mu.Unlock()
	}
	w.wrote(n, len(s), err)
	return n, err
}

// FlushError flushes for http.ResponseController, which finds it before Flush.
func (w *writer) FlushError() error {
	defer w.leave()
	w.enter("Flush")
	first := flushable(w.inner) && w.implicitHead()
	err := http.NewResponseController(w.inner).Flush()
	if first {
		w.settle()
	}
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
	for _, not := range [...]error{http.ErrBodyNotAllowed, http.ErrContentLength, http.ErrHijacked, http.ErrNotSupported} {
		if errors.Is(err, not) {
			return
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if err != nil && w.failed == nil {
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
