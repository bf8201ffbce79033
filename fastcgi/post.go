package fastcgi

import (
	"time"

	"github.com/postern-go/postern/internal/record"
)

// maxPosted is how much of post may wait, in bytes, before reading does.
const maxPosted = 64 << 10

// post sends what the connection itself has to say: whole records that answer
// management records and requests that never ran. Who reads calls it, so it
// does not wait for the responses of others, as long as little waits already.
// When there are none, it writes at once.
func (c *conn) post(b []byte) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.half {
		return nil // it is too late
	}
	c.blocked = true
	defer func() { c.blocked = false }()
	c.tells()
	if len(c.active)+c.ending == 0 && !c.posting {
		c.mu.Unlock()
		defer c.mu.Lock()
		return c.out.whole(b)
	}
	for len(c.posted) >= maxPosted {
		c.moved.Wait()
	}
	c.posted = append(c.posted, b...)
	c.sendsPosted()
	return nil
}

// sendsPosted has somebody send what waits. The mutex is held.
func (c *conn) sendsPosted() {
	if !c.posting {
		c.posting = true
		go c.sendPosted()
	}
}

// sendPosted writes what waits, in its turn among the responses. After an error
// it drops it.
func (c *conn) sendPosted() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for len(c.posted) > 0 {
		b := c.posted
		c.posted = nil
		c.moved.Broadcast()
		c.tells()
		c.mu.Unlock()
		c.out.whole(b)
		c.mu.Lock()
	}
	c.posting = false
	if c.lead == nil && c.settle() {
		c.idles(time.Now())
	}
}

// whole writes whole records.
func (o *output) whole(b []byte) error {
	o.turns.take()
	defer o.turns.give()
	if o.err != nil {
		return o.err
	}
	o.shut()
	o.reserve()
	o.buf = append(o.buf, b...)
	return o.flushLocked()
}

// appendEnd appends an END_REQUEST record.
func appendEnd(b []byte, id uint16, e record.End) []byte {
	var body [8]byte
	return record.AppendRecord(b, record.EndRequest, id, record.AppendEnd(body[:0], e))
}
