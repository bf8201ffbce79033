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

	sources []source // of the end of the context given to Serve
}

// NewEngine returns the engine of a CGI program: SCRIPT_NAME is the mount point, one process answers one request, and a response begins
// with Status. With Origin set in it the program writes a whole HTTP response, and no other after it on the connection, as a program must
// whose name begins with "nph-" (RFC 3875, section 5).
func NewEngine() *gateway.Engine {
	return &gateway.Engine{
		ScriptNameIsMount: true,
		Flags:             gateway.Flags{Multiprocess: true, RunOnce: true, Protocol: "cgi"},
	}
}

// Serve answers the request by h, nil being http.DefaultServeMux. The context of the request ends with ctx, too. It returns nil when the
// response of h was delivered, and otherwise an error: also when the client got an error page in its place.
func (p *Program) Serve(ctx context.Context, h http.Handler) error {
	if h == nil {
		h = http.DefaultServeMux
	}
	engine := p.Engine
	if engine == nil {
		engine = NewEngine()
	}
	if engine.Origin {
		h = lastResponse(h)
	}
	x := &exchange{program: p}
	outcome := p.run(ctx, engine, x, h)
	x.watch.stop()
	if gateway.Broken(outcome) {
		return outcome
	}
	if err := x.Flush(); err != nil {
		return err
	}
	return outcome
}

// run lets the handler have a goroutine of its own, since it may end it: the caller's may be the only one of the process.
func (p *Program) run(ctx context.Context, engine *gateway.Engine, x *exchange, h http.Handler) error {
	outcome := error(&gateway.Failure{Reason: gateway.ErrAborted, Broken: true})
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		outcome = engine.Run(ctx, x, h)
	}()
	<-ended
	return outcome
}

// lastResponse promises no other response on the connection (RFC 3875, section 5.2).
func lastResponse(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Connection", "close")
		h.ServeHTTP(w, r)
	})
}
