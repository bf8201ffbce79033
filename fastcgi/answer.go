package fastcgi

import (
	"errors"

	"github.com/postern-go/postern/gateway"
	"github.com/postern-go/postern/internal/record"
)

// answer runs the handler for q and ends the request.
func (c *conn) answer(q *request) {
	c.end(q, c.serve(q))
	c.finished(q)
}

func (c *conn) serve(q *request) error {
	if q.refusal != 0 {
		return c.srv.engine.Refuse(q, q.refusal)
	}
	return c.srv.engine.Run(c.nc.Context(), q, c.srv.handler())
}

// end writes what ends the response, by its outcome. A response that is not
// whole ends so that the web server can tell, unless it is itself who left.
func (c *conn) end(q *request, err error) {
	var e record.End
	if errors.Is(err, gateway.ErrBadRequest) {
		c.srv.loop.Log().Warn("fastcgi: request refused", "err", err)
	} else if err != nil {
		e.App = 1
	}
	shared := c.finishing(q)
	c.mu.Lock()
	left := q.aborted != nil
	c.mu.Unlock()
	if gateway.Broken(err) && !left && !shared {
		c.out.breakOff(q.id)
		c.mu.Lock()
		c.last, c.unread, q.keep = true, true, false
		c.mu.Unlock()
		return
	}
	c.out.finish(q.id, q.logged, e)
}
