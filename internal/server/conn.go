package server

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

// A use is what a connection is doing, as far as draining cares.
type use int32

const (
	// useNew: nothing has arrived yet.
	useNew use = iota
	// useActive: an exchange is under way.
	useActive
	// useIdle: between two exchanges; it may be closed at any time.
	useIdle
)

// A Conn is one accepted connection. Reads come from one goroutine at a time,
// writes too; the other methods may be called at any time.
type Conn struct {
	loop  *Loop
	form  form
	ctx   context.Context
	since time.Time
	use   atomic.Int32
	crowd int32                    // turns for which others are taken to be there
	waits atomic.Int64             // since when an idle one has waited, in nanoseconds since 1970
	turn  uint64                   // the last of Loop.turns that was this one's
	right atomic.Pointer[acceptor] // not nil: who serves has the right to accept

	closeOnce sync.Once
	closeErr  error
	handed    atomic.Bool // the handler has taken it over
	pause     pause
	owner     Owner

	writeMu  sync.Mutex
	ownWrite bool // SetWriteDeadline is in force, not WriteTimeout

	retired int32 // how often retire was called; guarded by loop.mu
}

func newConn(l *Loop, f form, ctx context.Context) *Conn {
	c := &Conn{loop: l, form: f, ctx: ctx, since: time.Now()}
	c.pause.moved.L = &c.pause.mu
	f.attach(c)
	return c
}

// Context is that of BaseContext and ConnContext.
func (c *Conn) Context() context.Context { return c.ctx }

// NetConn makes the connection a net.Conn, if it is none yet, and returns it.
// Nobody may be reading or writing meanwhile.
func (c *Conn) NetConn() (net.Conn, error) {
	c.PassRight(false)
	nc, err := c.form.netConn()
	if err != nil {
		return nil, err
	}
	c.form = &netForm{Conn: nc}
	return nc, nil
}

// Accepted returns the net.Conn that the listener's Accept returned, nil where
// only its descriptor was taken.
func (c *Conn) Accepted() net.Conn {
	if f, ok := c.form.(*netForm); ok {
		return f.Conn
	}
	return nil
}

// RemoteAddr returns the address of the peer.
func (c *Conn) RemoteAddr() net.Addr { return c.form.RemoteAddr() }

// LocalAddr returns the address that the peer came to.
func (c *Conn) LocalAddr() net.Addr { return c.form.LocalAddr() }

// Unix reports whether the peer is on a unix socket.
func (c *Conn) Unix() bool { return c.form.unix() }

// Begin says that an exchange is under way.
func (c *Conn) Begin() { c.use.Store(int32(useActive)) }

// Idle says that the connection waits for its next exchange. It returns false
// when there will be none, since the loop drains: the caller closes then.
func (c *Conn) Idle() bool {
	c.use.Store(int32(useIdle))
	return !c.loop.Draining()
}

// Since says since when the connection has waited for its next exchange.
func (c *Conn) Since(t time.Time) { c.waits.Store(t.UnixNano()) }

// An Owner is who serves a connection.
type Owner interface {
	// Retire is called, any number of times, instead of Close when the loop
	// drains and the connection is idle. It closes the connection unless it is
	// not idle any more, at once or when the peer has been heard out. It does
	// not wait.
	Retire()
}

// SetOwner is called, if at all, before Begin and Idle.
func (c *Conn) SetOwner(o Owner) {
	c.owner = o
	c.use.Store(int32(useNew)) // who sees that sees owner, too
}

func (c *Conn) retire() {
	if c.owner != nil {
		c.owner.Retire()
		return
	}
	c.Close()
}

// Draining reports whether the server is on its way out.
func (c *Conn) Draining() bool { return c.loop.Draining() }

func (c *Conn) unused() bool {
	switch use(c.use.Load()) {
	case useIdle:
		return true
	case useNew:
		return time.Since(c.since) > patience
	}
	return false
}

// Read reads what has arrived, at least one byte unless there is an error.
func (c *Conn) Read(p []byte) (int, error) {
	return c.form.Read(p)
}

// ReadBuffers is Read into one slice of v after another, as far as what has
// arrived goes. What the first has between its length and its capacity may be
// written to, too: where the system reads into one slice only, the second gets
// what comes that way, and the others nothing.
func (c *Conn) ReadBuffers(v [][]byte) (int, error) {
	return c.form.readBuffers(v)
}

// Yield lets other connections go first before the next request is read: by then it may have come, and nobody has to wait for it, which costs more
// than the turn. Where no other has had one since, it would only wake a thread, and does nothing. It is called by who reads.
func (c *Conn) Yield() {
	if c.crowd > 0 {
		c.crowd--
		runtime.Gosched()
		return
	}
	n := c.loop.turns.Add(1)
	if n != c.turn+1 {
		c.crowd = crowd
		runtime.Gosched()
	}
	c.turn = n
}

// crowd is for how many turns others are taken to be there once they have been.
const crowd = 15

// A Lender lends memory to read into.
type Lender interface {
	// Lend returns memory for at least one byte. The next call is Return,
	// unless the read has put something there.
	Lend() []byte
	// Return takes back what was lent for nothing.
	Return()
	// Waits is called, while nothing is lent, before a read that has to wait for
	// the peer, or may. A Close waits for it: it must not wait for who closes.
	Waits()
}

// ReadLent reads into memory of l. While the connection has nothing to read, it
// has no memory either, where it can be so.
func (c *Conn) ReadLent(l Lender) (int, error) {
	return c.form.readLent(l)
}

// Write writes all of p.
func (c *Conn) Write(p []byte) (int, error) {
	c.armWrite()
	return c.form.Write(p)
}

// WriteLast writes all of p and tells the peer that nothing more comes, where
// that can be, both together if it can: a peer that keeps the connection must not
// take it for its next request in between.
func (c *Conn) WriteLast(p []byte) error {
	c.form.cork()
	_, err := c.Write(p)
	if err == nil {
		c.CloseWrite()
	}
	return err
}

// WriteBuffers writes all of v in as few system calls as there can be. It
// consumes v and keeps none of it.
func (c *Conn) WriteBuffers(v *net.Buffers) (int64, error) {
	c.armWrite()
	return c.form.writeBuffers(v)
}

func (c *Conn) armWrite() {
	d := c.loop.WriteTimeout
	if d <= 0 {
		return
	}
	c.writeMu.Lock()
	defer c.writeMu.Unlock()
	if !c.ownWrite {
		c.form.SetWriteDeadline(time.Now().Add(d))
	}
}

// SetReadDeadline is that of net.Conn.
func (c *Conn) SetReadDeadline(t time.Time) error { return c.form.SetReadDeadline(t) }

// SetWriteDeadline is that of net.Conn. It takes the place of WriteTimeout
// until it is called with the zero time, from which on that counts anew.
func (c *Conn) SetWriteDeadline(t time.Time) error {
	c.writeMu.Lock()
	defer c.writeMu.Unlock()
	c.ownWrite = !t.IsZero()
	if !c.ownWrite {
		t = Deadline(c.loop.WriteTimeout)
	}
	return c.form.SetWriteDeadline(t)
}

// past is a deadline that has always passed.
var past = time.Unix(1, 0)

// Interrupt makes a read or a Hangup that waits return os.ErrDeadlineExceeded,
// and every later one until Resume.
func (c *Conn) Interrupt() {
	c.form.SetReadDeadline(past)
	c.pause.interrupt(true)
}

// Resume ends the effect of Interrupt.
func (c *Conn) Resume() {
	c.form.SetReadDeadline(time.Time{})
	c.pause.interrupt(false)
}

// Interrupted reports whether err is that of Interrupt.
func Interrupted(err error) bool { return errors.Is(err, os.ErrDeadlineExceeded) }

// CloseWrite tells the peer that nothing more comes.
func (c *Conn) CloseWrite() error {
	return c.form.CloseWrite()
}

// Drain lets the peer finish: it closes the sending side, then reads and drops
// what still comes, at most max bytes for at most d, so that the close that
// follows does not destroy what the peer has yet to read.
func (c *Conn) Drain(max int64, d time.Duration) { c.DrainRest(0, max, d) }

// DrainRest is Drain for a peer that has announced rest bytes more. Those may
// take as long as they keep coming: d bounds each wait for them, and max and d
// together what follows.
func (c *Conn) DrainRest(rest, max int64, d time.Duration) {
	if c.CloseWrite() != nil {
		return
	}
	for rest > 0 {
		c.form.SetReadDeadline(time.Now().Add(d))
		n, err := io.CopyN(io.Discard, c.form, min(rest, drainStep))
		if err != nil {
			return
		}
		rest -= n
	}
	c.form.SetReadDeadline(time.Now().Add(d))
	io.CopyN(io.Discard, c.form, max)
}

// drainStep is how many bytes DrainRest awaits in the time of one wait.
const drainStep = 32 << 10

// Reset closes the connection so that the peer sees an error where it can: on
// TCP a reset, with TLS an end without notice. On a unix socket it is Close.
func (c *Conn) Reset() error {
	c.form.abort()
	return c.Close()
}

// Close closes the connection and ends its tracking. Later calls do nothing.
func (c *Conn) Close() error {
	c.closeOnce.Do(func() {
		if !c.handed.Load() {
			c.closeErr = c.form.Close()
		}
		c.pause.close()
		c.loop.forget(c)
	})
	return c.closeErr
}

// HandOver gives the connection to the caller, who closes it. The loop forgets
// it.
func (c *Conn) HandOver() (net.Conn, error) {
	nc, err := c.NetConn()
	if err != nil {
		return nil, err
	}
	c.handed.Store(true)
	c.Close()
	return nc, nil
}
