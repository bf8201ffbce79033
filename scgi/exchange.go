package scgi

import (
	"fmt"
	"io"
	"sync/atomic"
	"time"

	"github.com/postern-go/postern/env"
	"github.com/postern-go/postern/gateway"
	"github.com/postern-go/postern/internal/fifo"
	"github.com/postern-go/postern/internal/server"
)

// An exchange is the one request of a connection and its response.
type exchange struct {
	server *Server
	conn   *server.Conn
	in     *server.Reader
	out    *server.Writer
	header header
	stderr stderr

	left    atomic.Int64 // bytes of the body not yet read
	counted bool         // it counts as under way
	watched bool         // Attach was called
	ownRead atomic.Bool  // the handler has set the deadline of reads
}

var (
	_ gateway.Copier  = (*exchange)(nil)
	_ gateway.Refuser = (*exchange)(nil)
)

// AddCGIVars adds the variables that came and those that follow from them.
func (x *exchange) AddCGIVars(v *env.Vars) {
	x.header.addTo(v)
	derive(v, x.server.Mount)
}

// Stdin is the body, which ends after CONTENT_LENGTH bytes.
func (x *exchange) Stdin() io.Reader { return (*stdin)(x) }

// Stderr is the server's log.
func (x *exchange) Stderr() io.Writer { return &x.stderr }

// Write buffers p, or sends it when it is large.
func (x *exchange) Write(p []byte) (int, error) {
	return x.out.Write(p)
}

// ReadFrom sends a file without its bytes passing through the program.
func (x *exchange) ReadFrom(src io.Reader) (int64, error) {
	return x.out.ReadFrom(src)
}

// Flush sends what is buffered.
func (x *exchange) Flush() error {
	return x.out.Flush()
}

// SetReadDeadline is for http.ResponseController. It takes the place of ReadTimeout.
func (x *exchange) SetReadDeadline(t time.Time) error {
	x.ownRead.Store(true)
	return x.in.SetDeadline(t)
}

// SetWriteDeadline is for http.ResponseController. It takes the place of WriteTimeout.
func (x *exchange) SetWriteDeadline(t time.Time) error { return x.conn.SetWriteDeadline(t) }

// Attach makes the departure of the web server end the context.
func (x *exchange) Attach(c gateway.Canceler) {
	x.watched = true
	if x.left.Load() > 0 {
		x.in.Spare = x.spare
	}
	x.in.Begin(func(err error) { c.Cancel(fmt.Errorf("scgi: web server is gone: %w", err)) })
}

// spare takes what there is of the body that the handler does not read.
func (x *exchange) spare() *fifo.Queue {
	return &fifo.Queue{Memory: spareMemory, Limit: min(x.server.maxSpool(), x.left.Load())}
}

// Watch makes it be seen from now on.
func (x *exchange) Watch() { x.in.Watch() }

// end is the end of Attach: no read waits any more, and nothing calls Cancel.
func (x *exchange) end() {
	if x.counted {
		x.server.loop.Done()
	}
	if x.watched {
		x.in.End()
	}
}

// release gives buffers back.
func (x *exchange) release() {
	x.stderr.close()
	x.in.Drop()
	x.in.Release()
}

// stdin is an exchange as the reader of its body.
type stdin exchange

// Read returns io.EOF after CONTENT_LENGTH bytes. A connection that ends before is io.ErrUnexpectedEOF.
func (b *stdin) Read(p []byte) (int, error) {
	left := b.left.Load()
	if left == 0 {
		return 0, io.EOF
	}
	if int64(len(p)) > left {
		p = p[:left]
	}
	n, err := (*exchange)(b).read(p)
	b.left.Store(left - int64(n))
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return n, err
}

// read reads what has arrived, or waits for more within its time.
func (x *exchange) read(p []byte) (int, error) {
	d := x.server.readTimeout()
	if d < 0 || x.ownRead.Load() || x.in.Buffered() > 0 {
		return x.in.Read(p)
	}
	x.in.SetDeadline(time.Now().Add(d))
	n, err := x.in.Read(p)
	x.in.SetDeadline(time.Time{})
	return n, err
}
