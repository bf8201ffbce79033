package memconn

import (
	"net"
	"time"
)

// Size is how many bytes wait in each direction of a connection before its
// writer does.
const Size = 64 << 10

// A Conn is one end of a connection in memory. Its methods may be called by
// several goroutines at a time.
type Conn struct {
	in, out *half
}

var _ net.Conn = (*Conn)(nil)

// Pipe returns both ends of a connection in which at most size bytes wait in
// each direction.
func Pipe(size int) (*Conn, *Conn) {
	a, b := newHalf(size), newHalf(size)
	return &Conn{a, b}, &Conn{b, a}
}

// Read reads what has arrived. It returns io.EOF after the peer's CloseWrite or
// Close, and ECONNRESET after a reset.
func (c *Conn) Read(p []byte) (int, error) { return c.in.read(p) }

// Arrived reports whether Read would not wait.
func (c *Conn) Arrived() bool { return c.in.arrived() }

// Write writes all of p, as the peer reads. It fails with EPIPE when the peer
// has closed.
func (c *Conn) Write(p []byte) (int, error) { return c.out.write(p) }

// CloseWrite lets the peer read io.EOF after what was written.
func (c *Conn) CloseWrite() error { return c.out.end() }

// Close closes both directions. What was written can be read by the peer,
// unless there are bytes that this end has not read: then it is Reset.
func (c *Conn) Close() error { return c.close(false) }

// Reset closes both directions and destroys what the peer has not yet read.
func (c *Conn) Reset() error { return c.close(true) }

func (c *Conn) close(reset bool) error {
	unread, open := c.in.abandon()
	if !open {
		return net.ErrClosed
	}
	c.out.leave(reset || unread)
	return nil
}

// SetDeadline is both of the following.
func (c *Conn) SetDeadline(t time.Time) error {
	c.SetReadDeadline(t)
	return c.SetWriteDeadline(t)
}

// SetReadDeadline bounds Read, also one that waits.
func (c *Conn) SetReadDeadline(t time.Time) error {
	c.in.set(&c.in.late, t)
	return nil
}

// SetWriteDeadline bounds Write, also one that waits.
func (c *Conn) SetWriteDeadline(t time.Time) error {
	c.out.set(&c.out.over, t)
	return nil
}

// LocalAddr returns an address that says nothing.
func (c *Conn) LocalAddr() net.Addr { return addr{} }

// RemoteAddr returns an address that says nothing.
func (c *Conn) RemoteAddr() net.Addr { return addr{} }

type addr struct{}

func (addr) Network() string { return "memory" }
func (addr) String() string  { return "memory" }
