package origin

import (
	"context"
	"errors"
	"net"
)

// ServeOne accepts one connection on the TCP address Addr, answers one request
// on it, and returns nil (wsgiref's handle_request). It listens when it is
// first called, unless NewServer has done so, and goes on listening for the
// next call. A connection that brings no request, or one that is refused,
// counts as well; a peer that may not connect does not.
//
// After Shutdown and Close it returns ErrServerClosed, at once, and it returns
// the error of the listener. ConnContext must derive its result from the
// context that it gets.
func (s *Server) ServeOne() error {
	l, err := s.bind(true)
	if err != nil {
		return err
	}
	err = s.loop.Serve(&one{Listener: l, srv: s, ended: make(chan struct{})})
	if err == errServed {
		return nil
	}
	return err
}

var errServed = errors.New("origin: the one connection is served")

// A one is a listener that accepts one connection and waits for its end.
type one struct {
	net.Listener
	srv   *Server
	taken bool
	ended chan struct{} // closed by the connection
}

func (l *one) Accept() (net.Conn, error) {
	if l.taken {
		<-l.ended
		return nil, errServed
	}
	c, err := l.Listener.Accept()
	for err == nil && !l.srv.loop.Admit(c) {
		c, err = l.Listener.Accept()
	}
	l.taken = err == nil
	return c, err
}

// Close leaves the listener open for the next call of ServeOne.
func (l *one) Close() error {
	if l.srv.loop.Draining() {
		return l.Listener.Close()
	}
	return nil
}

type oneKey struct{}

// baseContext is BaseContext. Connections find the listener by it that they
// are the only ones of.
func (s *Server) baseContext(l net.Listener) context.Context {
	only, found := l.(*one)
	if found {
		l = only.Listener
	}
	ctx := context.Background()
	if s.BaseContext != nil {
		ctx = s.BaseContext(l)
	}
	if found {
		ctx = context.WithValue(ctx, oneKey{}, only)
	}
	return ctx
}
