package origin

import (
	"errors"
	"fmt"
	"net/http"
	"runtime/debug"

	"github.com/postern-go/postern/gateway"
)

var errUnanswered = errors.New("origin: HandleExchange wrote no response")

// runHook answers a request by HandleExchange. Its error is a *gateway.Failure.
func (c *conn) runHook(x *exchange) (err error) {
	returned := false
	defer func() {
		if !returned {
			err = c.panicked(x, recover())
		}
	}()
	err = c.srv.HandleExchange(c.ctx, &c.srv.engine, x, x)
	returned = true
	if !x.began && !x.hijacked && !gateway.Broken(err) {
		return c.giveUp(x, errors.Join(errUnanswered, err))
	}
	var f *gateway.Failure
	if err == nil || errors.As(err, &f) {
		return err
	}
	return c.giveUp(x, err)
}

// panicked is for a panic of the hook itself; that of a handler does not get
// there. value is nil after runtime.Goexit, which has been logged.
func (c *conn) panicked(x *exchange, value any) error {
	if value == nil || value == http.ErrAbortHandler {
		return &gateway.Failure{Reason: gateway.ErrAborted, Broken: true}
	}
	return c.giveUp(x, fmt.Errorf("origin: HandleExchange panicked: %v\n%s", value, debug.Stack()))
}

// giveUp says in the log what nobody else has said.
func (c *conn) giveUp(x *exchange, err error) error {
	c.srv.loop.Log().Error("origin: exchange broken off", "method", x.req.Method, "uri", x.req.RequestURI, "err", err)
	return &gateway.Failure{Reason: gateway.ErrAborted, Broken: true, Err: err}
}
