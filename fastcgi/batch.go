package fastcgi

import (
	"sync/atomic"
	"time"
)

const (
	// quick is what a handler of a batch takes on average, at most, when none
	// of them blocks.
	quick = 100 * time.Microsecond
	// together is how long a batch may take before those that are left do not
	// wait any longer.
	together = time.Millisecond / 2
	// maxDoubt bounds how many batches are not made after handlers have
	// blocked: 1<<maxDoubt.
	maxDoubt = 10
)

// A brisk tells whether handlers are expected not to block, which is tried
// again after a while: the longer, the more often they did. The zero value
// expects it.
type brisk struct {
	skip  atomic.Int32 // batches not to make
	doubt atomic.Int32 // the last time it was 1<<doubt of them
}

// expected reports whether to make a batch.
func (b *brisk) expected() bool { return b.skip.Load() <= 0 || b.skip.Add(-1) < 0 }

// passed takes note that nobody had to wait.
func (b *brisk) passed() {
	if doubt := b.doubt.Load(); doubt > 0 {
		b.doubt.CompareAndSwap(doubt, doubt-1)
	}
}

// blocked takes note that somebody had to.
func (b *brisk) blocked() {
	doubt := min(b.doubt.Load()+1, maxDoubt)
	b.doubt.Store(doubt)
	b.skip.Store(1 << doubt)
}

// A batch is requests of a shared connection that have arrived whole.
// As long as handlers are expected not to block, the goroutine of loop answers
// them one after the other, and what they answer leaves together. When one does
// block after all, or all of them together take their time, each of those that
// are left gets a goroutine of its own, and what was answered before leaves.
// It is guarded by the mutex of the connection.
type batch struct {
	rest  []*request // not yet begun
	size  int        // how many there were
	begun time.Time
}

// gather makes a batch of those requests that are whole. It keeps none of the
// slice, and returns the others in it.
func (c *conn) gather(all []*request) []*request {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.batch == nil {
		c.batch = new(batch)
	}
	others, b := all[:0], c.batch
	for _, q := range all {
		if q.stdin.ended && q.filter == nil {
			q.batched = true
			if b.rest == nil {
				b.rest = make([]*request, 0, len(all))
			}
			b.rest = append(b.rest, q)
		} else {
			others = append(others, q)
		}
	}
	b.size = len(b.rest)
	c.input.batch = b.size > 0
	if c.input.batch {
		b.begun = time.Now()
	}
	return others
}

// nextOfBatch takes the next request of the batch and gives it the lead. It
// returns nil when there is none, or none is to wait any longer.
func (c *conn) nextOfBatch() *request {
	c.mu.Lock()
	defer c.mu.Unlock()
	b := c.batch
	took := time.Since(b.begun)
	if len(b.rest) > 0 && took < together {
		q := b.rest[0]
		b.rest[0] = nil // a handler may keep its request for long
		b.rest = b.rest[1:]
		c.takeLead(q)
		return q
	}
	switch {
	case b.size == 0: // it was scattered
	case took > quick*time.Duration(b.size-len(b.rest)):
		c.srv.brisk.blocked()
	default:
		c.srv.brisk.passed()
	}
	if len(b.rest) > 0 {
		c.scatter()
	}
	*b, c.input.batch = batch{}, false
	return nil
}

// batched reports whether there is a batch. The mutex is held.
func (c *conn) batched() bool { return c.batch != nil && c.batch.size > 0 }

// follows reports whether another answer of the batch will follow that of q.
func (c *conn) follows(q *request) bool {
	if !q.batched {
		return false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.batch.rest) > 0
}

// scatter lets nobody wait any longer for others of the batch: neither who has
// not begun nor who has been answered. The mutex is held.
func (c *conn) scatter() {
	for _, q := range c.batch.rest {
		go c.answer(q)
	}
	*c.batch = batch{}
	go c.out.flushEnded()
}
