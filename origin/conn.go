package origin

import (
	"context"
	"crypto/tls"
	"errors"
	"net/http"
	"time"

	"github.com/postern-go/postern/gateway"
	"github.com/postern-go/postern/internal/server"
)

// A conn serves one connection, one request after another, on one goroutine.
type conn struct {
	srv    *Server
	c      *server.Conn
	r      *server.Reader
	w      *server.Writer
	ctx    context.Context
	remote string
	tls    *tls.ConnectionState
	bound  bound
	only   bool // its first request is its last
}

// A bound is the read deadline that is set between two exchanges.
type bound uint8

const (
	// boundNone: there is none, as while a handler runs.
	boundNone bound = iota
	// boundIdle: IdleTimeout for the first byte of a request.
	boundIdle
	// boundHead: ReadHeaderTimeout for the whole head.
	boundHead
)

func (c *conn) setBound(b bound) {
	c.bound = b
	switch b {
	case boundNone:
		c.c.SetReadDeadline(time.Time{})
	case boundIdle:
		now := time.Now()
		c.c.Since(now)
		c.c.SetReadDeadline(server.DeadlineFrom(now, c.srv.idleTimeout()))
	case boundHead:
		c.c.SetReadDeadline(server.Deadline(c.srv.readHeaderTimeout()))
	}
}

func (s *Server) handle(sc *server.Conn) {
	only, found := sc.Context().Value(oneKey{}).(*one)
	if found {
		defer close(only.ended)
	}
	c := &conn{srv: s, only: found, c: sc, r: server.NewReader(sc), w: server.NewWriter(sc), remote: sc.RemoteAddr().String()}
	c.ctx = context.WithValue(sc.Context(), http.LocalAddrContextKey, sc.LocalAddr())
	defer sc.Close()
	if t, ok := sc.Accepted().(*tls.Conn); ok && !c.handshake(t) {
		return
	}
	c.setBound(boundHead)
	for c.await() && c.next() {
	}
}

func (c *conn) handshake(t *tls.Conn) bool {
	t.SetDeadline(server.Deadline(c.srv.readHeaderTimeout()))
	if err := t.HandshakeContext(c.ctx); err != nil {
		c.srv.loop.Log().Warn("origin: TLS handshake failed", "peer", c.remote, "err", err)
		return false
	}
	t.SetDeadline(time.Time{})
	state := t.ConnectionState()
	c.tls = &state
	return true
}

// await waits for the first byte of a request. It returns false when there
// will be none.
func (c *conn) await() bool {
	if c.r.Buffered() > 0 {
		return !c.c.Draining()
	}
	if _, err := c.r.Peek(1); err != nil {
		return false
	}
	c.c.Begin()
	return true
}

// idle makes the connection wait for its next request. It returns false when
// there will be none.
func (c *conn) idle() bool {
	if c.r.Buffered() > 0 {
		return true
	}
	c.r.Release()
	c.setBound(boundIdle)
	if !c.c.Idle() {
		return false
	}
	c.c.Yield()
	return true
}

// peek is Peek of the reader, bounded by ReadHeaderTimeout from the first time
// that it may have to wait.
func (c *conn) peek(n int) ([]byte, error) {
	if c.bound != boundHead && c.r.Buffered() < n {
		c.setBound(boundHead)
	}
	return c.r.Peek(n)
}

// next reads one request and answers it. It returns false when the connection
// ends with it. A handler that ends its goroutine has broken its response off.
func (c *conn) next() (again bool) {
	p := c.newParsed()
	defer c.release(p)
	x := &exchange{conn: c, req: &p.req, last: c.only}
	x.stderr.x = x
	if err := c.readRequest(x); err != nil {
		c.refuse(x, err)
		return false
	}
	if !c.srv.loop.Take() {
		c.refuse(x, refuse(http.StatusServiceUnavailable, "%v", server.ErrOverloaded))
		return false
	}
	broken := true
	defer func() {
		c.srv.loop.Done()
		again = c.finish(x, broken)
	}()
	err := c.run(x)
	broken = err != nil && gateway.Broken(err)
	return false
}

func (c *conn) run(x *exchange) error {
	if c.srv.HandleExchange != nil {
		return c.runHook(x)
	}
	return c.srv.engine.Run(c.ctx, x, x)
}

// finish ends an exchange. It reports whether there can be another.
func (c *conn) finish(x *exchange, broken bool) bool {
	x.stderr.close()
	if x.hijacked {
		return false
	}
	err := c.w.Flush()
	x.end()
	switch {
	case broken:
		c.breakOff(x)
		return false
	case err != nil:
		return false
	}
	if x.req.ContentLength != 0 {
		c.c.SetReadDeadline(time.Now().Add(drainTime))
	}
	again := !x.last && !x.req.Close && x.in.drain()
	if err := x.in.fault(); err != nil {
		c.srv.loop.Log().Warn("origin: request body refused", "peer", c.remote, "err", err)
	}
	if again {
		return c.idle()
	}
	c.linger(x)
	return false
}

func (c *conn) readRequest(x *exchange) error {
	head, err := c.readHead()
	if err != nil {
		return err
	}
	if c.bound != boundNone {
		c.setBound(boundNone)
	}
	if refused := parseRequest(x.req, head); refused != nil {
		return refused
	}
	x.req.RemoteAddr, x.req.TLS = c.remote, c.tls
	x.in.begin(x)
	return nil
}

// refuse answers what is no request.
func (c *conn) refuse(x *exchange, err error) {
	var r *refusal
	if !errors.As(err, &r) {
		return
	}
	c.srv.loop.Log().Warn("origin: request refused", "peer", c.remote, "status", r.status, "err", err)
	c.srv.engine.Refuse(x, r.status)
	if c.w.Flush() == nil {
		c.c.Drain(lingerBytes, lingerTime)
	}
}

// breakOff ends the connection so that the client can tell that the response
// is not whole: without the last chunk or short of Content-Length, and by a
// reset where only the end of the connection could end it.
func (c *conn) breakOff(x *exchange) {
	if !x.req.ProtoAtLeast(1, 1) {
		c.c.Reset()
	}
}

// linger ends the connection after a whole response. Where the client may
// still be sending, a close at once could destroy the answer on its way.
func (c *conn) linger(x *exchange) {
	if !x.req.Close || !x.in.done() || c.r.Buffered() > 0 {
		c.c.Drain(lingerBytes, lingerTime)
	}
}
