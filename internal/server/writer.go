package server

import (
	"net"
	"sync"
)

const (
	// writeBuffer is what a Writer gathers, in bytes, before it writes.
	writeBuffer = 8 << 10
	// directWrite is the size, in bytes, from which a caller's slice is
	// written as it is, without a copy.
	directWrite = 4 << 10
)

var writeBuffers = sync.Pool{New: func() any { return new([writeBuffer]byte) }}

// A Writer gathers small writes and passes large ones on from the caller's own
// memory, together with what was gathered before them. The first error stays:
// nobody could tell where what is written after it belongs.
type Writer struct {
	conn *Conn
	buf  *[writeBuffer]byte
	n    int
	vec  net.Buffers
	pair [2][]byte
	err  error
}

// NewWriter returns a writer to c.
func NewWriter(c *Conn) *Writer {
	return &Writer{conn: c}
}

// Write buffers or sends p and does not keep it.
func (w *Writer) Write(p []byte) (int, error) {
	if w.err != nil {
		return 0, w.err
	}
	if len(p) >= directWrite {
		return w.direct(p)
	}
	if w.n+len(p) > writeBuffer {
		if err := w.Flush(); err != nil {
			return 0, err
		}
	}
	if w.buf == nil {
		w.buf = writeBuffers.Get().(*[writeBuffer]byte)
	}
	w.n += copy(w.buf[w.n:], p)
	return len(p), nil
}

func (w *Writer) direct(p []byte) (n int, err error) {
	defer func() { w.err = err }()
	if w.n == 0 {
		return w.conn.Write(p)
	}
	before := w.n
	w.pair = [2][]byte{w.buf[:w.n], p}
	w.vec = w.pair[:]
	w.n = 0
	sent, err := w.conn.WriteBuffers(&w.vec)
	w.pair = [2][]byte{}
	w.release()
	return max(int(sent)-before, 0), err
}

// Flush sends what was gathered.
func (w *Writer) Flush() error {
	if w.n == 0 {
		return w.err
	}
	_, w.err = w.conn.Write(w.buf[:w.n])
	w.n = 0
	w.release()
	return w.err
}

func (w *Writer) release() {
	writeBuffers.Put(w.buf)
	w.buf = nil
}
