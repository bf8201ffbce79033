package server

import (
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"syscall"
)

var errHangup = errors.New("peer closed the connection")

// Gone tells, after a read has returned err, when the peer is gone: at once,
// but for the end of the stream on a unix socket, which may be the half close
// of a client that still reads. There it is Hangup.
func (c *Conn) Gone(err error) error {
	if err != io.EOF || !c.Unix() || !hangupShows || c.socket() == nil {
		return err
	}
	return c.Hangup()
}

// Hangup waits, without reading, until the peer is gone: on a unix socket it
// has closed wholly, elsewhere it has ended its side. It returns why the wait
// has ended, never nil: also that of Interrupt, and Close. Where a departure
// does not show without reading, only those two end it.
func (c *Conn) Hangup() error {
	raw := c.socket()
	if !hangupShows || raw == nil {
		return c.pause.wait()
	}
	if err := raw.Read(c.hungUp); err != nil {
		return err
	}
	return errHangup
}

// Arrived reports whether there is something to read, as far as that shows
// without reading.
func (c *Conn) Arrived() (yes bool) {
	if nc, ok := c.Accepted().(interface{ Arrived() bool }); ok {
		return nc.Arrived()
	}
	if raw := c.socket(); raw != nil {
		raw.Control(func(fd uintptr) { yes = readable(int(fd)) })
	}
	return yes
}

// socket returns the socket under a connection, nil when there is none.
func (c *Conn) socket() syscall.RawConn {
	raw, err := c.form.syscallConn()
	if err != nil {
		return nil
	}
	return raw
}

// A pause is a wait that only Interrupt and Close end.
type pause struct {
	mu          sync.Mutex
	moved       sync.Cond
	interrupted bool
	closed      bool
}

func (p *pause) wait() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	for {
		switch {
		case p.closed:
			return net.ErrClosed
		case p.interrupted:
			return os.ErrDeadlineExceeded
		}
		p.moved.Wait()
	}
}

func (p *pause) interrupt(yes bool) {
	p.mu.Lock()
	p.interrupted = yes
	p.moved.Broadcast()
	p.mu.Unlock()
}

func (p *pause) close() {
	p.mu.Lock()
	p.closed = true
	p.moved.Broadcast()
	p.mu.Unlock()
}
