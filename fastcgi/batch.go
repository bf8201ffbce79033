package fastcgi

import (
	"sync/atomic"
	"time"

	"github.com/postern-go/postern/internal/server"
)

const (
	// quick is what a handler of a batch takes on average, at most, when none
	// of them blocks.
	quick = 100 * time.Microsecond
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

// A batch is requests that arrived together, whole, on a connection that they
// share.
// As long as handlers are expected not to block, one goroutine answers them one
// after the other, and what they answer leaves together. When one does block
// after all, or all of them together take their time, each of the others gets a
// goroutine of its own, and what was answered before leaves.
type batch struct {
	conn    *conn
	handler server.Watch
	rest    []*request // not yet begun, guarded by conn.mu
}

// answerTogether begins to answer those requests that are whole. It keeps none
// of the slice, and returns the others in it.
func (c *conn) answerTogether(all []*request) []*request {
	b := &batch{conn: c, rest: make([]*request, 0, len(all))}
	others := all[:0]
	c.mu.Lock()
	for _, q := range all {
		if q.stdin.ended && q.filter == nil {
			q.batch = b
			b.rest = append(b.rest, q)
		} else {
			others = append(others, q)
		}
	}
	c.mu.Unlock()
	c.nc.Watch(&b.handler, b.overdue)
	go b.answer()
	return others
}

// answer answers what is left, also when a handler ends the goroutine.
func (b *batch) answer() {
	begun, n := time.Now(), 0
	q := b.next()
	if q == nil {
		return
	}
	defer func() {
		if q != nil {
			go b.answer()
		}
	}()
	for b.handler.Begin(); q != nil; q = b.next() {
		b.conn.answer(q)
		n++
	}
	b.handler.End()
	if time.Since(begun)/time.Duration(n) > quick {
		b.conn.srv.brisk.blocked()
	} else {
		b.conn.srv.brisk.passed()
	}
}

// next takes the next request, nil when there is none.
func (b *batch) next() *request {
	b.conn.mu.Lock()
	defer b.conn.mu.Unlock()
	if len(b.rest) == 0 {
		return nil
	}
	q := b.rest[0]
	b.rest[0] = nil // a handler may keep its request for long
	b.rest = b.rest[1:]
	return q
}

// more reports whether another answer will follow soon. Of no batch, there is
// none.
func (b *batch) more() bool {
	if b == nil {
		return false
	}
	b.conn.mu.Lock()
	defer b.conn.mu.Unlock()
	return len(b.rest) > 0
}

// overdue lets nobody wait any longer, neither who has not begun nor who has
// been answered. From then on nobody in the batch waits for another.
func (b *batch) overdue() {
	c := b.conn
	c.mu.Lock()
	rest := b.rest
	b.rest = nil
	c.mu.Unlock()
	c.srv.brisk.blocked()
	for _, q := range rest {
		go c.answer(q)
	}
	go c.out.flush()
}
