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
	length   int64        // ContentLength as it came
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
	b.exchange.shareTrailer()
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
	b.ended = b.ended || err == io.EOF
	b.failed = b.failed || err != nil && err != io.EOF
	b.mu.Unlock()
	switch {
	case revived:
		b.exchange.find("request-body-after-end", "", "Read returned %d bytes.", n)
	case b.length < 0:
	case before <= b.length && total > b.length:
		b.exchange.find("request-body-long", "", "ContentLength is %d, %d bytes have come.", b.length, total)
	case ends && total < b.length:
		b.exchange.find("request-body-short", "", "ContentLength is %d, %d bytes came.", b.length, total)
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
	defer b.exchange.shareTrailer()
	return b.inner.Close()
}

// finish looks for what was left unread by a handler that succeeded.
func (b *body) finish() {
	if b.inner == nil {
		return
	}
	b.mu.Lock()
	total := b.sample.total
	whole := b.ended || b.failed || total == b.length
	b.mu.Unlock()
	if status := b.exchange.writer.answered(); !whole && 200 <= status && status < 400 {
		b.exchange.find("body-unread", "", "ContentLength is %d, %d bytes were read.", b.length, total)
	}
}
