package fastcgi

import (
	"io"
	"os"

	"github.com/postern-go/postern/internal/server"
)

// stdinMax is how much of a body, in bytes, is held for a handler that does
// not read it.
const stdinMax = 64 << 10

// A stdin is the STDIN stream of a request as far as it has been read ahead of
// the handler. It is guarded by the mutex of the connection.
type stdin struct {
	buf   []byte
	r     int
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
	n := copy(p, s.buf[s.r:])
	s.r += n
	if s.r == len(s.buf) {
		s.buf, s.r = s.buf[:0], 0
	}
	return n
}

// put holds some of p and returns how much.
func (s *stdin) put(p []byte) int {
	if s.r > 0 && len(s.buf)+len(p) > stdinMax {
		s.buf = s.buf[:copy(s.buf, s.buf[s.r:])]
		s.r = 0
	}
	n := min(len(p), stdinMax-len(s.buf))
	s.buf = append(s.buf, p[:n]...)
	return n
}

// roomy reports whether so little is held that reading on is worth the while.
func (s *stdin) roomy() bool {
	return len(s.buf)-s.r <= stdinMax/2
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
		case q.stdin.ended:
			return 0, io.EOF
		case q.stdin.err != nil:
			return 0, q.stdin.err
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
	return len(q.stdin.buf) > 0 || q.stdin.ended || q.stdin.err != nil || q.state == answered
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
// Meanwhile the departure of the peer shows, but nothing else that it does.
func (c *conn) awaitRoom(q *request) error {
	c.mu.Lock()
	defer c.mu.Unlock()
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
