package server

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"math"
	"net"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// A Loop accepts connections from any number of listeners. Its fields are set
// before the first call of Serve and not changed after.
type Loop struct {
	// Name is the prefix of log messages, that of the front end's errors.
	Name string
	// Handle serves one connection, on a goroutine of its own. It may return
	// before the connection is closed, which is then another goroutine's to do.
	Handle func(*Conn)
	// MaxConns bounds the connections open at a time; the next ones wait in
	// the listener's queue. 0 and less mean no bound.
	MaxConns int
	// Access lists who may connect. Others are closed before anything is read,
	// and logged, one a second at most.
	Access Access
	// BaseContext and ConnContext are those of http.Server. Nil means
	// context.Background, and no change.
	BaseContext func(net.Listener) context.Context
	ConnContext func(context.Context, net.Conn) context.Context
	// MaxRequests bounds the requests under way on all connections, which the
	// front end counts with Take and Done; 0 and less mean no bound.
	MaxRequests int
	// WriteTimeout bounds each write to a connection; 0 and less mean no bound.
	WriteTimeout time.Duration
	// ErrorLog takes what goes wrong with accepting. Nil means slog.Default.
	ErrorLog *slog.Logger

	dog      watchdog
	closing  atomic.Bool // Shutdown or Close was called
	requests atomic.Int64
	turns    atomic.Uint64 // counts the calls of Yield
	warned   atomic.Bool   // LargeHead has been called
	refused  refusals

	mu        sync.Mutex
	sources   map[*source]struct{}
	accepting int // calls of Serve that may still bring a connection
	conns     map[*Conn]struct{}
	closed    bool       // Close was called
	room      *sync.Cond // signalled when a connection has gone, and by stopAccepting
}

// Log returns the logger.
func (l *Loop) Log() *slog.Logger {
	if l.ErrorLog != nil {
		return l.ErrorLog
	}
	return slog.Default()
}

// Serve accepts connections from ln until the loop is closed, and closes ln.
// It returns http.ErrServerClosed then, otherwise the error of the listener.
// What it has accepted by then is served.
func (l *Loop) Serve(ln net.Listener) error {
	src := l.newSource(ln)
	if !l.add(src) {
		ln.Close()
		return http.ErrServerClosed
	}
	defer l.remove(src)
	a := &acceptor{loop: l, src: src, ctx: src.ctx, done: make(chan error, 1)}
	go a.accept()
	return <-a.done
}

// passing tells the errors of accept that pass by themselves.
func passing(err error) bool {
	for _, e := range []error{syscall.EMFILE, syscall.ENFILE, syscall.ENOBUFS, syscall.ENOMEM,
		syscall.ECONNABORTED, syscall.ECONNRESET, syscall.EINTR, syscall.EPROTO, syscall.EPERM} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}

// sleep waits, or until the loop closes.
func (l *Loop) sleep(d time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	over := false
	t := time.AfterFunc(d, func() {
		l.mu.Lock()
		over = true
		l.room.Broadcast()
		l.mu.Unlock()
	})
	defer t.Stop()
	for !over && !l.closing.Load() {
		l.room.Wait()
	}
}

// wait blocks while the loop is full. It returns false once it is closing.
func (l *Loop) wait() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	for l.MaxConns > 0 && len(l.conns) >= l.MaxConns && !l.closing.Load() {
		l.room.Wait()
	}
	return !l.closing.Load()
}

// roomy reports whether one more connection may be accepted while the loop
// drains.
func (l *Loop) roomy() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return !l.closed && (l.MaxConns <= 0 || len(l.conns) < l.MaxConns)
}

// track makes a connection of f. It returns nil after Close.
func (l *Loop) track(ctx context.Context, f form) *Conn {
	if nc, ok := f.(*netForm); ok && l.ConnContext != nil {
		ctx = l.ConnContext(ctx, nc.Conn)
	}
	c := newConn(l, f, ctx)
	l.mu.Lock()
	l.conns[c] = struct{}{}
	closed := l.closed
	l.mu.Unlock()
	if closed {
		c.Close()
		return nil
	}
	return c
}

func (l *Loop) add(src *source) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.room == nil {
		l.room = sync.NewCond(&l.mu)
		l.sources = make(map[*source]struct{})
		l.conns = make(map[*Conn]struct{})
	}
	if l.closing.Load() {
		return false
	}
	l.sources[src] = struct{}{}
	l.accepting++
	return true
}

func (l *Loop) remove(src *source) {
	src.Close()
	l.mu.Lock()
	delete(l.sources, src)
	l.accepting--
	l.mu.Unlock()
}

func (l *Loop) forget(c *Conn) {
	l.mu.Lock()
	delete(l.conns, c)
	l.room.Broadcast()
	l.mu.Unlock()
}

// Draining reports whether Shutdown or Close has been called.
func (l *Loop) Draining() bool {
	return l.closing.Load()
}

// stopAccepting closes the listeners, once. That somebody else has closed one
// of them is no error.
func (l *Loop) stopAccepting() error {
	l.mu.Lock()
	l.closing.Store(true)
	sources := l.sources
	l.sources = nil
	if l.room != nil {
		l.room.Broadcast()
	}
	l.mu.Unlock()
	var first error
	for src := range sources {
		if err := src.Close(); first == nil && !errors.Is(err, net.ErrClosed) {
			first = err
		}
	}
	return first
}

// Shutdown accepts what waits in the queues of listeners of package net, as far
// as MaxConns allows, and then no more. It closes idle connections after
// idleGrace, little by little, and waits until the others are done or ctx ends,
// whose error it returns then.
func (l *Loop) Shutdown(ctx context.Context) error {
	err := l.stopAccepting()
	begun, most := time.Now(), 0
	for pause := time.Millisecond; ; {
		before := int64(-1)
		switch now := time.Now(); {
		case now.Sub(begun) >= idleMost:
			before = math.MaxInt64
		case now.Sub(begun) >= idleGrace:
			before = now.Add(-idleGrace).UnixNano()
		}
		idle, empty := l.idle(before)
		if empty {
			return err
		}
		most = max(most, len(idle))
		l.retire(idle[:min(len(idle), most/idleSteps+1)])
		t := time.NewTimer(pause)
		select {
		case <-ctx.Done():
			t.Stop()
			idle, _ = l.idle(math.MaxInt64)
			l.retire(idle)
			return ctx.Err()
		case <-t.C:
		}
		if pause = min(2*pause, 100*time.Millisecond); len(idle) > 0 {
			pause = min(pause, idlePause)
		}
	}
}

// patience is how long a connection that has not yet sent anything counts as
// one that is about to.
const patience = 5 * time.Second

const (
	// idleGrace is how long Shutdown leaves idle connections open, and how long
	// they must have been idle. One that is closed while the peer sends a request
	// loses that; one that is in use ends together with its next answer.
	idleGrace = 250 * time.Millisecond
	// idleMost is how long it leaves one open on which something comes that is
	// no request.
	idleMost = time.Second
	// idleSteps is in how many steps the idle ones are closed, and idlePause is
	// the time between two: a peer that has several takes the one that it has
	// used last, and that is closed last.
	idleSteps = 16
	idlePause = 10 * time.Millisecond
)

// idle returns the connections that have not been in use since a time, in
// nanoseconds since 1970, or before, and reports whether there is no connection at
// all. Those come first that have been retired least often, of these the ones that
// have been idle for longest.
func (l *Loop) idle(before int64) (idle []*Conn, empty bool) {
	l.mu.Lock()
	for c := range l.conns {
		if c.unused() && c.waits.Load() <= before {
			idle = append(idle, c)
		}
	}
	slices.SortFunc(idle, func(a, b *Conn) int {
		return cmp.Or(cmp.Compare(a.retired, b.retired), cmp.Compare(a.waits.Load(), b.waits.Load()))
	})
	empty = len(l.conns)+l.accepting == 0
	l.mu.Unlock()
	return idle, empty
}

func (l *Loop) retire(idle []*Conn) {
	l.mu.Lock()
	for _, c := range idle {
		c.retired++
	}
	l.mu.Unlock()
	for _, c := range idle {
		c.retire()
	}
}

// Close stops accepting and closes every connection at once.
func (l *Loop) Close() error {
	l.mu.Lock()
	l.closed = true
	l.mu.Unlock()
	err := l.stopAccepting()
	l.mu.Lock()
	var all []*Conn
	for c := range l.conns {
		all = append(all, c)
	}
	l.mu.Unlock()
	for _, c := range all {
		c.Close()
	}
	return err
}
