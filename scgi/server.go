package scgi

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"time"

	"github.com/postern-go/postern/gateway"
	"github.com/postern-go/postern/internal/address"
	"github.com/postern-go/postern/internal/server"
)

// ErrServerClosed is what Serve returns after Shutdown or Close.
var ErrServerClosed = http.ErrServerClosed

// A Server answers SCGI requests. The zero value serves http.DefaultServeMux. Its fields must not be changed once it serves.
type Server struct {
	// Addr is the TCP address of ListenAndServe, host:port. Without a host it is 127.0.0.1, never all interfaces; empty is 127.0.0.1:4000.
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

	// AllowAddrs, AllowUIDs and AllowGIDs list the peers that may connect: on TCP by address, on unix sockets by the effective user or group
	// that they connected as, which only Linux tells. When all three are empty everybody may; otherwise who is in none of them is closed
	// before anything is read, and logged, at most one a second.
	AllowAddrs           []netip.Prefix
	AllowUIDs, AllowGIDs []uint32

	// MaxConns bounds the connections open at a time; the next ones wait in the listener's queue. 0 and less are no bound.
	MaxConns int

	// MaxTotalRequests bounds the requests under way at a time; more are refused with 503. 0 and less are no bound.
	MaxTotalRequests int

	// MaxHeaderBytes bounds the variables of a request, in bytes as the netstring counts them; more are refused with 431. 0 is 1 MiB,
	// negative is 2 GiB.
	MaxHeaderBytes int

	// MaxVar bounds the name and the value of one variable together, in bytes; a longer one is refused with 431. 0 and less are no bound.
	MaxVar int

	// MaxVarCount bounds the number of variables; more are refused with 431. 0 is 4096, negative is no bound.
	MaxVarCount int

	// MaxBodyBytes bounds the request body, in bytes; a longer one is refused with 413. 0 and less are no bound: web servers have one of
	// their own.
	MaxBodyBytes int64

	// ReadHeaderTimeout bounds the time from the start of the connection to the end of the variables; later, the answer is 408. 0 is 20
	// seconds, negative is no bound.
	ReadHeaderTimeout time.Duration

	// ReadTimeout bounds each wait for more of a request body. 0 is 60 seconds, negative is no bound. A handler can set a time of its own
	// with http.ResponseController, and so for WriteTimeout.
	ReadTimeout time.Duration

	// WriteTimeout bounds each write to the connection, which can be as long as what the handler writes at once, and each 256 KiB of a
	// file. 0 and less are no bound: the web server bounds the time of its own clients, which the connection has to wait for.
	WriteTimeout time.Duration

	// MaxSpool bounds how much of a request body is set aside, in bytes, beyond 64 KiB in a file without a name in os.TempDir, when a
	// handler does not read it: a web server may read no response before it has sent the whole request, and that it has left shows only
	// behind what it has sent. 0 is 1 GiB, negative is none but the 64 KiB.
	MaxSpool int64

	// DrainTimeout bounds the time for which a web server is heard out that still sends after the response, so that the close does not
	// destroy the response. While it sends the body that it has announced, as Apache does before it looks for a response, this bounds the
	// wait for each 32 KiB. 0 is 5 seconds, negative is a close at once.
	DrainTimeout time.Duration

	// MaxDrainBytes bounds how much is read and dropped of what it sends after that body, in bytes. 0 is 16 MiB, negative is no bound.
	MaxDrainBytes int64

	once   sync.Once
	loop   server.Loop
	engine gateway.Engine
}

// ListenAndServe is Serve on the TCP address Addr.
func (s *Server) ListenAndServe() error {
	s.once.Do(s.setup)
	if s.loop.Draining() {
		return ErrServerClosed
	}
	a := address.Address{Protocol: address.SCGI, Network: address.TCP, Host: s.addr()}
	l, err := a.Listen(address.Options{})
	if err != nil {
		return err
	}
	return s.Serve(l)
}

func (s *Server) addr() string {
	host, port, err := net.SplitHostPort(s.Addr)
	switch {
	case s.Addr == "":
		return defaultAddr
	case err == nil && host == "":
		return net.JoinHostPort("127.0.0.1", port)
	}
	return s.Addr
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
		Name:         "scgi",
		Handle:       s.handle,
		MaxConns:     s.MaxConns,
		MaxRequests:  s.MaxTotalRequests,
		Access:       server.Access{Addrs: s.AllowAddrs, UIDs: s.AllowUIDs, GIDs: s.AllowGIDs},
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

		MaxBodyBytes: s.MaxBodyBytes,
		LargeHead:    s.loop.LargeHead,
	}
}

func (s *Server) logPanic(r *http.Request, value any, stack []byte) {
	s.loop.Log().Error("scgi: panic", "method", r.Method, "uri", r.RequestURI, "value", value, "stack", string(stack))
}

func (s *Server) handler() http.Handler {
	if s.Handler == nil {
		return http.DefaultServeMux
	}
	return s.Handler
}
