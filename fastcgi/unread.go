package fastcgi

import "math"

// What is left of the streams of requests that have been answered is read and
// dropped. As long as it keeps coming, there is no end to that before their
// requests have said that there is.

// leaves takes note of a stream that has not ended and that nobody will read.
// The mutex is held, as by all here.
func (c *conn) leaves(s *stream) {
	c.unread++
	if c.announced += s.left(); c.announced < 0 {
		c.announced = math.MaxInt64
	}
}

// forgets takes note of what has been dropped of such streams, and returns how
// much of that was announced, in bytes. The caller has the lead.
func (c *conn) forgets() int64 {
	n := min(c.input.dropped, c.announced)
	c.input.dropped = 0
	c.announced -= n
	return n
}

// endUnread takes note of the end of one.
func (c *conn) endUnread() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.unread == 0 {
		return
	}
	if c.unread--; c.unread == 0 {
		c.announced = 0
	}
}

// drained reports whether a peer that is heard out has sent too much, beside the
// n bytes of what it has announced that have come since the last time. Those
// begin its time anew.
func (c *conn) drained(n int64) bool {
	in, most := &c.input, c.srv.maxDrainBytes()
	if in.drainTo == 0 {
		in.drainTo = in.came + most
	}
	if n > 0 {
		in.drainTo += n
		c.hear()
	}
	return most > 0 && in.came > in.drainTo
}
