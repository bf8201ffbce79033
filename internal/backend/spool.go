package backend

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"sync"

	"github.com/postern-go/postern/internal/fifo"
)

// ErrTooLarge means that a request body of unknown length is larger than the limit.
var ErrTooLarge = errors.New("request body over the limit")

// DefaultSpool is the largest body of unknown length, in bytes, that is set aside when the caller does not care.
const DefaultSpool = 256 << 20

// spoolMemory is how much of a body is held in memory before there is a file.
const spoolMemory = 64 << 10

// A spool is a request body that was read to its end to learn its length.
type spool struct {
	size int64

	mu     sync.Mutex
	queue  fifo.Queue
	closed bool
}

// Measure returns r itself when the length of its body is known. Otherwise it returns a copy whose body has a known length: it is read
// to its end, at most limit bytes (0: DefaultSpool, negative: no limit). What does not fit 64 KiB goes to a file in os.TempDir that has
// no name. The body of r is then closed, on an error too, and when the context ends while the client still sends. An error is that of the
// context, a *BodyError, or one of setting the body aside, as ErrTooLarge is.
func Measure(r *http.Request, limit int64) (*http.Request, error) {
	if !HasBody(r) || r.ContentLength >= 0 {
		return r, nil
	}
	closed := make(chan struct{})
	stop := context.AfterFunc(r.Context(), func() {
		defer close(closed)
		r.Body.Close()
	})
	s, err := newSpool(r.Body, limit)
	over := context.Cause(r.Context()) // which Close may end, too
	if stop() {
		r.Body.Close()
	} else {
		<-closed
	}
	switch {
	case err != nil && over != nil:
		return nil, over
	case err != nil:
		return nil, err
	}
	out := *r
	out.Body, out.ContentLength, out.TransferEncoding = s, s.size, nil
	return &out, nil
}

func newSpool(r io.Reader, limit int64) (*spool, error) {
	s := &spool{queue: newQueue(limit)}
	part := make([]byte, 32<<10)
	for {
		n, err := r.Read(part)
		if n > 0 {
			if failed := s.push(part[:n]); failed != nil {
				s.Close()
				return nil, fmt.Errorf("request body: %w", failed)
			}
		}
		if err == io.EOF {
			return s, nil
		}
		if err != nil {
			s.Close()
			return nil, &BodyError{err}
		}
	}
}

// newQueue returns an empty queue of at most limit bytes (0: DefaultSpool, negative: no limit).
func newQueue(limit int64) fifo.Queue {
	switch {
	case limit == 0:
		limit = DefaultSpool
	case limit < 0:
		limit = math.MaxInt64
	}
	return fifo.Queue{Memory: int(min(spoolMemory, limit)), Limit: limit}
}

func (s *spool) push(p []byte) error {
	s.size += int64(len(p))
	err := s.queue.Push(p)
	if errors.Is(err, fifo.ErrFull) {
		return ErrTooLarge
	}
	return err
}

// Read takes from what was set aside.
func (s *spool) Read(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return 0, http.ErrBodyReadAfterClose
	}
	n, err := s.queue.Pop(p)
	if n == 0 && err == nil && len(p) > 0 {
		err = io.EOF
	}
	return n, err
}

// Close frees what was set aside.
func (s *spool) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	return s.queue.Close()
}
