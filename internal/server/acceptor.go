package server

import (
	"context"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/postern-go/postern/internal/stack"
)

const (
	// quick is how long a connection may take, from accept to close, to count
	// as one whose handler did not block.
	quick = 200 * time.Microsecond
	// enough is how many quick connections in a row make the next one be
	// served before anything else is accepted, as long as that has not held
	// anybody up.
	enough = 16
	// Each time it has, four times as many are needed, up to 1<<maxDoubt times
	// as many; each time as many again were quick, half as many are.
	maxDoubt = 8
)

// An acceptor accepts from one source. One goroutine at a time has the right to
// accept. It passes the right on before it serves a connection, so that a
// handler that blocks holds nobody up; unless the last connections were all
// quick: then it keeps the right, and passes it on when a read or a write
// would block or the handler takes its time.
type acceptor struct {
	loop *Loop
	src  *source
	ctx  context.Context
	done chan error // why accepting ended

	pause time.Duration // before the next try, owned by who has the right
	quick atomic.Int32  // quick connections in a row
	doubt atomic.Int32  // enough<<doubt of them are needed
}

// accept accepts until the right has passed on or there is nothing more to
// accept.
func (a *acceptor) accept() {
	stack.Grow()
	for a.loop.wait() {
		f, err := a.src.accept()
		switch {
		case err == nil:
			a.pause = 0
			if !a.loop.admit(f) {
				continue
			}
			if c := a.loop.track(a.ctx, f); c != nil && !a.serve(c) {
				return
			}
		case a.loop.Draining():
		case passing(err):
			a.pause = min(max(2*a.pause, 5*time.Millisecond), time.Second)
			a.loop.Log().Error(a.loop.Name+": accept failed, trying again", "err", err, "pause", a.pause)
			a.loop.sleep(a.pause)
		default:
			a.done <- err
			return
		}
	}
	a.done <- http.ErrServerClosed
}

// serve serves c and reports whether the right to accept is still here.
func (a *acceptor) serve(c *Conn) (still bool) {
	keep := a.trusts() && !c.form.waited()
	if keep {
		c.right.Store(a)
	} else {
		go a.accept()
	}
	returned := false
	defer func() {
		still = keep && c.right.Swap(nil) != nil
		if still && !returned { // a handler has ended the goroutine
			go a.accept()
		}
	}()
	a.loop.Handle(c)
	returned = true
	a.judge(c)
	return
}

// judge takes note of how long c took. One that waited for its peer says
// nothing about handlers.
func (a *acceptor) judge(c *Conn) {
	switch {
	case c.form.waited():
	case time.Since(c.since) <= quick:
		a.trust()
	case c.right.Load() != nil:
		a.distrust()
	default:
		a.quick.Store(0)
	}
}

// trusts reports whether the next handler is expected not to block.
func (a *acceptor) trusts() bool {
	return a.quick.Load() >= enough<<a.doubt.Load()
}

// trust counts a quick connection.
func (a *acceptor) trust() {
	doubt := a.doubt.Load()
	if need := int32(enough << doubt); a.quick.Add(1) >= 2*need {
		lower := max(doubt-1, 0)
		a.doubt.CompareAndSwap(doubt, lower)
		a.quick.Store(enough << lower)
	}
}

// distrust takes note that nothing was accepted while a handler blocked.
func (a *acceptor) distrust() {
	a.quick.Store(0)
	a.doubt.Store(min(a.doubt.Load()+2, maxDoubt))
}

// PassRight is called when serving c takes its time: somebody else may accept
// from now on. blocked says that it is the handler that does.
func (c *Conn) PassRight(blocked bool) {
	if a := c.right.Swap(nil); a != nil {
		if blocked {
			a.distrust()
		}
		go a.accept()
	}
}
