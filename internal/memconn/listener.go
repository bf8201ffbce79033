package memconn

import (
	"net"
	"sync"
	"syscall"
)

// A Listener hands out connections that are made by Dial. Its queue has no end.
type Listener struct {
	mu     sync.Mutex
	moved  sync.Cond
	queue  []*Conn
	closed bool
}

// Listen returns a listener.
func Listen() *Listener {
	l := new(Listener)
	l.moved.L = &l.mu
	return l
}

// Dial returns the peer's end of a connection that Accept will return. It does
// not wait for that.
func (l *Listener) Dial() (*Conn, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return nil, syscall.ECONNREFUSED
	}
	here, there := Pipe(Size)
	l.queue = append(l.queue, there)
	l.moved.Broadcast()
	return here, nil
}

// Accept returns the next connection.
func (l *Listener) Accept() (net.Conn, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for len(l.queue) == 0 && !l.closed {
		l.moved.Wait()
	}
	if l.closed {
		return nil, net.ErrClosed
	}
	c := l.queue[0]
	l.queue = l.queue[1:]
	return c, nil
}

// Close ends Accept and resets the connections that wait for it.
func (l *Listener) Close() error {
	l.mu.Lock()
	queue := l.queue
	closed := l.closed
	l.queue, l.closed = nil, true
	l.moved.Broadcast()
	l.mu.Unlock()
	if closed {
		return net.ErrClosed
	}
	for _, c := range queue {
		c.Reset()
	}
	return nil
}

// Addr returns an address that says nothing.
func (l *Listener) Addr() net.Addr { return addr{} }
