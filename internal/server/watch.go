package server

import (
	"sync"
	"sync/atomic"
	"time"
)

// A handler is overdue after tick, and found after round, unless the machine is so
// busy that the watchdog itself comes late. After some looks without a handler that
// was overdue or might have been, each doubles the time to the next, up to
// calmRound.
const (
	tick      = round / 2
	round     = time.Millisecond
	calmRound = 8 * round
	few       = 32 // looks that are needed for that
)

// A watchdog finds the handlers that take their time, with one timer for all:
// one for each request would wake a thread for each. The timer runs only while
// there is something to look at, and rings no more often than it must: where there
// is little to do, to ring costs more than two requests.
type watchdog struct {
	mu      sync.Mutex
	list    []*Watch
	late    []*Watch // of one look, kept for its memory
	timer   *time.Timer
	ticking bool
	due     time.Duration // when the timer is to ring
	calm    atomic.Int32  // looks since a handler was slow, as far as they count
}

// A Watch tells when a handler takes its time. Its methods are not called by
// two goroutines at a time.
type Watch struct {
	dog     *watchdog
	overdue func()
	state   atomic.Int64 // when it last began, on the watchdog's clock, times two; odd from Begin to End
	listed  atomic.Bool  // the watchdog will look
}

// Watch sets w up. overdue is called, on a goroutine of its own, once for a
// handler that runs for half a millisecond to one, or to eight where handlers have
// been quick for some time; perhaps also when it has just ended.
func (c *Conn) Watch(w *Watch, overdue func()) {
	w.dog, w.overdue = &c.loop.dog, overdue
}

// Begin says that a handler begins, or that its time counts from now on.
func (w *Watch) Begin() {
	now := time.Since(start)
	w.state.Store(int64(now)<<1 | 1)
	if !w.listed.Load() {
		w.dog.add(w, now)
	}
}

// End says that the handler has returned. One that a look might have found ends
// the calm, too.
func (w *Watch) End() {
	state := w.state.Load()
	if state&1 == 0 {
		return
	}
	w.state.Store(state &^ 1)
	if time.Since(start)-time.Duration(state>>1) > tick && w.dog.calm.Load() > 0 {
		w.dog.calm.Store(0)
	}
}

func (d *watchdog) add(w *Watch, now time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if w.listed.Swap(true) {
		return
	}
	d.list = append(d.list, w)
	if !d.ticking {
		d.ticking = true
		d.ringAt(now + d.every())
	}
}

// every is how long it is from one look to the next.
func (d *watchdog) every() time.Duration {
	return min(round<<max(0, d.calm.Load()-few), calmRound)
}

func (d *watchdog) ringAt(t time.Duration) {
	d.due = t
	if in := t - time.Since(start); d.timer == nil {
		d.timer = time.AfterFunc(in, d.look)
	} else {
		d.timer.Reset(in)
	}
}

// look calls those overdue that have run for a tick, and keeps the ones that may
// still be quick. The time by which it comes late does not count: what has kept the
// watchdog may have kept the handlers.
func (d *watchdog) look() {
	d.mu.Lock()
	now, every := time.Since(start), d.every()
	next, counts := every, min(now, d.due)
	kept := d.list[:0]
	for _, w := range d.list {
		if in := w.look(counts, every, &d.late); in > 0 {
			kept = append(kept, w)
			next = min(next, in)
		}
	}
	clear(d.list[len(kept):])
	d.list = kept
	late := d.late
	if every < calmRound {
		d.calm.Add(1)
	}
	if len(late) > 0 {
		d.calm.Store(0)
		next = min(next, round)
	}
	d.mu.Unlock()
	for i, w := range late {
		w.overdue()
		late[i] = nil
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.late = late[:0]
	if d.ticking = len(d.list) > 0; d.ticking {
		d.ringAt(now + next)
	}
}

// look returns in how long to look again: 0 is not at all, every at the most. It
// adds w to late when it is.
func (w *Watch) look(now, every time.Duration, late *[]*Watch) time.Duration {
	state := w.state.Load()
	running := state&1 == 1
	age := now - time.Duration(state>>1)
	switch {
	case running && age < tick:
		return every - age
	case running:
		*late = append(*late, w)
	case age < every:
		return every // the next one may well be about to begin
	}
	w.listed.Store(false)
	if w.state.Load() == state || w.listed.Swap(true) {
		return 0
	}
	return every // it has begun again meanwhile
}

// start is where the watchdog's clock begins.
var start = time.Now()
