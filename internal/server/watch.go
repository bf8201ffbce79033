package server

import (
	"sync"
	"sync/atomic"
	"time"
)

// tick is how often running handlers are looked at: every one is looked at twice
// within a millisecond.
const tick = time.Millisecond / 2

// A watchdog finds the handlers that take their time, with one timer for all:
// one for each request would wake a thread for each. The timer runs only while
// there is something to look at.
type watchdog struct {
	mu      sync.Mutex
	list    []*Watch
	late    []*Watch // of one look, kept for its memory
	timer   *time.Timer
	ticking bool
}

// A Watch tells when a handler takes its time. Its methods are not called by
// two goroutines at a time.
type Watch struct {
	dog     *watchdog
	overdue func()
	turn    atomic.Uint32 // odd from Begin to End, another one each time
	listed  atomic.Bool   // the watchdog will look
	seen    uint32        // turn at the last look, guarded by the watchdog
}

// Watch sets w up. overdue is called, on a goroutine of its own, once for a
// handler that runs for half a millisecond to one; perhaps also when it has just
// ended.
func (c *Conn) Watch(w *Watch, overdue func()) {
	w.dog, w.overdue = &c.loop.dog, overdue
}

// Begin says that a handler begins, or that its time counts from now on.
func (w *Watch) Begin() {
	w.turn.Add(1 + w.turn.Load()&1)
	if !w.listed.Load() {
		w.dog.add(w)
	}
}

// End says that the handler has returned.
func (w *Watch) End() {
	w.turn.Add(w.turn.Load() & 1)
}

func (d *watchdog) add(w *Watch) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if w.listed.Swap(true) {
		return
	}
	d.list = append(d.list, w)
	switch {
	case d.ticking:
	case d.timer == nil:
		d.timer = time.AfterFunc(tick, d.look)
	default:
		d.timer.Reset(tick)
	}
	d.ticking = true
}

// look calls those overdue that were there at the last look, and keeps the ones
// that were not.
func (d *watchdog) look() {
	d.mu.Lock()
	kept := d.list[:0]
	for _, w := range d.list {
		if w.look(&d.late) {
			kept = append(kept, w)
		}
	}
	clear(d.list[len(kept):])
	d.list = kept
	late := d.late
	d.mu.Unlock()
	for i, w := range late {
		w.overdue()
		late[i] = nil
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.late = late[:0]
	if d.ticking = len(d.list) > 0; d.ticking {
		d.timer.Reset(tick)
	}
}

// look reports whether to look again. It adds w to late when it is.
func (w *Watch) look(late *[]*Watch) bool {
	turn := w.turn.Load()
	running := turn&1 == 1
	if running && turn != w.seen {
		w.seen = turn
		return true
	}
	if running {
		*late = append(*late, w)
	}
	w.listed.Store(false)
	if w.turn.Load() == turn || w.listed.Swap(true) {
		return false
	}
	return true // it has begun again meanwhile
}
