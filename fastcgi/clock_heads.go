package fastcgi

import (
	"fmt"
	"slices"
	"time"

	"github.com/postern-go/postern/internal/record"
)

// lateHeads ends the requests whose variables have taken too long: each alone
// where others share the connection, otherwise with the connection. A
// connection that is stuck inside a record takes no other request; it ends with
// those under way. What there is to log is returned. The mutex is held.
func (c *conn) lateHeads(now time.Time) (what string) {
	d := c.srv.readHeaderTimeout()
	if c.blocked {
		c.postpone(now)
	}
	isLate := func(since time.Time) bool {
		if since.IsZero() || d <= 0 {
			return false
		}
		t := since.Add(d)
		if t.After(now) {
			c.ringBy(t)
		}
		return !t.After(now)
	}
	stuck := isLate(c.stuck) && !c.last
	var late []*request
	for _, q := range slices.Clone(c.active) {
		if q.state == receiving && q.times != nil && isLate(q.times.since) {
			c.forget(q)
			late = append(late, q)
		}
	}
	switch {
	case len(late) > 0:
		what = fmt.Sprintf("fastcgi: PARAMS not complete after %v", d)
	case stuck:
		what = fmt.Sprintf("fastcgi: record not complete after %v", d)
	default:
		return ""
	}
	if c.quiet() && !c.posting {
		c.nc.Close()
		return what
	}
	c.last = c.last || stuck
	c.postEnds(late)
	return what
}

// postpone begins the times for variables anew, since it is not for them that
// reading waits. The mutex is held.
func (c *conn) postpone(now time.Time) {
	c.stuck = time.Time{}
	for _, q := range c.active {
		if t := q.times; t != nil && !t.since.IsZero() {
			t.since = now
		}
	}
}

// postEnds ends requests that never ran, without waiting. The mutex is held.
func (c *conn) postEnds(requests []*request) {
	for _, q := range requests {
		c.posted = appendEnd(c.posted, q.id, record.End{})
	}
	if len(c.posted) > 0 {
		c.sendsPosted()
	}
}

// complain logs what was wrong with the peer.
func (c *conn) complain(what string) {
	c.srv.loop.Log().Warn(what, "peer", c.nc.RemoteAddr().String())
}
