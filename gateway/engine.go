package gateway

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"

	"github.com/postern-go/postern/env"
	"github.com/postern-go/postern/headers"
)

// An Engine runs handlers. It is wsgiref's BaseHandler: its fields are what a
// subclass would override. The zero value writes Status heads. An Engine must
// not be changed while it runs; it may run any number of exchanges at a time.
type Engine struct {
	// Flags describe the process to the application.
	Flags Flags

	// Origin writes HTTP/1.1 to the client itself, instead of a CGI response
	// to a web server.
	Origin bool
	// ServerSoftware is the value of the Server field and of SERVER_SOFTWARE
	// in origin mode. Empty means neither. It is not used in Status mode.
	ServerSoftware string
	// Authorizer makes each response a decision (FastCGI 1.0, section 6.3). A
	// request has no body and no CONTENT_LENGTH then. The status 200 allows: it
	// leaves when the handler has returned, with the fields whose names begin
	// with Variable- and nothing else; what the handler wrote as a body is
	// dropped. Any other status is the whole response, without variables. A
	// handler that panics never allows, and OPTIONS * is its own to answer.
	// Authorizer means nothing together with Origin.
	Authorizer bool
	// HTTP10 answers every client in HTTP/1.0, in origin mode: no chunks, no
	// informational responses, and the connection ends with the response
	// (wsgiref's http_version). Without it, HTTP/1.1 is answered in HTTP/1.1.
	HTTP10 bool

	// StatusFirst puts the Status field first in Status mode, as the servers
	// need it that run CGI programs: busybox httpd knows it in no other place,
	// uWSGI answers 302 when a Location comes before it. Without it, Location is
	// first: behind FastCGI, HAProxy answers 302 when one follows.
	StatusFirst bool

	// Mount is the path prefix that belongs to the server's configuration, in
	// decoded form without a trailing slash, where the variables name none.
	Mount string
	// ScriptNameIsMount says that SCRIPT_NAME is the mount point as it stands,
	// as it is for a CGI program.
	ScriptNameIsMount bool
	// BodyEnds says that Stdin ends where the body ends, so that a body
	// without CONTENT_LENGTH can be read.
	BodyEnds bool
	// MaxBodyBytes bounds the request body, in bytes. One that declares more is
	// answered with 413, without the handler. Of one whose length is unknown,
	// the read that goes beyond fails with an *http.MaxBytesError. 0 and less
	// mean no bound.
	MaxBodyBytes int64
	// LargeHead, if not nil, is told of every head in Status mode that is larger
	// than what web servers take by default: 4096 bytes or 100 fields.
	LargeHead func(r *http.Request, size, fields int)

	// BaseVars are variables of every request, unless the request has its own.
	BaseVars *env.Vars
	// SetupEnviron, if not nil, may change the variables of a request before
	// anything is made of them.
	SetupEnviron func(*env.Vars)
	// Scheme, if not nil, decides the URL scheme of a request, "http" or
	// "https", by its variables (wsgiref's get_scheme): as one does who trusts
	// a proxy in front. Nil is their method Scheme. It is called after
	// SetupEnviron, and what it says is put into HTTPS and REQUEST_SCHEME, so
	// that r.TLS agrees; but r.TLS of a request that the exchange has parsed is
	// left as it is.
	Scheme func(*env.Vars) string
	// FileWrapper, if not nil, is what WrapFile calls (wsgi.file_wrapper). Nil
	// makes an *env.FileWrapper.
	FileWrapper func(file io.Reader, blockSize int) io.ReadCloser

	// DisableGeneralOptionsHandler, if true, passes OPTIONS * to the handler
	// instead of answering it with 200 and no body.
	DisableGeneralOptionsHandler bool

	// ErrorHandler answers when a handler panicked before its response began.
	// It can ask for the panic value with PanicValue. Nil means a page made of
	// the three fields below.
	ErrorHandler http.Handler
	// ErrorStatus is the status of that page; 0 means 500.
	ErrorStatus int
	// ErrorHeaders is the header of that page; nil means text/plain.
	ErrorHeaders headers.Headers
	// ErrorBody is its text; empty means the sentence that CPython says.
	ErrorBody string

	// LogPanic, if not nil, takes note of a panic instead of the trace that
	// goes to the error stream of the request and to ErrorLog.
	LogPanic func(r *http.Request, value any, stack []byte)
	// StackLimit is the number of frames in that trace; 0 and less mean all.
	StackLimit int
	// ErrorLog takes what the engine has to say of a request. Nil means the
	// error stream of the request.
	ErrorLog *slog.Logger
}

// Run answers one request: it builds the request from x, calls h, and gives
// the response to x. It returns nil when the response is complete, otherwise a
// *Failure. It does not flush at the end: the front end adds the protocol's own
// end and flushes once. Run calls h on its own goroutine, and after it has
// returned nothing of the response changes any more.
//
// A handler that calls runtime.Goexit ends the goroutine that called Run, which
// does not return then: the front end breaks the exchange off in a deferred
// call.
//
// As with http.Server, OPTIONS * is answered without h, unless h authorizes, and,
// in origin mode, so is a request that expects anything but 100-continue.
func (e *Engine) Run(ctx context.Context, x Exchange, h http.Handler) error {
	s := newRun(ctx, e, x)
	s.root = h
	defer s.close()
	if err := s.setup(); err != nil {
		var gone *Failure
		if errors.As(err, &gone) {
			return gone
		}
		return s.reject(err)
	}
	if w, ok := x.(Watcher); ok {
		s.attached = true
		w.Attach(&s.ctx)
	}
	if f := s.call(s.handler(h)); f != nil {
		return f
	}
	s.ctx.close()
	return s.resp.finish()
}

// Refuse answers what never became a request (400, 413, 431, 503) with a short
// plain text. In origin mode the connection ends with it.
func (e *Engine) Refuse(x Exchange, status int) error {
	s := newRun(context.Background(), e, x)
	defer s.close()
	return s.refuse(status)
}
