package server

import (
	"context"
	"net"
	"sync"
)

// A source is where connections come from: a listener, and perhaps its
// descriptor.
type source struct {
	loop  *Loop
	ln    net.Listener
	ctx   context.Context // of its connections
	raw   *rawListener    // nil when only ln.Accept will do
	queue *rawListener    // the same, also where somebody wants to see each net.Conn
	once  sync.Once
	err   error

	accepts sync.RWMutex // held for reading while Accept of ln is called
}

// newSource takes descriptors where that is all that the Accept of ln would do,
// unless somebody wants to see each net.Conn.
func (l *Loop) newSource(ln net.Listener) *source {
	src := &source{loop: l, ln: ln, ctx: context.Background(), queue: newRawListener(ln)}
	if l.BaseContext != nil {
		src.ctx = l.BaseContext(ln)
	}
	if l.ConnContext == nil {
		src.raw = src.queue
	}
	return src
}

func (s *source) accept() (form, error) {
	if s.raw != nil {
		if f, err := s.raw.accept(); f != nil || err != nil {
			return f, err
		}
	}
	s.accepts.RLock()
	nc, err := s.ln.Accept()
	s.accepts.RUnlock()
	if err != nil {
		return nil, err
	}
	return &netForm{Conn: nc}, nil
}

// Close ends an accept that waits. While one does, the close of the listener is
// no close of the socket, whose queue goes on to fill: so it ends first.
func (s *source) Close() error {
	s.once.Do(func() {
		if s.queue != nil && s.loop.Draining() && s.queue.interrupt() == nil {
			s.accepts.Lock()
			defer s.accepts.Unlock()
			s.drain()
		}
		s.err = s.ln.Close()
	})
	return s.err
}

// queueMost bounds what drain accepts.
const queueMost = 4096

// drain serves what waits in the queue of the listener, which the close would
// reset, as far as there is room.
func (s *source) drain() {
	l := s.loop
	for range queueMost {
		if !l.roomy() {
			return
		}
		f, err := s.queue.accept()
		if f == nil || err != nil {
			return
		}
		if l.ConnContext != nil {
			nc, err := newConn(l, f, s.ctx).NetConn()
			if err != nil {
				f.Close()
				return
			}
			f = &netForm{Conn: nc}
		}
		if l.admit(f) {
			if c := l.track(s.ctx, f); c != nil {
				go l.Handle(c)
			}
		}
	}
}
