package gateway

import (
	"context"
	"net"
	"net/http"
	"sync"
	"time"
)

// A requestContext is the context of one request. Its channel and its link to
// the parent are made when somebody first waits.
type requestContext struct {
	parent context.Context
	run    *run

	mu      sync.Mutex
	done    chan struct{}
	err     error // not nil once ended
	cause   error
	after   []*afterFunc
	watched bool
	unlink  func() bool // ends the link to the parent
}

type afterFunc struct {
	f func()
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

// localAddr is the address of the web server that the client spoke to.
func (c *requestContext) localAddr() net.Addr {
	if c.run.engine.Origin {
		return nil
	}
	v := c.run.environ()
	addr := v.Get("SERVER_ADDR")
	if addr == "" {
		return nil
	}
	return serverAddr(net.JoinHostPort(addr, v.Get("SERVER_PORT")))
}

type serverAddr string

func (a serverAddr) Network() string { return "tcp" }
func (a serverAddr) String() string  { return string(a) }

// Err returns context.Canceled once the context has ended.
func (c *requestContext) Err() error {
	c.mu.Lock()
	err := c.err
	c.mu.Unlock()
	if err == nil {
		err = c.parent.Err()
	}
	return err
}

// Done returns the channel that is closed when the context ends.
func (c *requestContext) Done() <-chan struct{} {
	c.mu.Lock()
	if c.done == nil {
		c.done = make(chan struct{})
		if c.err != nil {
			close(c.done)
		}
	}
	done := c.done
	c.mu.Unlock()
	c.watch()
	return done
}

// AfterFunc calls f in its own goroutine once the context has ended. The
// standard library uses it for contexts that derive from this one.
func (c *requestContext) AfterFunc(f func()) (stop func() bool) {
	a := &afterFunc{f}
	c.mu.Lock()
	if c.err != nil {
		c.mu.Unlock()
		go f()
		return func() bool { return false }
	}
	c.after = append(c.after, a)
	c.mu.Unlock()
	c.watch()
	return func() bool { return c.forget(a) }
}

func (c *requestContext) forget(a *afterFunc) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i, have := range c.after {
		if have == a {
			c.after = append(c.after[:i:i], c.after[i+1:]...)
			return true
		}
	}
	return false
}

// watch links the context to its parent and to the front end, once.
func (c *requestContext) watch() {
	c.mu.Lock()
	first := !c.watched && c.err == nil
	c.watched = true
	c.mu.Unlock()
	if !first {
		return
	}
	if c.parent.Done() != nil {
		c.link(context.AfterFunc(c.parent, func() { c.Cancel(context.Cause(c.parent)) }))
	}
	if w := c.run.watcher; w != nil {
		w.Watch()
	}
}

func (c *requestContext) link(unlink func() bool) {
	c.mu.Lock()
	ended := c.err != nil
	c.unlink = unlink
	c.mu.Unlock()
	if ended {
		unlink()
	}
}

// Cancel ends the context. Only the first call counts.
func (c *requestContext) Cancel(cause error) {
	c.mu.Lock()
	if c.err != nil {
		c.mu.Unlock()
		return
	}
	c.err, c.cause = context.Canceled, cause
	if c.done != nil {
		close(c.done)
	}
	after, unlink := c.after, c.unlink
	c.after = nil
	c.mu.Unlock()
	if unlink != nil {
		unlink()
	}
	for _, a := range after {
		go a.f()
	}
}

// ended returns why the context has ended, nil while it has not.
func (c *requestContext) ended() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.cause
}
