package gateway

import (
	"context"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/postern-go/postern/env"
)

// A requestContext is the context of one request. Its channel and its link to
// the parent are made when somebody first waits.
type requestContext struct {
	parent context.Context
	run    *run

	mu      sync.Mutex
	err     error    // not nil once ended
	waiters *waiters // nil: nobody has waited

	departed atomic.Pointer[error] // why the peer takes no more, nil while it does
}

// waiters are those who wait for the end of a context. The mutex of the context
// guards them, apart from the last two.
type waiters struct {
	done   chan struct{}
	after  *afterFunc  // the first of them
	unlink func() bool // ends the link to the parent

	watched  atomic.Bool
	watching sync.Mutex // held while the link and the watch begin
}

// wait returns the waiters, made now if need be. The mutex is held.
func (c *requestContext) wait() *waiters {
	if c.waiters == nil {
		c.waiters = new(waiters)
	}
	return c.waiters
}

type afterFunc struct {
	f    func()
	next *afterFunc
}

type runKey struct{}

// Deadline is that of the context given to Run.
func (c *requestContext) Deadline() (time.Time, bool) {
	return c.parent.Deadline()
}

// Value finds the request's own state, then what the parent holds.
func (c *requestContext) Value(key any) any {
	switch key {
	case any(runKey{}):
		return c.run
	case any(http.LocalAddrContextKey):
		if addr := c.localAddr(); addr != nil {
			return addr
		}
	}
	return c.parent.Value(key)
}

// localAddr is the address of the web server that the client spoke to. A front
// end that parses requests itself has it in the parent.
func (c *requestContext) localAddr() net.Addr {
	if _, parsed := c.run.exchange.(Requester); parsed {
		return nil
	}
	if v := c.run.given(); v != nil {
		return serverAddr(v)
	}
	return nil
}

// serverAddr is of the type that net/http has: *net.TCPAddr.
func serverAddr(v *env.Vars) net.Addr {
	ip, err := netip.ParseAddr(v.Get("SERVER_ADDR"))
	if err != nil {
		return nil
	}
	port, _ := strconv.ParseUint(v.Get("SERVER_PORT"), 10, 16)
	return net.TCPAddrFromAddrPort(netip.AddrPortFrom(ip, uint16(port)))
}

// Err returns nil until the context has ended, then the error of the parent
// where that ended it, otherwise context.Canceled.
func (c *requestContext) Err() error {
	if err := c.ended(); err != nil {
		return err
	}
	if err := c.parent.Err(); err != nil {
		c.end(err, start)
		return c.ended()
	}
	if p, ok := c.run.exchange.(Poller); ok && c.run.attached {
		p.Polled()
	}
	return c.ended()
}

func (c *requestContext) ended() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.err
}

// Done returns the channel that is closed when the context ends.
func (c *requestContext) Done() <-chan struct{} {
	c.mu.Lock()
	w := c.wait()
	if w.done == nil {
		w.done = make(chan struct{})
		if c.err != nil {
			close(w.done)
		}
	}
	c.mu.Unlock()
	c.watch(w)
	return w.done
}

// AfterFunc calls f in its own goroutine once the context has ended; when it
// is Run that ends it, or the parent, f is called on their goroutine. The
// standard library uses it for contexts that derive from this one, which then
// need no goroutine.
func (c *requestContext) AfterFunc(f func()) (stop func() bool) {
	a := &afterFunc{f: f}
	c.mu.Lock()
	if c.err != nil {
		c.mu.Unlock()
		go f()
		return func() bool { return false }
	}
	w := c.wait()
	last := &w.after
	for *last != nil {
		last = &(*last).next
	}
	*last = a
	c.mu.Unlock()
	c.watch(w)
	return func() bool { return c.forget(a) }
}

func (c *requestContext) forget(a *afterFunc) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	for p := &c.waiters.after; *p != nil; p = &(*p).next {
		if *p == a {
			*p = a.next
			return true
		}
	}
	return false
}

// watch links the context to its parent and to the front end, once. Nobody
// watches any more when close has returned.
func (c *requestContext) watch(w *waiters) {
	if w.watched.Load() {
		return
	}
	w.watching.Lock()
	defer w.watching.Unlock()
	if w.watched.Load() || c.ended() != nil {
		return
	}
	w.watched.Store(true)
	if c.parent.Done() != nil {
		c.link(context.AfterFunc(c.parent, func() { c.end(c.parent.Err(), call) }))
	}
	if x, ok := c.run.exchange.(Watcher); ok && c.run.attached {
		x.Watch()
	}
}

func (c *requestContext) link(unlink func() bool) {
	c.mu.Lock()
	ended := c.err != nil
	c.waiters.unlink = unlink
	c.mu.Unlock()
	if ended {
		unlink()
	}
}

// Cancel ends the context because the peer takes no more.
func (c *requestContext) Cancel(cause error) {
	if cause == nil {
		cause = context.Canceled
	}
	c.departed.CompareAndSwap(nil, &cause)
	c.end(context.Canceled, start)
}

// close ends the context because the handler has returned. A Watch under way
// has returned when it does.
func (c *requestContext) close() {
	if w := c.end(context.Canceled, call); w != nil { // otherwise who begins from now on finds the end
		w.watching.Lock()
		defer w.watching.Unlock()
	}
}

// The two ways to call what waits for the end: who ends the context holding a
// lock must not wait for it.
func call(f func())  { f() }
func start(f func()) { go f() }

// end ends the context, and returns who has waited for that, or nil. Only the
// first time counts.
func (c *requestContext) end(err error, by func(f func())) *waiters {
	c.mu.Lock()
	w := c.waiters
	if c.err != nil {
		c.mu.Unlock()
		return w
	}
	c.err = err
	if w == nil {
		c.mu.Unlock()
		return nil
	}
	if w.done != nil {
		close(w.done)
	}
	after, unlink := w.after, w.unlink
	w.after = nil
	c.mu.Unlock()
	if unlink != nil {
		unlink()
	}
	for a := after; a != nil; a = a.next {
		by(a.f)
	}
	return w
}

// gone returns why the peer takes no more, nil while it does.
func (c *requestContext) gone() error {
	if cause := c.departed.Load(); cause != nil {
		return *cause
	}
	return nil
}
