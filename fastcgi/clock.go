package fastcgi

import (
	"time"

	"github.com/postern-go/postern/internal/record"
)

// The clock of a connection ends what takes too long there. It is one timer,
// made when reading first has to wait, and set anew only to ring earlier: what
// happens in time costs a look at the time at most.

// ringBy has the clock ring at t at the latest. The mutex is held, as by all
// here.
func (c *conn) ringBy(t time.Time) {
	switch {
	case c.over:
		return
	case c.clock == nil:
		c.clock = time.AfterFunc(time.Until(t), c.rung)
	case c.rings.IsZero() || t.Before(c.rings):
		c.clock.Reset(time.Until(t))
	default:
		return
	}
	c.rings = t
}

// stopClock is for when nobody reads any more.
func (c *conn) stopClock() {
	c.over = true
	if c.clock != nil {
		c.clock.Stop()
	}
}

// waits begins the times for what reading is about to wait for, perhaps in the
// middle of a record.
func (c *conn) waits(now time.Time, mid bool) {
	if c.half || c.eof {
		return
	}
	header := c.srv.readHeaderTimeout()
	begin := func(since *time.Time) {
		if since.IsZero() && header > 0 {
			*since = now
			c.ringBy(now.Add(header))
		}
	}
	if mid {
		begin(&c.stuck)
	}
	for _, q := range c.active {
		if q.state == receiving && header > 0 {
			begin(&q.timed().since)
		}
	}
	c.idles(now)
}

// unstick takes note that a record that was waited for is complete.
func (c *conn) unstick() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.input.stuck, c.stuck = false, time.Time{}
}

// midRecord reports whether a record has come in part. What is left of a body
// takes as long as it takes: the handler waits for it, or nobody.
func (c *conn) midRecord() bool {
	in := &c.input
	switch {
	case !in.inside:
		return in.r < in.w
	case in.head.Type == record.Stdin, in.head.Type == record.Data:
		return false
	}
	return true
}

// idles begins the time for the next request, when there is none under way.
func (c *conn) idles(now time.Time) {
	if !c.quiet() {
		return
	}
	c.nc.Since(now)
	if d := c.srv.idleTimeout(); d > 0 {
		c.idle = now
		c.ringBy(now.Add(d))
	}
}

// tells begins the time for the peer to take what the connection itself has to
// say, if there is anything. It counts while no request is under way, and then
// Shutdown waits for no more than that.
func (c *conn) tells() {
	if !c.telling() {
		return
	}
	c.told = time.Now()
	c.idles(c.told)
	if c.quiet() && c.begun {
		c.nc.Idle()
	}
}

// telling reports whether there may be something that the peer does not take.
func (c *conn) telling() bool { return c.posting || c.blocked }

// quiet reports whether no request is under way, but for such as were refused.
func (c *conn) quiet() bool {
	return len(c.active)+c.ending == 0 && !c.half && !c.eof
}

// awaits begins the time for more of a stream of q, unless it has begun.
func (q *request) awaits() {
	d := q.conn.srv.readTimeout()
	if d <= 0 || q.ownRead {
		return
	}
	if t := q.timed(); t.until.IsZero() {
		t.until = time.Now().Add(d)
		q.conn.ringBy(t.until)
	}
}

// awaited ends that time.
func (q *request) awaited() {
	if q.times != nil {
		q.times.until = time.Time{}
	}
}

// hears begins it anew, since something has come.
func (q *request) hears() {
	if t := q.times; t != nil && !t.until.IsZero() {
		t.until = time.Now().Add(q.conn.srv.readTimeout())
	}
}

// rung ends what is over its time, and has the clock ring for what comes next.
func (c *conn) rung() {
	if what := c.late(time.Now()); what != "" {
		c.complain(what)
	}
}

// late does so, without the mutex held, and returns what there is to log.
func (c *conn) late(now time.Time) (what string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.rings = time.Time{}
	if c.over || c.half || c.eof {
		return ""
	}
	c.lateBodies(now)
	what = c.lateHeads(now)
	c.lateRequest(now)
	return what
}

// lateRequest ends a connection on which nothing has come or been taken for too
// long, and no request is under way.
func (c *conn) lateRequest(now time.Time) {
	d := c.srv.idleTimeout()
	if d <= 0 || !c.quiet() {
		return
	}
	since := c.idle
	switch {
	case c.telling():
		since = c.told
	case !c.waiting.Load():
		since = now
	}
	if t := since.Add(d); t.After(now) {
		c.ringBy(t)
	} else {
		c.leave()
	}
}

// lateBodies fails the reads that have waited too long.
func (c *conn) lateBodies(now time.Time) {
	for _, q := range c.active {
		switch t := q.times; {
		case t == nil || t.until.IsZero():
		case t.until.After(now):
			c.ringBy(t.until)
		default:
			q.late = true
			c.giveLead(q)
			c.moved.Broadcast()
		}
	}
}
