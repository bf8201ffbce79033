package scgi

import (
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/postern-go/postern/gateway"
	"github.com/postern-go/postern/internal/server"
)

// handle serves one connection: it reads the header, answers the request, and closes (section 2).
func (s *Server) handle(c *server.Conn) {
	defer c.Close()
	x := &exchange{server: s, conn: c, in: server.NewReader(c), out: server.NewWriter(c)}
	x.stderr.x = x
	defer x.release()
	if err := x.readHeader(); err != nil {
		x.refuse(err)
		return
	}
	x.run()
}

// readHeader reads the header within its time.
func (x *exchange) readHeader() error {
	d := x.server.readHeaderTimeout()
	if d > 0 {
		x.conn.SetReadDeadline(time.Now().Add(d))
	}
	if _, err := x.in.Peek(1); err != nil {
		return errNothing
	}
	x.conn.Begin()
	h, err := readHeader(x.in, x.server.maxHeaderBytes(), x.server.vars())
	if err != nil {
		return err
	}
	if d > 0 {
		x.conn.SetReadDeadline(time.Time{})
	}
	x.header = h
	x.left.Store(h.length)
	if !x.server.loop.Take() {
		return &headerError{http.StatusServiceUnavailable, fmt.Errorf("scgi: %w", server.ErrOverloaded)}
	}
	x.counted = true
	return nil
}

// refuse answers what is no request. A connection on which nothing came is nobody's fault: health checks leave so.
func (x *exchange) refuse(err error) {
	if err == errNothing {
		return
	}
	status := http.StatusBadRequest
	var h *headerError
	if errors.As(err, &h) {
		status = h.status
	}
	x.Refused(err)
	if x.server.engine.Refuse(x, status) == nil {
		x.finish()
	}
}

// Refused logs what is no request.
func (x *exchange) Refused(err error) {
	x.server.loop.Log().Warn("scgi: request refused", "peer", x.conn.RemoteAddr().String(), "err", err)
}

// run calls the handler and ends the connection as the outcome demands. A handler that ends its goroutine has broken its response off.
func (x *exchange) run() {
	broken := true
	defer func() {
		x.end()
		if broken {
			x.conn.Reset()
			return
		}
		x.finish()
	}()
	broken = gateway.Broken(x.server.engine.Run(x.conn.Context(), x, x.server.handler()))
}

// finish sends what is buffered and, where the web server may still be sending, hears it out before the connection closes.
func (x *exchange) finish() {
	if x.out.Flush() == nil && !x.heard() {
		x.server.drain(x.conn, x.left.Load()-int64(x.in.Buffered()))
	}
}

// heard reports that the web server has nothing more to say. A length of the body is not enough to tell: nginx before 1.29.6 sends more than
// it announced when it does not buffer a request.
func (x *exchange) heard() bool {
	if x.header.text == "" || x.header.length > 0 || x.in.Buffered() > 0 {
		return false
	}
	method := x.header.get("REQUEST_METHOD")
	return method == http.MethodGet || method == http.MethodHead
}
