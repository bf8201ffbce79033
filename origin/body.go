package origin

import (
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/postern-go/postern/internal/server"
)

// A bodyState is what of a request body comes next on the connection.
type bodyState uint8

const (
	// bodyEnd: nothing, all of it has been read.
	bodyEnd bodyState = iota
	// bodyFixed: left bytes, all that remain of a declared length.
	bodyFixed
	// bodySize: the line with the size of the next chunk.
	bodySize
	// bodyChunk: left bytes of the data of a chunk.
	bodyChunk
	// bodyChunkEnd: the end of line after the data of a chunk.
	bodyChunkEnd
	// bodyTrailer: a trailer field, or the empty line that ends all.
	bodyTrailer
	// bodyBroken: nothing that makes sense; err says why.
	bodyBroken
)

// A body reads the body of one request off the connection.
type body struct {
	x     *exchange
	src   io.Reader   // the connection
	over  atomic.Bool // the exchange has ended: only drain may read
	mu    sync.Mutex
	state bodyState
	left  uint64
	err   error
	lines lineReader // of the chunked coding
}

// begin settles how the body is framed.
func (b *body) begin(x *exchange) {
	b.x, b.src = x, (*incoming)(x)
	switch n := x.req.ContentLength; {
	case n > 0:
		b.state, b.left = bodyFixed, uint64(n)
	case n < 0:
		b.state = bodySize
	}
}

// Read reads what has arrived of the body, and io.EOF after its end.
func (b *body) Read(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.over.Load() {
		return 0, http.ErrBodyReadAfterClose
	}
	return b.read(p)
}

func (b *body) read(p []byte) (int, error) {
	for {
		switch b.state {
		case bodyEnd:
			return 0, io.EOF
		case bodyBroken:
			return 0, b.err
		case bodyFixed, bodyChunk:
			return b.data(p)
		}
		if err := b.advance(); err != nil {
			return 0, b.broken(err)
		}
	}
}

func (b *body) data(p []byte) (int, error) {
	if uint64(len(p)) > b.left {
		p = p[:b.left]
	}
	n, err := b.src.Read(p)
	b.left -= uint64(n)
	switch {
	case b.left > 0:
	case b.state == bodyFixed:
		b.state = bodyEnd
	default:
		b.state = bodyChunkEnd
	}
	if err != nil {
		err = b.broken(err)
	}
	return n, err
}

// broken takes note of an error from which there is no way on. What a deadline
// has interrupted can go on later.
func (b *body) broken(err error) error {
	if server.Interrupted(err) {
		return err
	}
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	b.state, b.err = bodyBroken, err
	return err
}

// done reports that nothing of the body is left on the connection.
func (b *body) done() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.state == bodyEnd
}

// fault returns what is malformed in a body, nil when nothing is.
func (b *body) fault() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if r, ok := b.err.(*refusal); ok {
		return r
	}
	return nil
}

// drain reads the rest of a body that the handler left, after the exchange has
// ended, before the read deadline, which it takes away. It returns false when
// the next request is out of reach.
func (b *body) drain() bool {
	if b.x.req.ContentLength == 0 {
		return true
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	var waste [4096]byte
	for n := 0; n <= maxUnread; {
		m, err := b.read(waste[:])
		if err == io.EOF {
			b.x.conn.c.SetReadDeadline(time.Time{})
			return true
		}
		if n += m; err != nil {
			return false
		}
	}
	return false
}
