package postern

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"net/netip"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/postern-go/postern/internal/address"
	"github.com/postern-go/postern/internal/stack"
)

// DefaultDrainTime is how long requests may go on after the end of serving when Server.DrainTime is zero.
const DefaultDrainTime = 30 * time.Second

// Server serves one handler on several addresses at once. The zero value serves http.DefaultServeMux on the address auto.
// A Server must not be changed while it serves.
type Server struct {
	// Addrs are the addresses to serve. Empty is the one address auto. CGI stands alone: it is an error beside others.
	Addrs []string

	// Handler answers the requests of every address; nil is http.DefaultServeMux.
	Handler http.Handler

	// Authorizer and Filter answer the FastCGI requests of these roles: see fastcgi.Server, where nil means the same, that such requests
	// are refused. Handler is never asked in their place.
	Authorizer, Filter http.Handler

	// ErrorLog takes what goes wrong with a connection or a handler; nil is slog.Default().
	ErrorLog *slog.Logger

	// SocketMode is the permission bits of socket files; zero is 0660. An abstract socket cannot have any: there it is an error.
	SocketMode fs.FileMode

	// SocketOwner is the owner of socket files, "user", "user:group" or ":group", names or numbers; empty leaves it.
	// An abstract socket cannot have one: there it is an error.
	SocketOwner string

	// AllowAddrs, AllowUIDs and AllowGIDs list the peers that may connect: on TCP by address, on unix sockets by the effective user or group
	// that they connected as, which only Linux tells. When all three are empty everybody may; otherwise who is in none of them is closed
	// before anything is read, and logged, at most one a second. For FastCGI the environment can narrow this (see Access in the package documentation).
	// CGI has no peers.
	AllowAddrs           []netip.Prefix
	AllowUIDs, AllowGIDs []uint32

	// MaxConns bounds the connections open at a time at each address; the next ones wait in the listener's queue. 0 and less are no bound.
	MaxConns int

	// MaxTotalRequests bounds the requests under way at each address; more are refused with 503. 0 and less are no bound.
	MaxTotalRequests int

	// MaxBodyBytes bounds the body of each request, in bytes: one that declares more is refused with 413, and of one of unknown length the
	// read that goes beyond fails with an *http.MaxBytesError. 0 and less are no bound.
	MaxBodyBytes int64

	// ReadHeaderTimeout bounds the time that the head or the variables of a request may take, ReadTimeout each wait for more of a body, and
	// WriteTimeout each write to a connection. Zero is the default of the protocol, negative is no bound. CGI has none of them: the web server
	// bounds the time of its programs.
	ReadHeaderTimeout, ReadTimeout, WriteTimeout time.Duration

	// DrainTime is how long requests may go on after the end of serving; zero is DefaultDrainTime, negative is without end.
	DrainTime time.Duration

	// Listening, if not nil, is called for each address once all are open and before requests are answered, from the goroutine that
	// serves. A port 0 has become the port chosen by then. There is no call for CGI.
	Listening func(addr string)
}

// errSignal is the cause when a second signal cuts the drain short.
var errSignal = errors.New("closed at once by a second signal")

// Run is Serve, ended by SIGTERM, SIGINT and SIGHUP (unless that is ignored, as under nohup) too: the first drains, a second SIGTERM or
// SIGINT closes everything at once, which is an error.
// In CGI the one request is answered, and the signals end its context (see cgi.Serve).
func (s *Server) Run(ctx context.Context) error {
	stack.GrowFar()
	addrs, err := s.addresses()
	if err != nil {
		return fmt.Errorf("postern: %w", err)
	}
	if addrs[0].Protocol == address.CGI {
		return s.serveCGI(addrs, ctx)
	}
	drain, startDrain := context.WithCancel(ctx)
	defer startDrain()
	abort, startAbort := context.WithCancelCause(context.Background())
	defer startAbort(nil)
	signals, hangups := make(chan os.Signal, 2), make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT)
	defer signal.Stop(signals)
	if !signal.Ignored(syscall.SIGHUP) {
		signal.Notify(hangups, syscall.SIGHUP)
		defer signal.Stop(hangups)
	}
	go func() {
		for acts := []func(){startDrain, func() { startAbort(errSignal) }}; len(acts) > 0; {
			select {
			case <-hangups: // more than one come from a terminal that is closed
				startDrain()
			case <-signals:
				acts[0]()
				acts = acts[1:]
			case <-abort.Done():
				return
			}
		}
	}()
	return s.serve(addrs, drain, abort)
}

// serveCGI is serve without a goroutine where nothing but the signals can end the request early: a process that answers one is mostly start-up.
func (s *Server) serveCGI(addrs []address.Address, ctx context.Context) error {
	if ctx.Done() != nil {
		return s.serve(addrs, ctx, context.Background())
	}
	if err := s.process().serve(); err != nil {
		return fmt.Errorf("postern: %w", err)
	}
	return nil
}

// Serve opens every address and serves until ctx ends, then drains. The first address that fails ends all. It returns nil after a drain
// or a delivered CGI response. Handlers' contexts do not come from ctx.
func (s *Server) Serve(ctx context.Context) error {
	addrs, err := s.addresses()
	if err != nil {
		return fmt.Errorf("postern: %w", err)
	}
	return s.serve(addrs, ctx, context.Background())
}

// serve drains when drain ends, and breaks the draining off when abort ends.
func (s *Server) serve(addrs []address.Address, drain, abort context.Context) error {
	fronts, err := s.open(addrs)
	if err != nil {
		return fmt.Errorf("postern: %w", err)
	}
	if err := s.run(fronts, drain, abort); err != nil {
		return fmt.Errorf("postern: %w", err)
	}
	return nil
}

func (s *Server) run(fronts []front, drain, abort context.Context) error {
	ended := make(chan error, len(fronts))
	for _, f := range fronts {
		f.announce(s.Listening)
	}
	for _, f := range fronts {
		go func() { ended <- f.serve() }()
	}
	running := len(fronts)
	var err error
	select {
	case err = <-ended:
		running--
	case <-drain.Done():
	}
	if e := s.drain(fronts, abort); e != nil {
		return cmp.Or(err, e)
	}
	for range running {
		err = cmp.Or(err, <-ended)
	}
	return err
}

// drain shuts every front down together, and closes them all when the time is over or abort ends.
func (s *Server) drain(fronts []front, abort context.Context) error {
	ctx, cancel := s.drainContext(abort)
	defer cancel()
	ended := make(chan error, len(fronts))
	for _, f := range fronts {
		go func() { ended <- f.shutdown(ctx) }()
	}
	var err error
	for range fronts {
		err = cmp.Or(err, <-ended)
	}
	if err == nil {
		return nil
	}
	for _, f := range fronts {
		f.close()
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}

func (s *Server) drainContext(abort context.Context) (context.Context, context.CancelFunc) {
	d := s.DrainTime
	switch {
	case d == 0:
		d = DefaultDrainTime
	case d < 0:
		return context.WithCancel(abort)
	}
	return context.WithTimeoutCause(abort, d, fmt.Errorf("requests not done %s after the end of serving were broken off", d))
}

func (s *Server) handler() http.Handler {
	if s.Handler == nil {
		return http.DefaultServeMux
	}
	return s.Handler
}
