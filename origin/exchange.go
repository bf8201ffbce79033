package origin

import (
	"bufio"
	"bytes"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"github.com/postern-go/postern/env"
	"github.com/postern-go/postern/gateway"
	"github.com/postern-go/postern/internal/server"
)

// An exchange is one request and its response. It is never used again, since a
// handler may keep its request.
type exchange struct {
	conn     *conn
	req      *http.Request // as it was parsed; it is another's when the exchange has ended
	live     *http.Request // req as the handler has it
	in       body
	attached bool // the reader watches for the client's departure
	last     bool // the connection ends with the response
	hijacked bool
	began    bool // something was written
	stderr   stderr

	ownRead, ownWrite atomic.Bool // the handler has set deadlines
}

var (
	_ gateway.Exchange  = (*exchange)(nil)
	_ gateway.Requester = (*exchange)(nil)
	_ gateway.Refuser   = (*exchange)(nil)
	_ gateway.Watcher   = (*exchange)(nil)
	_ gateway.Persister = (*exchange)(nil)
	_ gateway.Copier    = (*exchange)(nil)
	_ http.Hijacker     = (*exchange)(nil)
)

// Request returns the request as it was parsed: to the handler a copy, which it
// may keep.
func (x *exchange) Request() (*http.Request, error) {
	if x.live != nil {
		return x.req.WithContext(x.conn.ctx), nil
	}
	return x.req, nil
}

// Refused logs why the engine has refused the request.
func (x *exchange) Refused(err error) {
	x.conn.srv.loop.Log().Warn("origin: request refused", "peer", x.conn.remote, "err", err)
}

// AddCGIVars makes the variables of the request.
func (x *exchange) AddCGIVars(v *env.Vars) {
	all := env.FromRequest(x.req.WithContext(x.conn.ctx))
	path := x.req.URL.Path
	if mount := strings.TrimSuffix(x.conn.srv.Mount, "/"); mount != "" {
		if info, found := strings.CutPrefix(path, mount); found && (info == "" || info[0] == '/') {
			all.Set("SCRIPT_NAME", mount)
			all.Set("PATH_INFO", info)
		}
	}
	v.Grow(all.Len())
	for name, value := range all.Pairs() {
		v.Add(name, value)
	}
}

// ServeHTTP passes the request on to the application of the server. What that
// changes in the URL shows in the variables.
func (x *exchange) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	x.live, x.req.URL = r, r.URL
	x.conn.srv.App().ServeHTTP(w, r)
}

// Stdin is the body of the request.
func (x *exchange) Stdin() io.Reader { return &x.in }

// Stderr is that of the server, otherwise its log.
func (x *exchange) Stderr() io.Writer {
	if w := x.conn.srv.Stderr; w != nil {
		return w
	}
	return &x.stderr
}

// Write sends large blocks in pieces, each with WriteTimeout of its own.
func (x *exchange) Write(p []byte) (n int, err error) {
	x.began = true
	for len(p) > writePiece && err == nil {
		var m int
		m, err = x.conn.w.Write(p[:writePiece])
		n, p = n+m, p[m:]
	}
	if err != nil {
		return n, err
	}
	m, err := x.conn.w.Write(p)
	return n + m, err
}

// ReadFrom sends a file without its bytes passing through the program.
func (x *exchange) ReadFrom(src io.Reader) (int64, error) {
	x.began = true
	return x.conn.w.ReadFrom(src)
}

func (x *exchange) Flush() error { return x.conn.w.Flush() }

func (x *exchange) Attach(c gateway.Canceler) {
	x.attached = true
	x.conn.r.Begin(func(err error) { c.Cancel(err) })
}

func (x *exchange) Watch()      { x.conn.r.Watch() }
func (x *exchange) Last() bool  { return x.last }
func (x *exchange) CloseAfter() { x.last = true }

// end stops whoever still reads for the handler.
func (x *exchange) end() {
	x.in.over.Store(true)
	if x.attached {
		x.attached = false
		x.conn.r.End()
	}
	if x.ownWrite.Load() {
		x.conn.c.SetWriteDeadline(time.Time{})
	}
}

// SetReadDeadline is for http.ResponseController. It takes the place of
// ReadTimeout.
func (x *exchange) SetReadDeadline(t time.Time) error {
	x.ownRead.Store(true)
	return x.conn.r.SetDeadline(t)
}

// SetWriteDeadline is for http.ResponseController. It takes the place of
// WriteTimeout until the end of the exchange.
func (x *exchange) SetWriteDeadline(t time.Time) error {
	if x.in.over.Load() {
		return net.ErrClosed
	}
	x.ownWrite.Store(true)
	return x.conn.c.SetWriteDeadline(t)
}

// An incoming is an exchange as the reader of what arrives for it.
type incoming exchange

// Read waits as long as ReadTimeout or the handler's own deadline allow.
func (x *incoming) Read(p []byte) (n int, err error) {
	r, d := x.conn.r, x.conn.srv.readTimeout()
	if d < 0 || x.ownRead.Load() || r.Buffered() > 0 {
		n, err = r.Read(p)
	} else {
		r.SetDeadline(time.Now().Add(d))
		n, err = r.Read(p)
		r.SetDeadline(time.Time{})
	}
	if server.Interrupted(err) {
		err = os.ErrDeadlineExceeded // without addresses
	}
	return n, err
}

// Hijack gives the connection to the handler, with what has been read of it
// and not yet taken.
func (x *exchange) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	c := x.conn
	if err := c.w.Flush(); err != nil {
		return nil, nil, err
	}
	x.end()
	rest := make([]byte, c.r.Buffered())
	io.ReadFull(c.r, rest)
	c.r.Release()
	nc, err := c.c.HandOver()
	if err != nil {
		return nil, nil, err
	}
	x.hijacked = true
	nc.SetDeadline(time.Time{})
	r := bufio.NewReaderSize(io.MultiReader(bytes.NewReader(rest), nc), max(len(rest), 4096))
	r.Peek(len(rest))
	return nc, bufio.NewReadWriter(r, bufio.NewWriter(nc)), nil
}
