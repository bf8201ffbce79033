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
	// stdinMemory is how much of a body, in bytes, is held in memory for a
	// handler that does not read it.
	stdinMemory = 64 << 10
	// stdinPatience is how long reading waits for a handler that lets its body
	// pile up, before the rest goes to a file.
	stdinPatience = time.Millisecond
)

// ErrSpoolFull is what reads of a request body return when so much of it came
// before anybody read it that it was over Server.MaxSpool.
var ErrSpoolFull = errors.New("fastcgi: request body not read in time and too large to set aside")

// A stdin is the STDIN stream of a request as far as it has been read ahead of
// the handler. It is guarded by the mutex of the connection.
type stdin struct {
	held  fifo.Queue
	spill bool  // what comes goes to the file if it must
	taken int64 // bytes that the handler has taken out of held
	ended bool  // the empty record has arrived
	err   error // why there will be no more
}

// fail ends the stream early, unless it has ended.
func (s *stdin) fail(err error) {
	if !s.ended && s.err == nil {
		s.err = err
	}
}

// take moves what is held to p.
func (s *stdin) take(p []byte) int {
	n, err := s.held.Pop(p)
	if err != nil {
		s.ended, s.err = false, err
	}
	if s.taken += int64(n); s.held.Len() == 0 {
		s.spill = false
	}
	return n
}

// put holds some of p and returns how much: all of it when it may go to the
// file. What is over the limit ends the stream, and is dropped.
func (s *stdin) put(p []byte) int {
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
func (s *stdin) roomy() bool {
	return s.spill || s.err != nil || s.held.Len() <= stdinMemory/2
}

// Read reads the STDIN stream: what is held, or else from the connection,
// where this request has the lead.
func (q *request) Read(p []byte) (int, error) {
	c := q.conn
	c.mu.Lock()
	defer c.mu.Unlock()
	for {
		if q.late {
			return 0, os.ErrDeadlineExceeded
		}
		if n := q.stdin.take(p); n > 0 {
			if q.stdin.roomy() {
				c.roomFor(q)
			}
			return n, nil
		}
		switch {
		case q.stdin.err != nil:
			return 0, q.stdin.err
		case q.stdin.ended:
			return 0, io.EOF
		case q.state == answered:
			return 0, io.ErrClosedPipe
		case c.lead == q && !c.reading:
			if n := c.readStdin(q, p); n > 0 {
				return n, nil
			}
		default:
			c.moved.Wait()
		}
	}
}

// settled reports whether a read of the body need not wait.
func (q *request) settled() bool {
	q.conn.mu.Lock()
	defer q.conn.mu.Unlock()
	return q.stdin.held.Len() > 0 || q.stdin.ended || q.stdin.err != nil || q.state == answered
}

// addStdin holds body bytes for the handler and returns how many there was room
// for. What nobody will read is dropped.
func (q *request) addStdin(p []byte) (int, error) {
	c := q.conn
	c.mu.Lock()
	defer c.mu.Unlock()
	if q.stdin.ended || q.stdin.err != nil || q.state == answered {
		return len(p), nil
	}
	n := q.stdin.put(p)
	if n < len(p) && q.state == receiving {
		return n, protocolError("STDIN before the end of PARAMS")
	}
	c.moved.Broadcast()
	return n, nil
}

// awaitRoom waits until the handler of q has read from its body, or will not.
// A handler that reads nothing for stdinPatience, or as much as that holds up
// other requests, has the rest of its body set aside in a file.
func (c *conn) awaitRoom(q *request) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	defer c.setAside(q)()
	for q.state != answered && !q.stdin.roomy() {
		if c.regains {
			return os.ErrDeadlineExceeded
		}
		c.full = q
		c.mu.Unlock()
		err := c.nc.Hangup()
		c.mu.Lock()
		c.full = nil
		if !server.Interrupted(err) {
			return err
		}
		if !c.regains {
			c.nc.Resume()
		}
	}
	return nil
}

// setAside has what still comes for q go to a file in a while, until stop is
// called. It waits on for a handler that reads meanwhile, if nobody else is held
// up. The mutex is held around both.
func (c *conn) setAside(q *request) (stop func()) {
	taken, over := q.stdin.taken, false
	var t *time.Timer
	t = time.AfterFunc(stdinPatience, func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		switch {
		case over:
		case q.stdin.taken > taken && len(c.active)+c.ending == 1:
			taken = q.stdin.taken
			t.Reset(stdinPatience)
		default:
			q.stdin.spill = true
			c.roomFor(q)
		}
	})
	return func() {
		over = true
		t.Stop()
	}
}

// roomFor ends the wait for room in the body of q.
func (c *conn) roomFor(q *request) {
	if c.full == q {
		c.nc.Interrupt()
	}
}

// endStdin ends the body.
func (q *request) endStdin() {
	q.conn.mu.Lock()
	defer q.conn.mu.Unlock()
	q.stdin.ended = true
	q.conn.moved.Broadcast()
}
