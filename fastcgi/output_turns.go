package fastcgi

import (
	"os"
	"slices"
	"sync"
	"time"

	"github.com/postern-go/postern/internal/server"
)

// A turns lets one goroutine at a time write to a connection, in the order in
// which they ask.
type turns struct {
	nc *server.Conn

	mu      sync.Mutex
	moved   sync.Cond
	next    uint64   // the number that the next one to ask will have
	serving uint64   // the number of the one whose turn it is
	left    []uint64 // later numbers of some who do not wait any more
	writer  *request // whose deadline bounds this turn, or nil
}

func (t *turns) init(nc *server.Conn) {
	t.nc = nc
	t.moved.L = &t.mu
}

// take waits for the caller's turn, however long.
func (t *turns) take() {
	t.mu.Lock()
	mine := t.number()
	for t.serving != mine {
		t.moved.Wait()
	}
	t.mu.Unlock()
}

// takeFor waits for a turn of q, until the deadline of its writes, which bounds
// the turn, too.
func (t *turns) takeFor(q *request) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	mine := t.number()
	for t.serving != mine && !q.lateToWrite() {
		waitUntil(&t.moved, q.writesBy())
	}
	if q.lateToWrite() {
		t.end(mine)
		return os.ErrDeadlineExceeded
	}
	t.writer = q
	if q.writeBy != nil {
		t.nc.SetWriteDeadline(*q.writeBy)
	}
	return nil
}

// give ends the caller's turn.
func (t *turns) give() {
	t.mu.Lock()
	if t.writer != nil && t.writer.writeBy != nil {
		t.nc.SetWriteDeadline(time.Time{})
	}
	t.writer = nil
	t.end(t.serving)
	t.mu.Unlock()
}

// bound sets the deadline of q, none for nil, also for a turn that it has or
// waits for.
func (t *turns) bound(q *request, by *time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	q.writeBy = by
	if t.writer == q {
		t.nc.SetWriteDeadline(q.writesBy())
	}
	t.moved.Broadcast()
}

// boundOf returns the deadline of q, the zero time when there is none.
func (t *turns) boundOf(q *request) time.Time {
	t.mu.Lock()
	defer t.mu.Unlock()
	return q.writesBy()
}

func (t *turns) number() uint64 {
	t.next++
	return t.next - 1
}

// end ends the turn of a number, also one that has not come.
func (t *turns) end(number uint64) {
	if number != t.serving {
		t.left = append(t.left, number)
		return
	}
	for t.serving++; t.hasLeft(t.serving); t.serving++ {
	}
	if t.serving != t.next {
		t.moved.Broadcast()
	}
}

// hasLeft reports whether nobody waits for the turn of a number, and forgets it
// then.
func (t *turns) hasLeft(number uint64) bool {
	i := slices.Index(t.left, number)
	if i < 0 {
		return false
	}
	t.left = slices.Delete(t.left, i, i+1)
	return true
}

// waitUntil waits for a signal, until a time at most; the zero time is no bound.
func waitUntil(moved *sync.Cond, by time.Time) {
	if !by.IsZero() {
		defer time.AfterFunc(time.Until(by), func() {
			moved.L.Lock()
			defer moved.L.Unlock()
			moved.Broadcast()
		}).Stop()
	}
	moved.Wait()
}
