package cgi

import (
	"context"
	"io"
	"net/http"

	"github.com/postern-go/postern/gateway"
)

// A Program answers one request over streams and variables of the caller's choice, in the manner of wsgiref's BaseCGIHandler.
type Program struct {
	// Stdin is the request body. It is read as far as CONTENT_LENGTH says, to its end when there is only HTTP_TRANSFER_ENCODING, and
	// otherwise not at all. Nil is an empty body.
	Stdin io.Reader

	// Stdout takes the response, in one Write when it fits 32 KiB. When it has a descriptor of a pipe or socket, the context of the request
	// ends once nobody can read from the other side any more. A file that the handler copies goes to an *os.File, *net.TCPConn or
	// *net.UnixConn by sendfile where the system can do it. Nil drops what is written.
	Stdout io.Writer

	// Stderr is the error stream. Nil drops what is written.
	Stderr io.Writer

	// Environ holds the variables, NAME=value, as os.Environ returns them. HTTP_PROXY never reaches the handler.
	Environ []string

	// Engine, if not nil, takes the place of NewEngine().
	Engine *gateway.Engine

	process bool           // it is that of this process
	own     gateway.Engine // of a process: one allocation for both
}

// NewEngine returns the engine of a CGI program: SCRIPT_NAME is the mount point, one process answers one request, and a response begins
// with Status. With Origin set in it the program writes a whole HTTP response, and no other after it on the connection, as a program must
// whose name begins with "nph-" (RFC 3875, section 5).
func NewEngine() *gateway.Engine {
	e := engine()
	return &e
}

func engine() gateway.Engine {
	return gateway.Engine{
		ScriptNameIsMount: true,
		StatusFirst:       true,
		Flags:             gateway.Flags{Multiprocess: true, RunOnce: true, Protocol: "cgi"},
	}
}

// Serve answers the request by h, nil being http.DefaultServeMux. The context of the request ends with ctx, too. It returns nil when the
// response of h was delivered, and otherwise an error: also when the client got an error page in its place.
//
// h runs on the caller's goroutine. A handler that ends it (runtime.Goexit) ends the caller as well, after its response was broken off; what
// becomes of [Process] then stands there.
func (p *Program) Serve(ctx context.Context, h http.Handler) error {
	if h == nil {
		h = http.DefaultServeMux
	}
	engine := p.Engine
	if engine == nil {
		engine = NewEngine()
	}
	x := &exchange{program: p}
	defer x.watch.stop()
	if p.process {
		ctx = x.watch.signals(ctx)
		returned := false
		defer func() { leave(returned) }()
		err := x.serve(ctx, engine, h)
		returned = true
		return err
	}
	return x.serve(ctx, engine, h)
}

func (x *exchange) serve(ctx context.Context, engine *gateway.Engine, h http.Handler) error {
	outcome := engine.Run(ctx, x, h)
	x.watch.stop()
	if gateway.Broken(outcome) {
		return outcome
	}
	if err := x.Flush(); err != nil {
		return err
	}
	return outcome
}
