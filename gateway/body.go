package gateway

import (
	"errors"
	"io"
	"net/http"
	"os"
	"sync"
	"sync/atomic"
)

// The sizes of what WriteTo reads at a time, in bytes: more than a record of
// nginx's, and, where that was full, so that more is there, much more.
const (
	smallPiece = 40 << 10
	largePiece = 128 << 10
)

var smallPieces, largePieces = pieces(smallPiece), pieces(largePiece)

func pieces(size int) *sync.Pool {
	return &sync.Pool{New: func() any {
		p := make([]byte, size)
		return &p
	}}
}

// A body reads the request body. It ends after the declared length, or, when
// the length is unknown, where Stdin ends.
type body struct {
	run    *run
	closed atomic.Bool

	mu     sync.Mutex // one read at a time
	left   int64      // bytes that still come; -1: until Stdin ends
	room   int64      // of MaxBodyBytes, while left is -1
	err    error      // what every later read returns
	expect bool       // the client waits for 100 Continue
}

// Read reads up to len(p) bytes. A body that ends before its declared length
// is io.ErrUnexpectedEOF; one that goes beyond MaxBodyBytes an
// *http.MaxBytesError; one whose client is gone another error.
func (b *body) Read(p []byte) (int, error) {
	if b.closed.Load() {
		return 0, http.ErrBodyReadAfterClose
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.err != nil {
		return 0, b.err
	}
	if len(p) == 0 {
		return 0, nil
	}
	if cause := b.run.ctx.gone(); cause != nil {
		b.err = &Failure{Reason: ErrPeerGone, Broken: true, Err: cause}
		return 0, b.err
	}
	if b.expect {
		b.expect = false
		b.run.resp.sendContinue()
	}
	n, err := b.read(p)
	if b.closed.Load() {
		err = http.ErrBodyReadAfterClose
	}
	b.err = err
	return n, err
}

// WriteTo copies what is left of the body to w, in larger pieces than a reader
// that does not know what comes: io.Copy calls it.
func (b *body) WriteTo(w io.Writer) (total int64, err error) {
	from := smallPieces
	buf := from.Get().(*[]byte)
	defer func() { from.Put(buf) }()
	for {
		n, err := b.Read(*buf)
		if n > 0 {
			m, failed := w.Write((*buf)[:n])
			total += int64(m)
			switch {
			case failed != nil:
				return total, failed
			case m < n:
				return total, io.ErrShortWrite
			}
		}
		switch {
		case err == io.EOF:
			return total, nil
		case err != nil:
			return total, err
		}
		next := smallPieces
		if n >= smallPiece {
			next = largePieces
		}
		if next != from {
			from.Put(buf)
			from, buf = next, next.Get().(*[]byte)
		}
	}
}

func (b *body) read(p []byte) (n int, err error) {
	if s := b.run; s.peeked {
		s.peeked = false
		p[0], n = s.first[0], 1
	} else {
		n, err = b.run.exchange.Stdin().Read(p[:b.most(len(p))])
	}
	if b.left < 0 {
		return b.bounded(n, err)
	}
	b.left -= int64(n)
	switch {
	case b.left == 0:
		return n, io.EOF
	case err == io.EOF:
		return n, io.ErrUnexpectedEOF
	}
	return n, err
}

// most returns how many of n bytes to ask for. Where the length is unknown, one
// byte over MaxBodyBytes tells that there is more.
func (b *body) most(n int) int {
	switch {
	case b.left >= 0:
		return int(min(int64(n), b.left))
	case b.run.engine.MaxBodyBytes > 0:
		return int(min(int64(n), b.room+1))
	}
	return n
}

// bounded keeps a body of unknown length within MaxBodyBytes.
func (b *body) bounded(n int, err error) (int, error) {
	max := b.run.engine.MaxBodyBytes
	switch {
	case max <= 0:
		return n, err
	case int64(n) > b.room:
		return int(b.room), &http.MaxBytesError{Limit: max}
	}
	b.room -= int64(n)
	return n, err
}

// Close makes later reads fail. What is unread stays for the front end.
func (b *body) Close() error {
	b.closed.Store(true)
	return nil
}

// inTheWay reports that the next request on the connection cannot be reached:
// the client still waits for 100 Continue, more than max bytes are unread, or
// nobody can tell any more where the body ends.
// While another goroutine reads, the answer is no.
func (b *body) inTheWay(max int64) bool {
	if b == nil || !b.mu.TryLock() {
		return false
	}
	defer b.mu.Unlock()
	return b.expect || b.left > max || !b.passing()
}

// passing reports that what reads returned says nothing about the bytes that
// follow: no error, the end of the body, of the exchange, of a deadline, or of
// all that the client sends.
func (b *body) passing() bool {
	for _, err := range []error{nil, io.EOF, io.ErrUnexpectedEOF, http.ErrBodyReadAfterClose, os.ErrDeadlineExceeded} {
		if errors.Is(b.err, err) {
			return true
		}
	}
	return false
}

// continued takes note that the handler sent 100 Continue itself.
func (b *body) continued() {
	if b != nil && b.mu.TryLock() {
		b.expect = false
		b.mu.Unlock()
	}
}
