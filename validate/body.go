package validate

import (
	"io"
	"sync"
	"sync/atomic"
)

// A body is the request body that the handler gets. Its zero value is that of a
// request without one.
type body struct {
	exchange *exchange
	inner    io.ReadCloser
	readers  atomic.Int32 // goroutines in Read

	mu     sync.Mutex
	sample sample // of what was read
	ended  bool   // io.EOF came
	failed bool   // another error came
	closed bool
}

// Read checks the call, reads, and checks what came.
func (b *body) Read(p []byte) (int, error) {
	defer b.readers.Add(-1)
	if b.readers.Add(1) > 1 {
		b.exchange.find("body-concurrent", "", "A Read was already under way.")
	}
	b.checkRead()
	n, err := b.inner.Read(p)
	b.took(p, n, err)
	return n, err
}

func (b *body) checkRead() {
	b.mu.Lock()
	closed := b.closed
	b.mu.Unlock()
	switch {
	case b.exchange.returned.Load():
		b.exchange.find("read-after-return", "", "A Read began.")
	case closed:
		b.exchange.find("body-read-after-close", "", "A Read began.")
	}
}

// took takes note of the result of a Read, and checks the server's side of it.
func (b *body) took(p []byte, n int, err error) {
	if n < 0 || n > len(p) {
		b.exchange.find("request-body-count", "", "Read into %d bytes returned %d.", len(p), n)
		return
	}
	b.mu.Lock()
	revived := b.ended && n > 0
	before := b.sample.total
	addSample(&b.sample, p[:n])
	total := b.sample.total
	ends := err == io.EOF && !b.ended
	if ends {
		b.ended = true
		b.exchange.shareTrailer()
	}
	b.failed = b.failed || err != nil && err != io.EOF
	b.mu.Unlock()
	switch length := b.exchange.length; {
	case revived:
		b.exchange.find("request-body-after-end", "", "Read returned %d bytes.", n)
	case length < 0:
	case before <= length && total > length:
		b.exchange.find("request-body-long", "", "ContentLength is %d, %d bytes have come.", length, total)
	case ends && total < length:
		b.exchange.find("request-body-short", "", "ContentLength is %d, %d bytes came.", length, total)
	}
}

// Close closes the body of the server.
func (b *body) Close() error {
	b.mu.Lock()
	b.closed = true
	b.mu.Unlock()
	if !b.exchange.returned.Load() {
		b.exchange.find("body-closed", "", "Close was called.")
	}
	err := b.inner.Close()
	if b.readers.Load() == 0 { // nobody can begin a Read that sets it
		b.mu.Lock()
		b.exchange.shareTrailer()
		b.mu.Unlock()
	}
	return err
}

// finish looks for what was left unread by a handler that succeeded.
func (b *body) finish() {
	if b.inner == nil {
		return
	}
	b.mu.Lock()
	total, length := b.sample.total, b.exchange.length
	whole := b.ended || b.failed || total == length
	b.mu.Unlock()
	if status := b.exchange.writer.answered(); !whole && 200 <= status && status < 400 {
		b.exchange.find("body-unread", "", "ContentLength is %d, %d bytes were read.", length, total)
	}
}
