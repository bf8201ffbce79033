package client

import (
	"context"
	"fmt"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// The protocols of a Work.
const (
	FastCGI = "fastcgi"
	SCGI    = "scgi"
	HTTP    = "http"
)

// A Work is one kind of request, made again and again.
type Work struct {
	Protocol string
	// Path is that of the request; /hello is a small one.
	Path string
	// Upload is the length of the request body in bytes; 0 is a GET.
	Upload int64
	// Conns is how many connections work at a time.
	Conns int
	// New makes a connection for every request. SCGI knows nothing else.
	New bool
	// Batch is how many requests a connection has under way at a time, FastCGI
	// only; less than 2 means one.
	Batch int
	// Script is SCRIPT_FILENAME, which is left out when it is empty.
	Script string
	// Size is how many bytes of body an answer must have.
	Size int64
	// Traffic, if not nil, counts the bytes of all connections.
	Traffic *Traffic
}

// Run works on a server for a while and returns how many requests were
// answered. It stops after most requests where that comes first.
func (w Work) Run(network, addr string, d time.Duration, most int64) (int64, error) {
	ctx, cancel := context.WithTimeout(context.Background(), d)
	defer cancel()
	var done atomic.Int64
	var wait sync.WaitGroup
	var once sync.Once
	var first error
	for range w.Conns {
		wait.Go(func() {
			c := w.client(network, addr)
			defer c.close()
			if err := c.run(ctx, &done, most); err != nil {
				once.Do(func() { first = err })
				cancel()
			}
		})
	}
	wait.Wait()
	return done.Load(), first
}

// Hold makes n connections with a number of requests each and keeps them open
// until release is called.
func (w Work) Hold(network, addr string, n int, requests int64) (release func(), err error) {
	var clients []*client
	release = func() {
		for _, c := range clients {
			c.close()
		}
	}
	for range n {
		c := w.client(network, addr)
		clients = append(clients, c)
		if err := c.run(context.Background(), new(atomic.Int64), requests); err != nil {
			release()
			return nil, err
		}
	}
	return release, nil
}

// patience is how long a connection may be in use.
const patience = 30 * time.Second

// A client is one connection after another.
type client struct {
	Work
	network, addr string
	request       []byte
	conn          net.Conn
	buf           []byte
	r, w          int // buf[r:w] has been read
}

func (w Work) client(network, addr string) *client {
	c := &client{Work: w, network: network, addr: addr, buf: make([]byte, 64<<10)}
	c.Batch = max(c.Batch, 1)
	c.New = c.New || w.Protocol == SCGI
	for id := range c.Batch {
		c.request = append(c.request, c.head(uint16(id+1))...)
	}
	return c
}

func (c *client) head(id uint16) []byte {
	switch c.Protocol {
	case FastCGI:
		return c.fastcgiHead(id)
	case SCGI:
		return c.scgiHead()
	}
	return c.httpHead()
}

// run makes requests until ctx ends or most have been made by all.
func (c *client) run(ctx context.Context, done *atomic.Int64, most int64) error {
	for ctx.Err() == nil && done.Load() < most {
		if err := c.exchange(); err != nil {
			return fmt.Errorf("client: %s of %s: %w", c.Protocol, c.Path, err)
		}
		done.Add(int64(c.Batch))
	}
	return nil
}

func (c *client) close() {
	if c.conn != nil {
		c.conn.Close()
		c.conn = nil
	}
}

// exchange makes a request, or a batch, and reads the answers.
func (c *client) exchange() error {
	if c.conn == nil {
		nc, err := net.Dial(c.network, c.addr)
		if err != nil {
			return err
		}
		nc.SetDeadline(time.Now().Add(patience))
		if c.Traffic != nil {
			nc = countedConn{nc, c.Traffic}
		}
		c.conn, c.r, c.w = nc, 0, 0
	}
	if c.New {
		defer c.close()
	}
	if _, err := c.conn.Write(c.request); err != nil {
		return err
	}
	if err := c.sendBody(); err != nil {
		return err
	}
	n, err := c.answers()
	if err == nil && n != c.Size*int64(c.Batch) {
		err = fmt.Errorf("answer of %d bytes, want %d", n, c.Size)
	}
	return err
}

// answers returns how many bytes of body came.
func (c *client) answers() (int64, error) {
	switch c.Protocol {
	case FastCGI:
		return c.fastcgiAnswers()
	case SCGI:
		return c.scgiAnswer()
	}
	return c.httpAnswer()
}

// fill reads once. It is called when there is room.
func (c *client) fill() error {
	if c.r > 0 {
		c.w = copy(c.buf, c.buf[c.r:c.w])
		c.r = 0
	}
	n, err := c.conn.Read(c.buf[c.w:])
	c.w += n
	if n == 0 && err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return err
}

// skip drops n bytes, those that have not yet arrived too.
func (c *client) skip(n int64) error {
	for n > int64(c.w-c.r) {
		n -= int64(c.w - c.r)
		c.r, c.w = 0, 0
		if err := c.fill(); err != nil {
			return err
		}
	}
	c.r += int(n)
	return nil
}
