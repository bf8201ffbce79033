package validate

import (
	"bufio"
	"errors"
	"io"
	"net"
	"net/http"
)

// The optional interfaces of a ResponseWriter. Handlers find them by type
// assertion, so that the writer has each exactly where the server's has it.
type (
	flushes  struct{ w *writer }
	hijacks  struct{ w *writer }
	readFrom struct{ w *writer }
	pushes   struct{ w *writer }
	notifies struct{ w *writer }
)

// closeNotifier is http.CloseNotifier, which is deprecated and still asked for.
type closeNotifier interface{ CloseNotify() <-chan bool }

func (f flushes) Flush() {
	defer f.w.leave()
	f.w.enter("Flush")
	first := f.w.implicitHead()
	f.w.inner.(http.Flusher).Flush()
	if first {
		f.w.settle()
	}
}

func (h hijacks) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	defer h.w.leave()
	h.w.enter("Hijack")
	c, rw, err := h.w.inner.(http.Hijacker).Hijack()
	if err == nil {
		h.w.mu.Lock()
		h.w.hijacked = true
		h.w.mu.Unlock()
	}
	return c, rw, err
}

func (r readFrom) ReadFrom(src io.Reader) (int64, error) {
	defer r.w.leave()
	r.w.enter("ReadFrom")
	first := r.w.implicitHead()
	n, err := r.w.inner.(io.ReaderFrom).ReadFrom(src)
	if first {
		r.w.settle()
	}
	attempted := n
	if errors.Is(err, http.ErrBodyNotAllowed) || errors.Is(err, http.ErrContentLength) {
		attempted++ // at least one byte was refused
	}
	r.w.admit(attempted)
	r.w.mu.Lock()
	r.w.sample.total += n
	r.w.cut = r.w.cut || err != nil && attempted == n
	r.w.mu.Unlock()
	return n, err
}

func (p pushes) Push(target string, o *http.PushOptions) error {
	return p.w.inner.(http.Pusher).Push(target, o)
}

func (n notifies) CloseNotify() <-chan bool {
	return n.w.inner.(closeNotifier).CloseNotify()
}

const (
	canFlush = 1 << iota
	canHijack
	canReadFrom
	canPush
	canNotify
)

func abilities(w http.ResponseWriter) int {
	can := 0
	if _, ok := w.(http.Flusher); ok {
		can |= canFlush
	}
	if _, ok := w.(http.Hijacker); ok {
		can |= canHijack
	}
	if _, ok := w.(io.ReaderFrom); ok {
		can |= canReadFrom
	}
	if _, ok := w.(http.Pusher); ok {
		can |= canPush
	}
	if _, ok := w.(closeNotifier); ok {
		can |= canNotify
	}
	return can
}

// hijackable reports whether http.ResponseController can hijack w.
func hijackable(w http.ResponseWriter) bool {
	for {
		switch t := w.(type) {
		case http.Hijacker:
			return true
		case interface{ Unwrap() http.ResponseWriter }:
			w = t.Unwrap()
		default:
			return false
		}
	}
}

// flushable reports whether http.ResponseController can flush w.
func flushable(w http.ResponseWriter) bool {
	for {
		switch t := w.(type) {
		case interface{ FlushError() error }, http.Flusher:
			return true
		case interface{ Unwrap() http.ResponseWriter }:
			w = t.Unwrap()
		default:
			return false
		}
	}
}
