package fastcgi

import (
	"errors"
	"io"
	"os"
	"time"

	"github.com/postern-go/postern/internal/fifo"
	"github.com/postern-go/postern/internal/server"
)

const (
	// streamMemory is how much of a stream, in bytes, is held in memory for a
	// handler that does not read it.
	streamMemory = 64 << 10
	// streamPatience is how long reading waits for a handler that lets a stream
	// pile up, before the rest goes to a file.
	streamPatience = time.Millisecond
	// readerPatience is how long it waits, from its last read, for one that reads,
	// unless that might hold up others.
	readerPatience = 100 * time.Millisecond
)

// ErrSpoolFull is what reads of a request body, or of the data of a Filter,
// return when so much of it came before anybody read it that it was over
// Server.MaxSpool.
var ErrSpoolFull = errors.New("fastcgi: request body not read in time and too large to set aside")

// A stream is STDIN or DATA of a request, as far as it has been read ahead of
// the handler. It is guarded by the mutex of the connection.
type stream struct {
	q     *request
	held  *fifo.Queue // nil until something is held
	taken int64       // bytes that the handler has read, or that were dropped before it could
	err   error       // why there will be no more
	spill bool        // what comes goes to the file if it must
	ended bool        // the empty record has arrived
}

// fail ends the stream early, unless it has ended.
func (s *stream) fail(err error) {
	if !s.ended && s.err == nil {
		s.err = err
	}
}

// take moves what is held to p.
func (s *stream) take(p []byte) int {
	n, err := s.held.Pop(p)
	if err != nil {
		s.err = err
	}
	s.read(n)
	if s.held.Len() == 0 {
		s.spill = false
	}
	return n
}

// read takes note of n bytes that the handler has read.
func (s *stream) read(n int) {
	if n > 0 {
		s.taken += int64(n)
		s.q.conn.read = time.Now()
	}
}

// put holds some of p and returns how much: all of it when it may go to the
// file. What is over the limit ends the stream, and is dropped.
func (s *stream) put(p []byte) int {
	if s.held == nil {
		s.held = &fifo.Queue{Memory: streamMemory, Limit: s.q.conn.srv.maxSpool()}
	}
	if !s.spill {
		p = p[:min(len(p), s.held.Room())]
	}
	if err := s.held.Push(p); err != nil {
		if errors.Is(err, fifo.ErrFull) {
			err = ErrSpoolFull
		}
		s.fail(err)
		s.taken += s.held.Len() + int64(len(p))
		s.held.Close()
	}
	return len(p)
}

// left returns how many bytes are still to come, by what the request has said.
// Where it has not, that is none.
func (s *stream) left() int64 {
	return max(0, s.q.announced(s)-s.taken-s.held.Len())
}

// roomy reports whether so little is held that reading on is worth the while.
func (s *stream) roomy() bool {
	return s.spill || s.err != nil || s.held.Len() <= streamMemory/2
}

// Read reads the stream: what is held, or else from the connection, where this
// request has the lead.
func (s *stream) Read(p []byte) (int, error) {
	q := s.q
	c := q.conn
	c.mu.Lock()
	defer c.mu.Unlock()
	defer q.awaited()
	for {
		if q.late {
			return 0, os.ErrDeadlineExceeded
		}
		if n := s.take(p); n > 0 {
			if s.roomy() {
				c.roomFor(q)
			}
			return n, nil
		}
		switch {
		case s.err != nil:
			return 0, s.err
		case q.state == answered:
			return 0, io.ErrClosedPipe
		case s.ended:
			return 0, io.EOF
		}
		q.awaits()
		switch {
		case c.lead == q && !c.reading:
			if n := c.readStream(s, p); n > 0 {
				return n, nil
			}
		default:
			c.moved.Wait()
		}
	}
}

// settled reports whether a read need not wait.
func (s *stream) settled() bool {
	c := s.q.conn
	c.mu.Lock()
	defer c.mu.Unlock()
	return s.held.Len() > 0 || s.ended || s.err != nil || s.q.state == answered
}

// add holds bytes for the handler and returns how many there was room for. What
// nobody will read is dropped.
func (s *stream) add(p []byte) (int, error) {
	q := s.q
	c := q.conn
	c.mu.Lock()
	defer c.mu.Unlock()
	q.hears()
	switch {
	case q.state == answered:
		c.input.dropped += int64(len(p))
		return len(p), nil
	case s.ended:
		return len(p), nil
	case s.err != nil:
		s.taken += int64(len(p))
		return len(p), nil
	}
	n := s.put(p)
	if n < len(p) && q.state == receiving {
		return n, protocolError("STDIN before the end of PARAMS")
	}
	c.moved.Broadcast()
	return n, nil
}

// awaitRoom waits until the handler has read from s, or will not. When that
// takes too long, the rest of the stream is set aside in a file.
func (c *conn) awaitRoom(s *stream) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	defer c.setAside(s)()
	for s.q.state != answered && !s.roomy() {
		if c.regains {
			return os.ErrDeadlineExceeded
		}
		c.full = s
		c.mu.Unlock()
		err := c.nc.Hangup()
		c.mu.Lock()
		c.full = nil
		if !server.Interrupted(err) {
			return err
		}
		if !c.regains {
			c.resume()
		}
	}
	return nil
}

// setAside has what still comes for s go to a file in a while, until stop is
// called. The mutex is held around both.
func (c *conn) setAside(s *stream) (stop func()) {
	over := false
	var t *time.Timer
	t = time.AfterFunc(streamPatience, func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		switch more := c.patience(); {
		case over:
		case more > 0:
			t.Reset(more)
		default:
			s.spill = true
			c.roomFor(s.q)
		}
	})
	return func() {
		over = true
		t.Stop()
	}
}

// patience returns for how much longer a handler that is alone on its connection
// counts as one that keeps reading.
func (c *conn) patience() time.Duration {
	if len(c.active)+c.ending > 1 {
		return 0
	}
	return time.Until(c.read.Add(readerPatience))
}

// roomFor ends the wait for room in a stream of q.
func (c *conn) roomFor(q *request) {
	if c.full != nil && c.full.q == q {
		c.nc.Interrupt()
	}
}

// end ends the stream in good order.
func (s *stream) end() {
	c := s.q.conn
	c.mu.Lock()
	defer c.mu.Unlock()
	s.ended = true
	c.moved.Broadcast()
}
