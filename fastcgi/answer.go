package fastcgi

import (
	"errors"

	"github.com/postern-go/postern/gateway"
	"github.com/postern-go/postern/internal/record"
)

// errExited is the outcome of a handler that ended its goroutine.
var errExited error = &gateway.Failure{Reason: gateway.ErrPanic, Broken: true}

// answer runs the handler for q and ends the request. It reports whether the
// caller has the lead then: q had it, and did not pass it on. When the handler
// calls runtime.Goexit, another goroutine goes on in place of the caller.
func (c *conn) answer(q *request) (leads bool) {
	err := errExited
	defer func() {
		c.end(q, err)
		if leads = c.finished(q); leads && err == errExited {
			go c.loop()
		}
	}()
	err = c.serve(q)
	return
}

func (c *conn) serve(q *request) error {
	engine := &c.srv.engines[q.role-1]
	if q.refusal != 0 {
		return engine.Refuse(q, int(q.refusal))
	}
	return engine.Run(c.nc.Context(), q, c.srv.handler(q.role))
}

// end writes what ends the response, by its outcome. A response that is not
// whole ends so that the web server can tell, unless it is itself who left.
func (c *conn) end(q *request, err error) {
	var e record.End
	shared, left, last := c.finishing(q)
	if errors.Is(err, gateway.ErrBadRequest) {
		if !left {
			c.refused(err)
		}
	} else if err != nil {
		e.App = 1
	}
	if err != nil && gateway.Broken(err) && !left && !shared {
		c.out.breakOff(q)
		c.mu.Lock()
		c.unread, q.keep = c.unread+1, false
		c.mu.Unlock()
		return
	}
	if q.role == record.Authorizer {
		e = c.endAuthorizer(q, e, left)
	}
	c.out.finish(q, e, last)
}

// refused logs why a request was refused.
func (c *conn) refused(err error) {
	if f := (*gateway.Failure)(nil); errors.As(err, &f) && f.Err != nil {
		err = f.Err // the Failure says no more
	}
	c.srv.loop.Log().Warn("fastcgi: request refused", "peer", c.nc.RemoteAddr().String(), "err", err)
}
