package backend

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"

	"github.com/postern-go/postern/internal/cgihead"
)

// A Call is one request and its response on a connection of its own. When the context of the request ends, the connection is closed.
type Call struct {
	protocol string // prefix of errors
	r        *http.Request
	conn     net.Conn
	unlink   func() bool // from the context
	holds    bool        // Hold was called
	spool    int64
	sent     chan struct{} // closed when nothing more is sent
	close    sync.Once
	mu       sync.Mutex
	failed   error // why sending broke off
}

// Dial connects by dial, or by a net.Dialer when dial is nil. An empty network is "tcp".
func Dial(ctx context.Context, dial func(context.Context) (net.Conn, error), network, address string) (net.Conn, error) {
	if dial != nil {
		return dial(ctx)
	}
	if network == "" {
		network = "tcp"
	}
	var d net.Dialer
	return d.DialContext(ctx, network, address)
}

// NewCall begins a call on conn, which it closes in the end, as it does the body of r.
func NewCall(protocol string, r *http.Request, conn net.Conn) *Call {
	c := &Call{protocol: protocol, r: r, conn: conn, sent: make(chan struct{})}
	c.unlink = context.AfterFunc(r.Context(), func() { conn.Close() })
	return c
}

// A Frame appends the wire form of a part of the request body to b, and that of its end after the last part.
type Frame func(b, part []byte, last bool) []byte

// Send writes head and then the body, for which it starts a goroutine when there is one. An error shows when the response is read,
// if at all: a worker may answer and close before it has read everything.
func (c *Call) Send(head []byte, frame Frame) {
	body := HasBody(c.r)
	if !body {
		head = frame(head, nil, true)
	}
	if _, err := c.conn.Write(head); err != nil || !body {
		c.end(err)
		return
	}
	go c.upload(frame)
}

// upload sends the body. When the body fails, the connection is closed so that the worker does not take a part for the whole.
func (c *Call) upload(frame Frame) {
	body := Declared(c.r)
	part := make([]byte, 32<<10)
	var b []byte
	for {
		n, err := body.Read(part)
		if err != nil && err != io.EOF {
			c.end(&BodyError{err})
			c.conn.Close()
			return
		}
		b = frame(b[:0], part[:n], err == io.EOF)
		if _, failed := c.conn.Write(b); failed != nil || err == io.EOF {
			c.end(failed)
			return
		}
	}
}

// Hold makes Response wait for the request body as AwaitBody does. That is for web servers, which may stop sending when a response begins.
func (c *Call) Hold(limit int64) { c.holds, c.spool = true, limit }

// end takes note that nothing more is sent, and why.
func (c *Call) end(err error) {
	c.mu.Lock()
	c.failed = err
	c.mu.Unlock()
	Unwanted(c.r)
	ReadAhead(c.r, 0, func(error) {}) // for the departure of the client
	close(c.sent)
}

// Response reads the head of the response from src, at most limit bytes, and returns it with the rest of src as its body.
// The call ends when the body is closed or has been read to its end or to an error.
func (c *Call) Response(src io.Reader, limit int) (*http.Response, error) {
	from := &noted{Reader: src}
	in := bufio.NewReader(from)
	head, err := cgihead.Parse(in, limit)
	if err != nil {
		if from.err != nil && from.err != io.EOF {
			err = from.err
		}
		err = c.explain(err)
		c.Close()
		return nil, err
	}
	if c.holds {
		if err := AwaitBody(c.r, c.spool, nil); err != nil {
			c.Close()
			return nil, c.named(err)
		}
	}
	resp := head.HTTP(c.r, in, c)
	resp.Body = &callBody{resp.Body, c, in, src}
	return resp, nil
}

// noted remembers the error that the reader ended with.
type noted struct {
	io.Reader
	err error
}

func (n *noted) Read(p []byte) (int, error) {
	got, err := n.Reader.Read(p)
	n.err = err
	return got, err
}

// explain returns what an error of reading comes from: the context, the request body, or itself.
func (c *Call) explain(err error) error {
	c.mu.Lock()
	failed := c.failed
	c.mu.Unlock()
	switch {
	case c.r.Context().Err() != nil:
		err = context.Cause(c.r.Context())
	case failed != nil && errors.Is(err, net.ErrClosed):
		err = failed
	case failed != nil:
		err = fmt.Errorf("%w, after sending failed: %w", err, failed)
	}
	return c.named(err)
}

// named says which protocol an error is of.
func (c *Call) named(err error) error {
	if prefix := c.protocol + ": "; !strings.HasPrefix(err.Error(), prefix) {
		err = fmt.Errorf("%s%w", prefix, err)
	}
	return err
}

// Close ends the call, wherever it is.
func (c *Call) Close() error {
	c.close.Do(func() {
		c.unlink()
		c.conn.Close()
		select {
		case <-c.sent:
		default:
			CloseBody(c.r)
		}
	})
	return nil
}

// callBody is the body of a response.
type callBody struct {
	io.ReadCloser
	call *Call
	in   *bufio.Reader
	src  io.Reader
}

func (b *callBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err != nil {
		if err != io.EOF {
			err = b.call.explain(err)
		}
		b.call.Close()
	}
	return n, err
}

// Buffered is not 0 when the next Read need not wait.
func (b *callBody) Buffered() int {
	n := b.in.Buffered()
	if more, ok := b.src.(interface{ Buffered() int }); ok {
		n += more.Buffered()
	}
	return n
}
