package fastcgi

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/postern-go/postern/gateway"
	"github.com/postern-go/postern/internal/record"
	"github.com/postern-go/postern/internal/server"
)

// ErrServerClosed is returned by Serve and ListenAndServe after Shutdown or
// Close.
var ErrServerClosed = http.ErrServerClosed

// A Server answers FastCGI requests, each by the handler of its role. The zero
// value is usable. Its fields must not be changed while it serves.
type Server struct {
	// Addr is the TCP address for ListenAndServe. Empty means 127.0.0.1:9000.
	Addr string
	// Handler answers the requests of the Responder role; nil means
	// http.DefaultServeMux.
	Handler http.Handler
	// Authorizer answers those of the Authorizer role: a 200 lets the web
	// server go on with what its client asked for. Nil means that they get
	// 500 and FCGI_UNKNOWN_ROLE. Handler is never asked in its place: an
	// application that answers 200 to everybody would let everybody in.
	Authorizer http.Handler
	// Filter answers those of the Filter role, which can ask for the file with
	// Data. Nil means that they get FCGI_UNKNOWN_ROLE: a handler that knows
	// nothing of the file would answer without it.
	Filter http.Handler
	// Mount is the path prefix that belongs to the web server's configuration
	// where the variables name none (see gateway.Mount).
	Mount string
	// ErrorLog takes connection errors and refused requests. Nil means
	// slog.Default. What a request has to say goes to its own error stream.
	ErrorLog *slog.Logger

	// MaxConns bounds the open connections; the next ones wait in the queue of
	// the listener. 0 and less mean no bound.
	MaxConns int
	// MaxTotalRequests bounds the requests under way on all connections; the
	// next one is answered with 503 and FCGI_OVERLOADED. 0 and less mean no
	// bound.
	MaxTotalRequests int
	// MaxRequests bounds the requests under way on one connection, as
	// MaxTotalRequests does. Where there is room for one only, another beside it is
	// answered with 503 and FCGI_CANT_MPX_CONN. 0 means 256, less means 1.
	MaxRequests int
	// MaxParams bounds the variables of one request, in bytes, and those of all
	// requests on one connection whose variables are not complete; more are
	// answered with 431. 0 means 1 MiB, less means no bound.
	MaxParams int
	// MaxParam bounds the name and the value of one variable together, in
	// bytes; a longer one is answered with 431. 0 and less mean no bound.
	MaxParam int
	// MaxParamCount bounds the number of variables; more are answered with 431.
	// 0 means 4096, less means no bound.
	MaxParamCount int
	// MaxBodyBytes bounds the request body, in bytes: one whose CONTENT_LENGTH
	// is larger is answered with 413, and of one of unknown length the read that
	// goes beyond fails with an *http.MaxBytesError. 0 and less mean no bound:
	// web servers have one of their own.
	MaxBodyBytes int64
	// MaxSpool bounds how much of one request body is set aside, in bytes, for
	// a handler that does not read it in time: 64 KiB in memory, the rest in a
	// file in os.TempDir that has no name. More make the reads of that body
	// fail with ErrSpoolFull. The data of a Filter is bounded in the same way,
	// by itself. 0 means 1 GiB, less means no file.
	MaxSpool int64
	// ReadHeaderTimeout bounds the time from the first byte of a record to its
	// end, unless it is one of a body, and from BEGIN_REQUEST to the end of the
	// variables, as far as the web server is waited for. What is late is logged.
	// It costs the connection, where no other request is under way; otherwise
	// that request alone ends, without an answer, and a connection that is stuck
	// inside a record takes no new ones. 0 means 20 seconds, less means no bound.
	ReadHeaderTimeout time.Duration
	// IdleTimeout bounds the time for which a connection may send nothing while
	// no request is under way on it, or take nothing of what answers its
	// management records; then it is closed. It should be longer than web servers
	// keep their side of an idle connection. 0 means 5 minutes, less means no
	// bound.
	IdleTimeout time.Duration
	// ReadTimeout bounds each wait of a handler for more of a body; then its
	// reads fail with os.ErrDeadlineExceeded. A handler can set a time of its
	// own with http.ResponseController. 0 means 60 seconds, less means no bound.
	ReadTimeout time.Duration
	// WriteTimeout bounds each write to a connection, which is at most 256 KiB;
	// one that takes longer costs the connection. 0 and less mean no bound: the
	// web server bounds the time of its own clients, for whom it may have to
	// wait.
	WriteTimeout time.Duration
	// DrainTimeout bounds the time for which a web server is heard out that
	// still sends after the last response on its connection, so that the close
	// does not destroy the response. What CONTENT_LENGTH and FCGI_DATA_LENGTH
	// have announced of streams that were not read may take as long as it keeps
	// coming: each wait for it is bounded, and then what follows. It is also the
	// time for which Shutdown lets requests that overlap follow each other. 0
	// means 5 seconds, less is a close at once.
	DrainTimeout time.Duration
	// MaxDrainBytes bounds how much is read and dropped of what was not
	// announced, in bytes. 0 means 16 MiB, less means no bound.
	MaxDrainBytes int64

	// AllowAddrs, AllowUIDs and AllowGIDs list the peers that may connect: on
	// TCP by address, on unix sockets by the effective user or group that they
	// connected as, which only Linux tells. When all three are empty everybody
	// may; otherwise who is in none of them is closed before anything is read,
	// and logged, at most one a second. The environment variable
	// FCGI_WEB_SERVER_ADDRS is not read: see WebServerAddrs.
	AllowAddrs           []netip.Prefix
	AllowUIDs, AllowGIDs []uint32

	// BaseContext and ConnContext are those of http.Server.
	BaseContext func(net.Listener) context.Context
	ConnContext func(ctx context.Context, c net.Conn) context.Context

	once       sync.Once
	loop       server.Loop
	brisk      brisk                         // handlers of requests that share a connection
	engines    [record.Filter]gateway.Engine // by role, the first being 1
	overloaded []byte                        // overloadPage
	shut       atomic.Pointer[time.Time]     // when Shutdown was called
}

func (s *Server) setup() {
	s.loop = server.Loop{
		Name:         "fastcgi",
		Handle:       s.handle,
		MaxConns:     s.MaxConns,
		MaxRequests:  s.MaxTotalRequests,
		Access:       server.Access{Addrs: s.AllowAddrs, UIDs: s.AllowUIDs, GIDs: s.AllowGIDs},
		BaseContext:  s.BaseContext,
		ConnContext:  s.ConnContext,
		WriteTimeout: s.WriteTimeout,
		ErrorLog:     s.ErrorLog,
	}
	for i := range s.engines {
		role := record.Role(i + 1)
		s.engines[i] = gateway.Engine{
			Flags:      gateway.Flags{Multithread: true, Protocol: "fastcgi", Role: role.String()},
			Mount:      s.Mount,
			BodyEnds:   true,
			Authorizer: role == record.Authorizer,

			MaxBodyBytes: s.MaxBodyBytes,
			LargeHead:    s.loop.LargeHead,
		}
	}
	s.overloaded = s.overloadPage()
}

// ListenAndServe listens on Addr and serves.
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

// Serve accepts connections from l, which it closes in the end. It blocks until
// Shutdown or Close, and returns ErrServerClosed then, or until accepting
// fails for good. It may be called for several listeners.
func (s *Server) Serve(l net.Listener) error {
	s.once.Do(s.setup)
	return s.loop.Serve(l)
}

// Shutdown stops accepting, after what waits in the queue of a listener of
// package net, and waits for the requests under way, whose connections end
// with them: on TCP the end comes in the packet of the last answer. One that was
// to be kept is closed when the web server has closed its side, or has been heard
// out (see DrainTimeout). Connections that have been idle for 250 ms close one
// after another, within a sixth of a second, the one that was used last at the
// end, since a web server may be sending a request on one, and it repeats no
// POST; after a second, so do those on which anything but requests comes. A
// connection on which requests overlap takes new ones until DrainTimeout after
// the call; then those that come while others are under way are refused as over
// MaxRequests, so that it ends. Shutdown returns the error of ctx when
// that ends first; what still runs then goes on.
func (s *Server) Shutdown(ctx context.Context) error {
	now := time.Now()
	s.shut.CompareAndSwap(nil, &now)
	s.once.Do(s.setup)
	return s.loop.Shutdown(ctx)
}

// Close stops accepting and closes all connections, which ends the contexts of
// the requests under way.
func (s *Server) Close() error {
	s.once.Do(s.setup)
	return s.loop.Close()
}

// leaving reports whether Shutdown was called DrainTimeout ago.
func (s *Server) leaving() bool {
	at := s.shut.Load()
	return at != nil && time.Since(*at) >= s.drainTimeout()
}

// handler returns what answers requests of a role, nil when nothing does.
func (s *Server) handler(role record.Role) http.Handler {
	switch role {
	case record.Responder:
		if s.Handler == nil {
			return http.DefaultServeMux
		}
		return s.Handler
	case record.Authorizer:
		return s.Authorizer
	case record.Filter:
		return s.Filter
	}
	return nil
}
