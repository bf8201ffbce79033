package server

import (
	"context"
	"net/http"
	"sync/atomic"
	"time"
)

const (
	// quick is how long a connection may take, from accept to close, to count
	// as one whose handler did not block.
	quick = 200 * time.Microsecond
	// enough is how many quick connections in a row make the next one be
	// served before anything else is accepted.
	enough = 16
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
}

// accept accepts until the right has passed on or there is nothing more to
// accept.
func (a *acceptor) accept() {
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
	keep := a.quick.Load() >= enough && !c.form.waited()
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
	case time.Since(c.since) > quick:
		a.quick.Store(0)
	case a.quick.Load() < enough:
		a.quick.Add(1)
	}
}

// PassRight is called when serving c takes its time: somebody else may accept
// from now on. blocked says that it is the handler that does.
func (c *Conn) PassRight(blocked bool) {
	if a := c.right.Swap(nil); a != nil {
		if blocked {
			a.quick.Store(0)
		}
		go a.accept()
	}
}
