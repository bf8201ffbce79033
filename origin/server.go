package origin

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/postern-go/postern/env"
	"github.com/postern-go/postern/gateway"
	"github.com/postern-go/postern/internal/server"
)

// ErrServerClosed is what Serve and ListenAndServe return after Shutdown and
// Close.
var ErrServerClosed = http.ErrServerClosed

// A Server answers HTTP/1.1. The zero value serves http.DefaultServeMux on
// 127.0.0.1:8080. Its fields must not be changed once it serves; for Handler
// there is SetApp.
type Server struct {
	// Addr is the TCP address of ListenAndServe, host:port. Without a host it
	// is 127.0.0.1, never all interfaces; empty is 127.0.0.1:8080.
	Addr string
	// Handler answers the requests; nil is http.DefaultServeMux.
	Handler http.Handler
	// ErrorLog takes requests that were refused, panics, and what handlers
	// write to the error stream, a record for each line. Nil is slog.Default.
	ErrorLog *slog.Logger
	// Stderr, if not nil, is the error stream of every request (wsgi.errors),
	// written by many goroutines at a time. Panics go there too, and to
	// ErrorLog only when that is not nil.
	Stderr io.Writer

	// BaseContext and ConnContext are those of http.Server.
	BaseContext func(net.Listener) context.Context
	ConnContext func(context.Context, net.Conn) context.Context

	// Mount is the path prefix, decoded and without a trailing slash, that is
	// SCRIPT_NAME in the variables and that gateway.StripMount takes off.
	Mount string
	// ServerSoftware is the Server field of responses and SERVER_SOFTWARE of
	// the variables; empty is neither.
	ServerSoftware string
	// BaseVars are variables of every request, unless the request has its own
	// (wsgiref's base_environ). They are copied for each request that asks for
	// its variables, and must not be changed once the server serves.
	BaseVars *env.Vars
	// SetupEnviron, if not nil, may change the variables of a request, which
	// are its own, base variables included (wsgiref's get_environ). It is called
	// when somebody first asks for them, once for a request, by many goroutines
	// at a time. The *http.Request is made before and does not change.
	SetupEnviron func(*env.Vars)
	// HandleExchange, if not nil, answers one request in place of
	// e.Run(ctx, x, h) (wsgiref's WSGIRequestHandler.handle). It may change ctx,
	// wrap h, and run a changed copy of e; e itself is that of all requests. x
	// is a gateway.Requester too. It calls Run or Refuse once and returns the
	// result. An error that is no *gateway.Failure, a panic, and nothing written
	// break the exchange off.
	HandleExchange func(ctx context.Context, e *gateway.Engine, x gateway.Exchange, h http.Handler) error

	// DisableGeneralOptionsHandler passes "OPTIONS *" to Handler, which the
	// server otherwise answers itself, as http.Server does.
	DisableGeneralOptionsHandler bool

	// Multiprocess tells handlers that other processes serve the same
	// application.
	Multiprocess bool

	// AllowAddrs, AllowUIDs and AllowGIDs list the peers that may connect: on
	// TCP by address, on unix sockets by the effective user or group that they
	// connected as, which only Linux tells. When all three are empty everybody
	// may; otherwise who is in none of them is closed before anything is read,
	// and logged, at most one a second.
	AllowAddrs           []netip.Prefix
	AllowUIDs, AllowGIDs []uint32

	// MaxHeaderBytes bounds the request line and the header fields together,
	// in bytes; 0 and less are 64 KiB.
	MaxHeaderBytes int
	// MaxConns bounds the connections open at a time; the next ones wait in
	// the listener's queue. 0 and less are no bound.
	MaxConns int
	// MaxTotalRequests bounds the requests under way on all connections; the
	// next one is refused with 503, and its connection closed. 0 and less are no
	// bound.
	MaxTotalRequests int
	// MaxBodyBytes bounds the request body, in bytes: one that declares more is
	// refused with 413, and of a chunked one the read that goes beyond fails
	// with an *http.MaxBytesError. 0 and less are no bound.
	MaxBodyBytes int64
	// ReadHeaderTimeout bounds the time from the first byte of a request head,
	// or from the start of the connection, to the end of the head, and the TLS
	// handshake. 0 is 10 seconds, negative is no bound.
	ReadHeaderTimeout time.Duration
	// ReadTimeout bounds each wait for more of a request body, unlike in
	// http.Server, where it bounds the whole request. 0 is 60 seconds, negative
	// is no bound. A handler can set a time of its own with
	// http.ResponseController, and so for WriteTimeout.
	ReadTimeout time.Duration
	// WriteTimeout bounds each write of at most 256 KiB to the connection,
	// unlike in http.Server, where it bounds the whole response. 0 is 60
	// seconds, negative is no bound.
	WriteTimeout time.Duration
	// IdleTimeout bounds the wait for the next request on a connection. 0 is
	// 75 seconds, negative is no bound.
	IdleTimeout time.Duration

	once   sync.Once
	loop   server.Loop
	engine gateway.Engine
	app    atomic.Pointer[http.Handler] // of SetApp

	binding sync.Mutex
	bound   net.Listener // on Addr, while nobody serves it or ServeOne does
}

func (s *Server) setup() {
	s.loop = server.Loop{
		Name:         "origin",
		Handle:       s.handle,
		MaxConns:     s.MaxConns,
		MaxRequests:  s.MaxTotalRequests,
		Access:       server.Access{Addrs: s.AllowAddrs, UIDs: s.AllowUIDs, GIDs: s.AllowGIDs},
		BaseContext:  s.baseContext,
		ConnContext:  s.ConnContext,
		WriteTimeout: s.writeTimeout(),
		ErrorLog:     s.ErrorLog,
	}
	s.engine = gateway.Engine{
		Flags:          gateway.Flags{Multithread: true, Multiprocess: s.Multiprocess, Protocol: "http"},
		Origin:         true,
		ServerSoftware: s.ServerSoftware,
		Mount:          s.Mount,
		BaseVars:       s.BaseVars,
		SetupEnviron:   s.SetupEnviron,
		MaxBodyBytes:   s.MaxBodyBytes,
		ErrorLog:       s.ErrorLog,

		DisableGeneralOptionsHandler: s.DisableGeneralOptionsHandler,
	}
	if s.Stderr == nil {
		s.engine.ErrorLog, s.engine.LogPanic = s.loop.Log(), s.logPanic
	}
}

func (s *Server) logPanic(r *http.Request, value any, stack []byte) {
	s.loop.Log().Error("origin: panic", "method", r.Method, "uri", r.RequestURI, "value", value, "stack", string(stack))
}

// Serve accepts connections from l until Shutdown or Close, and closes l. It
// returns ErrServerClosed then, otherwise the error of the listener. A
// listener of TLS connections makes it an HTTPS server. Serve may be called
// for several listeners at a time.
func (s *Server) Serve(l net.Listener) error {
	s.once.Do(s.setup)
	return s.loop.Serve(l)
}

// ListenAndServe is Serve on the TCP address Addr, by the listener that
// NewServer or ServeOne has opened where there is one.
func (s *Server) ListenAndServe() error {
	l, err := s.bind(false)
	if err != nil {
		return err
	}
	return s.Serve(l)
}

// Shutdown stops accepting, closes idle connections, and waits until the
// requests under way are answered or ctx ends, whose error it returns then.
// It does not wait for hijacked connections.
func (s *Server) Shutdown(ctx context.Context) error {
	s.once.Do(s.setup)
	err := s.loop.Shutdown(ctx)
	if unbound := s.unbind(); err == nil {
		err = unbound
	}
	return err
}

// Close closes the listeners and every connection at once.
func (s *Server) Close() error {
	s.once.Do(s.setup)
	err := s.loop.Close()
	if unbound := s.unbind(); err == nil {
		err = unbound
	}
	return err
}
