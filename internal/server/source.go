package server

import (
	"net"
	"sync"
)

// A source is where connections come from: a listener, and perhaps its
// descriptor.
type source struct {
	ln   net.Listener
	raw  *rawListener // nil when only ln.Accept will do
	once sync.Once
	err  error
}

// newSource takes descriptors where that is all that the Accept of ln would do,
// unless somebody wants to see each net.Conn.
func (l *Loop) newSource(ln net.Listener) *source {
	src := &source{ln: ln}
	if l.ConnContext == nil {
		src.raw = newRawListener(ln)
	}
	return src
}

func (s *source) accept() (form, error) {
	if s.raw != nil {
		if f, err := s.raw.accept(); f != nil || err != nil {
			return f, err
		}
	}
	nc, err := s.ln.Accept()
	if err != nil {
		return nil, err
	}
	return &netForm{Conn: nc}, nil
}

// Close ends an accept that waits.
func (s *source) Close() error {
	s.once.Do(func() { s.err = s.ln.Close() })
	return s.err
}
