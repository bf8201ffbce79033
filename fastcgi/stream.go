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
	taken int64       // bytes that the handler has read
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
	if s.taken += int64(n); s.held.Len() == 0 {
		s.spill = false
	}
	return n
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
		s.held.Close()
	}
	return len(p)
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
	if s.ended || s.err != nil || q.state == answered {
		return len(p), nil
	}
	n := s.put(p)
	if n < len(p) && q.state == receiving {
		return n, protocolError("STDIN before the end of PARAMS")
	}
	c.moved.Broadcast()
	return n, nil
}

// awaitRoom waits until the handler has read from s, or will not. A handler
// that reads nothing for streamPatience, or as much as that holds up other
// requests, has the rest of the stream set aside in a file.
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
// called. It waits on for a handler that reads meanwhile, if nobody else is held
// up. The mutex is held around both.
func (c *conn) setAside(s *stream) (stop func()) {
	taken, over := s.taken, false
	var t *time.Timer
	t = time.AfterFunc(streamPatience, func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		switch {
		case over:
		case s.taken > taken && len(c.active)+c.ending == 1:
			taken = s.taken
			t.Reset(streamPatience)
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
