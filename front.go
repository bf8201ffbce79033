package postern

import (
	"context"
	"errors"
	"net"
	"net/http"
	"os"

	"github.com/postern-go/postern/cgi"
	"github.com/postern-go/postern/fastcgi"
	"github.com/postern-go/postern/internal/address"
	"github.com/postern-go/postern/internal/server"
	"github.com/postern-go/postern/origin"
	"github.com/postern-go/postern/scgi"
)

// front is one address that is open, with the front end that serves it.
type front interface {
	announce(listening func(addr string))
	serve() error // nil once shut down or closed
	shutdown(ctx context.Context) error
	close()
}

// open opens every address, or none.
func (s *Server) open(addrs []address.Address) ([]front, error) {
	if addrs[0].Protocol == address.CGI {
		return []front{s.process()}, nil
	}
	allowed, err := s.access(addrs)
	if err != nil {
		return nil, err
	}
	var fronts []front
	for _, a := range addrs {
		l, err := a.Listen(address.Options{Mode: s.SocketMode, Owner: s.SocketOwner})
		if err != nil {
			for _, f := range fronts {
				f.close()
			}
			return nil, err
		}
		fronts = append(fronts, &gate{addr: a, listener: l, server: s.server(a.Protocol, allowed[a.Protocol])})
	}
	return fronts, nil
}

// addresses are Addrs parsed, with auto replaced by what it stands for.
func (s *Server) addresses() ([]address.Address, error) {
	spellings := s.Addrs
	if len(spellings) == 0 {
		spellings = []string{address.Auto}
	}
	var addrs []address.Address
	for _, spelling := range spellings {
		a, err := address.Parse(spelling)
		if err != nil {
			return nil, err
		}
		found := []address.Address{a}
		if a.Protocol == address.Auto {
			if found, err = detect(); err != nil {
				return nil, err
			}
		}
		addrs = append(addrs, found...)
	}
	for _, a := range addrs {
		if a.Protocol == address.CGI && len(addrs) > 1 {
			return nil, errors.New("CGI answers one request on stdio: expected no other address beside it")
		}
	}
	return addrs, nil
}

// detect is address.Detect for this process. The variables are spent with it: a child must not take them for its own.
func detect() ([]address.Address, error) {
	found, err := address.Detect(os.Getenv, os.Getpid(), address.Listening)
	for _, name := range address.Variables() {
		os.Unsetenv(name)
	}
	return found, err
}

// shaped has the shape of http.Server, as every front end with a listener has.
type shaped interface {
	Serve(net.Listener) error
	Shutdown(context.Context) error
	Close() error
}

func (s *Server) server(protocol string, a server.Access) shaped {
	switch protocol {
	case address.SCGI:
		return &scgi.Server{
			Handler: s.handler(), ErrorLog: s.ErrorLog,
			AllowAddrs: a.Addrs, AllowUIDs: a.UIDs, AllowGIDs: a.GIDs,
			MaxConns: s.MaxConns, MaxTotalRequests: s.MaxTotalRequests, MaxBodyBytes: s.MaxBodyBytes,
			ReadHeaderTimeout: s.ReadHeaderTimeout, ReadTimeout: s.ReadTimeout, WriteTimeout: s.WriteTimeout,
		}
	case address.HTTP:
		return &origin.Server{
			Handler: s.handler(), ErrorLog: s.ErrorLog,
			AllowAddrs: a.Addrs, AllowUIDs: a.UIDs, AllowGIDs: a.GIDs,
			MaxConns: s.MaxConns, MaxTotalRequests: s.MaxTotalRequests, MaxBodyBytes: s.MaxBodyBytes,
			ReadHeaderTimeout: s.ReadHeaderTimeout, ReadTimeout: s.ReadTimeout, WriteTimeout: s.WriteTimeout,
		}
	}
	return &fastcgi.Server{
		Handler: s.handler(), Authorizer: s.Authorizer, Filter: s.Filter, ErrorLog: s.ErrorLog,
		AllowAddrs: a.Addrs, AllowUIDs: a.UIDs, AllowGIDs: a.GIDs,
		MaxConns: s.MaxConns, MaxTotalRequests: s.MaxTotalRequests, MaxBodyBytes: s.MaxBodyBytes,
		ReadHeaderTimeout: s.ReadHeaderTimeout, ReadTimeout: s.ReadTimeout, WriteTimeout: s.WriteTimeout,
	}
}

// gate is a front with a listener.
type gate struct {
	addr     address.Address
	listener net.Listener
	server   shaped
}

func (f *gate) announce(listening func(addr string)) {
	if listening == nil {
		return
	}
	if f.addr.Network == address.TCP {
		f.addr.Host = f.listener.Addr().String()
	}
	listening(f.addr.String())
}

func (f *gate) serve() error {
	if err := f.server.Serve(f.listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

func (f *gate) shutdown(ctx context.Context) error { return f.server.Shutdown(ctx) }

// close closes the listener too: the server does not know it before Serve.
func (f *gate) close() {
	f.server.Close()
	f.listener.Close()
}

// process is the front of a CGI process.
type process struct {
	handler http.Handler
	maxBody int64
	done    chan struct{} // closed when the response is delivered or has failed
}

func (s *Server) process() *process {
	return &process{handler: s.handler(), maxBody: s.MaxBodyBytes, done: make(chan struct{})}
}

func (f *process) announce(func(addr string)) {}

func (f *process) serve() error {
	defer close(f.done)
	p, err := cgi.Process()
	if err != nil {
		return err
	}
	p.Engine.MaxBodyBytes = f.maxBody
	return p.Serve(context.Background(), f.handler)
}

// shutdown lets the response end: the one request was begun before anything could stop it.
func (f *process) shutdown(ctx context.Context) error {
	select {
	case <-f.done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// close has nothing to close: what the handler still does ends with the process.
func (f *process) close() {}
