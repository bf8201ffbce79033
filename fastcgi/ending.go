package fastcgi

import (
	"errors"
	"io"
	"slices"
	"time"

	"github.com/postern-go/postern/internal/server"
)

// finishing makes q inactive before its END_REQUEST is written, since the peer
// may use the id again as soon as it has read that. It reports whether other
// requests share the connection, whether the web server has left this one, and
// whether the connection ends with it without the web server's knowledge: that
// takes no more from here on.
func (c *conn) finishing(q *request) (shared, left, last bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.drop(q)
	q.releaseParams()
	c.ending++
	c.roomFor(q)
	shared, left = len(c.active)+c.ending > 1, q.aborted != nil
	if !shared && !left && q.keep && c.nc.Draining() && !c.last && !c.eof && !c.posting && c.refusals == 0 && (c.srv.leaving() || !c.arrived(q)) {
		c.last, c.parting, c.half = true, true, true
	}
	return shared, left, c.parting
}

// arrived reports whether there may be something to read behind q, which has
// been answered. The mutex is held.
func (c *conn) arrived(q *request) bool {
	taken := c.waiting.Load()
	if c.lead == q && !c.reading {
		taken = c.input.r == c.input.w
	}
	return !taken || c.nc.Arrived()
}

// finished comes after END_REQUEST. Where q had the lead, it takes that back and
// returns true. It settles what becomes of the connection, unless a request has
// the lead: then loop does when it has it back.
func (c *conn) finished(q *request) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ending--
	c.moved.Broadcast()
	if !q.keep {
		c.last = true
	}
	c.tells()
	if c.lead == q && c.regain(q) {
		return true
	}
	if c.lead == nil && c.settle() {
		c.idles(time.Now())
	}
	return false
}

// between decides, with the lead, whether the connection goes on. It returns
// false when it has been closed.
func (c *conn) between() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := c.forgets()
	if c.half && c.ending == 0 && c.drained(n) {
		c.nc.Close()
		return false
	}
	return c.settle()
}

// settle closes the connection when no request is under way and none will come,
// and reports whether it is still open. A peer that is still sending is heard
// out, since it may not look for the answer before, and a close would destroy
// that. So is one that keeps the connection and does not know that it ends: it
// may be sending its next request.
func (c *conn) settle() bool {
	if len(c.active)+c.ending > 0 {
		return true
	}
	if c.posting {
		if c.eof { // and the clock has stopped
			c.nc.SetWriteDeadline(time.Now().Add(c.srv.drainTimeout()))
		}
		return true
	}
	if c.refusals > 0 {
		c.nc.Idle() // Shutdown does not wait for what is refused
		return true
	}
	if !c.last && !c.eof {
		if c.begun {
			c.nc.Idle() // Retire ends it where the server drains
		}
		return true
	}
	drain := c.srv.drainTimeout()
	if c.eof || c.unread == 0 && !c.parting || drain <= 0 || c.heard.IsZero() && c.nc.CloseWrite() != nil {
		c.nc.Close()
		return false
	}
	if c.heard.IsZero() {
		c.half = true
		c.hear()
	}
	return true
}

// hear gives a peer that is heard out its time.
func (c *conn) hear() {
	c.heard = time.Now().Add(c.srv.drainTimeout())
	c.nc.SetReadDeadline(c.heard)
}

// resume ends an interruption. A peer that is heard out meanwhile keeps its
// time. The mutex is held.
func (c *conn) resume() {
	c.nc.Resume()
	if c.half {
		c.nc.SetReadDeadline(c.heard)
	}
}

// Retire closes a connection on which no request is under way, and none has
// arrived. What it still has to say may take DrainTimeout.
func (c *conn) Retire() {
	c.mu.Lock()
	defer c.mu.Unlock()
	over := c.waiting.Load()
	if c.telling() {
		over = time.Since(c.told) >= c.srv.drainTimeout()
	}
	if over && c.quiet() {
		c.leave()
	}
}

// leave closes the connection, on which no request is under way. A peer that
// does not take what it is told is not heard out.
func (c *conn) leave() {
	if c.telling() {
		c.nc.Close()
		return
	}
	c.refusals, c.last = 0, true
	c.settle()
}

// ended does what is left when loop cannot go on.
func (c *conn) ended(err error) {
	defer c.input.release()
	c.mu.Lock()
	c.stopClock()
	c.mu.Unlock()
	if err == errDone {
		return
	}
	c.failed(err)
	if err == io.EOF && c.busy() {
		err = c.nc.Gone(err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, q := range c.active {
		q.cut(err)
	}
	c.settle()
}

func (c *conn) busy() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.active)+c.ending > 0
}

// failed takes note that nothing more can be read. Bodies that are not whole
// fail from here on; at the end of the stream a peer that only half closed
// still gets its answers.
func (c *conn) failed(err error) {
	what := c.fail(err)
	if what != "" {
		c.complain(what)
	}
}

// fail does so and returns what there is to log.
func (c *conn) fail(err error) (what string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.eof || server.Interrupted(err) && c.heard.IsZero() {
		return ""
	}
	what = c.complaint(err)
	c.input.err = err
	c.eof = true
	c.refusals = 0
	for _, q := range slices.Clone(c.active) {
		q.eachStream(func(s *stream) { s.fail(io.ErrUnexpectedEOF) })
		if q.state == receiving {
			c.drop(q)
		}
	}
	c.moved.Broadcast()
	return what
}

// complaint says what was wrong with a connection that did not end between two
// requests. One that has had its last answer may end as it likes.
func (c *conn) complaint(err error) string {
	switch {
	case c.half:
		return ""
	case errors.As(err, new(protocolError)):
		return err.Error()
	case err != io.EOF:
		return ""
	case c.partial():
		return "fastcgi: connection ended inside a record"
	case c.receiving():
		return "fastcgi: connection ended before the end of PARAMS"
	}
	return ""
}

// partial reports whether a record that still matters has arrived in part.
func (c *conn) partial() bool {
	in := &c.input
	switch {
	case !in.inside:
		return in.r < in.w
	case in.use == useStream:
		return in.stream.q.state != answered
	}
	return in.use != useNone
}

func (c *conn) receiving() bool {
	for _, q := range c.active {
		if q.state == receiving {
			return true
		}
	}
	return false
}
