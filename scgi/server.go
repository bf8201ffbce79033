package scgi

import (
	"context"
	"log/slog"
	"math"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/postern-go/postern/gateway"
	"github.com/postern-go/postern/internal/server"
)

const (
	// DefaultMaxHeaderBytes is Server.MaxHeaderBytes where that is zero: 1 MiB.
	DefaultMaxHeaderBytes = 1 << 20
	// DefaultReadHeaderTimeout is Server.ReadHeaderTimeout where that is zero.
	DefaultReadHeaderTimeout = 20 * time.Second
)

// defaultAddr is Server.Addr where that is empty.
const defaultAddr = "127.0.0.1:4000"

// ErrServerClosed is what Serve returns after Shutdown or Close.
var ErrServerClosed = http.ErrServerClosed

// A Server answers SCGI requests. The zero value serves http.DefaultServeMux. Its fields must not be changed once it serves.
type Server struct {
	// Addr is the TCP address of ListenAndServe, host:port. Empty means 127.0.0.1:4000. Other sockets are for Serve.
	Addr string

	// Handler answers the requests; nil is http.DefaultServeMux.
	Handler http.Handler

	// ErrorLog takes requests that were refused, panics, and what handlers write to the error stream, a record for each line.
	// Nil is slog.Default.
	ErrorLog *slog.Logger

	// BaseContext and ConnContext are those of http.Server: the context of all requests from a listener, and of one connection.
	BaseContext func(net.Listener) context.Context
	ConnContext func(ctx context.Context, c net.Conn) context.Context

	// Mount is the path prefix that belongs to the web server's configuration, decoded and without a slash at its end, for web servers
	// that do not send it as SCRIPT_NAME.
	Mount string

	// Multiprocess tells handlers that other processes serve the same application.
	Multiprocess bool

	// MaxConns is the largest number of connections at a time; the next ones wait in the listener's queue. Zero and less mean no limit.
	MaxConns int

	// MaxHeaderBytes is the largest size of a request's variables in bytes, as the netstring counts them. More is refused with 431. Zero
	// means DefaultMaxHeaderBytes, less than zero 2 GiB.
	MaxHeaderBytes int

	// ReadHeaderTimeout is how long the variables of a request may take, from the moment the connection was accepted. Later, the answer is
	// 408. Zero means DefaultReadHeaderTimeout, less than zero no limit.
	ReadHeaderTimeout time.Duration

	// WriteTimeout is how long one write to the connection may take before the connection is closed. Zero and less mean no limit.
	WriteTimeout time.Duration

	once   sync.Once
	loop   server.Loop
	engine gateway.Engine
}

// ListenAndServe listens on Addr and calls Serve.
func (s *Server) ListenAndServe() error {
	addr := s.Addr
	if addr == "" {
		addr = defaultAddr
	}
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return err
	}
	return s.Serve(l)
}

// Serve answers requests on the connections of l until Shutdown or Close, and closes l. It returns ErrServerClosed then, otherwise what went
// wrong with l. It may be called for several listeners at once.
func (s *Server) Serve(l net.Listener) error {
	s.once.Do(s.setup)
	return s.loop.Serve(l)
}

// Shutdown closes the listeners and waits until the requests under way are answered. When ctx ends before, it returns the error of ctx, and
// what is under way goes on. A connection on which nothing has arrived yet counts as a request for 5 seconds.
func (s *Server) Shutdown(ctx context.Context) error {
	s.once.Do(s.setup)
	return s.loop.Shutdown(ctx)
}

// Close closes the listeners and all connections at once. It does not wait for handlers.
func (s *Server) Close() error {
	s.once.Do(s.setup)
	return s.loop.Close()
}

func (s *Server) setup() {
	s.loop = server.Loop{
		Handle:       s.handle,
		MaxConns:     s.MaxConns,
		BaseContext:  s.BaseContext,
		ConnContext:  s.ConnContext,
		WriteTimeout: s.WriteTimeout,
		ErrorLog:     s.ErrorLog,
	}
	s.engine = gateway.Engine{
		Flags:    gateway.Flags{Multithread: true, Multiprocess: s.Multiprocess, Protocol: "scgi"},
		Mount:    s.Mount,
		ErrorLog: s.loop.Log(),
		LogPanic: s.logPanic,
	}
}

func (s *Server) logPanic(r *http.Request, value any, stack []byte) {
	s.loop.Log().Error("panic", "method", r.Method, "uri", r.RequestURI, "value", value, "stack", string(stack))
}

func (s *Server) handler() http.Handler {
	if s.Handler == nil {
		return http.DefaultServeMux
	}
	return s.Handler
}

func (s *Server) maxHeaderBytes() int {
	switch {
	case s.MaxHeaderBytes == 0:
		return DefaultMaxHeaderBytes
	case s.MaxHeaderBytes < 0:
		return math.MaxInt32
	}
	return s.MaxHeaderBytes
}

func (s *Server) readHeaderTimeout() time.Duration {
	if s.ReadHeaderTimeout == 0 {
		return DefaultReadHeaderTimeout
	}
	return s.ReadHeaderTimeout
}
