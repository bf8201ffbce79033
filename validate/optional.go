package validate

import (
	"bufio"
	"io"
	"net"
	"net/http"
)

// The optional interfaces of a ResponseWriter that handlers find by type
// assertion: the writer has each exactly where the server's has it. Always there
// are WriteString, and what http.ResponseController asks for, which returns
// http.ErrNotSupported where the server's cannot.
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
	c := call{w: f.w}
	defer c.end()
	c.begin("Flush")
	c.implicitHead()
	f.w.inner.(http.Flusher).Flush()
	c.settle()
}

func (h hijacks) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	c := call{w: h.w}
	defer c.end()
	c.begin("Hijack")
	conn, rw, err := h.w.inner.(http.Hijacker).Hijack()
	if err == nil {
		h.w.mu.Lock()
		h.w.hijacked = true
		h.w.mu.Unlock()
	}
	return conn, rw, err
}

// ReadFrom hands the source on as it is: a server may know files and sockets.
func (r readFrom) ReadFrom(src io.Reader) (int64, error) {
	c := call{w: r.w}
	defer c.end()
	c.begin("ReadFrom")
	n, err := r.w.inner.(io.ReaderFrom).ReadFrom(src)
	c.copied(n, err)
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
