package fastcgi

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"

	"github.com/postern-go/postern/env"
	"github.com/postern-go/postern/gateway"
	"github.com/postern-go/postern/internal/backend"
)

// A Transport is a FastCGI client: an http.RoundTripper, and an http.Handler, whose requests a FastCGI worker answers. It makes a
// connection for each request. Its fields must not change once it is in use.
//
// The worker gets the variables that the request came with when a front end of this module serves it, else those of env.FromRequest.
// The request body is sent while the response is read; a body of unknown length is read first, since RFC 3875, section 4.1.2, asks for
// its length, unless Unbuffered is set. When the context of the request ends, or the body of the response is closed, the connection is
// closed: the worker sees its client leave.
type Transport struct {
	// Network and Address say where the worker listens, as in net.Dial; an empty Network is "tcp".
	Network, Address string

	// Dial makes the connection. When it is nil, a net.Dialer does, to Network and Address.
	Dial func(ctx context.Context) (net.Conn, error)

	// Root, when it is not empty, is DOCUMENT_ROOT, and SCRIPT_FILENAME is Root followed by SCRIPT_NAME, or by the path
	// when SCRIPT_NAME is empty.
	Root string

	// Mount, when it is not empty, is the prefix of the path to pass as SCRIPT_NAME, with the rest as PATH_INFO.
	Mount string

	// HeadLimit is the size in bytes of the largest response head; 0 is 64 KiB.
	HeadLimit int

	// SpoolLimit is the size in bytes of the largest request body of unknown length; 0 is 256 MiB, negative is no limit. What is over
	// 64 KiB waits in an unlinked file in os.TempDir. It bounds also what is set aside of a body that the response of ServeHTTP waits for.
	SpoolLimit int64

	// Unbuffered sends a body of unknown length while it comes, of any size: the worker gets no CONTENT_LENGTH, but
	// HTTP_TRANSFER_ENCODING, and the end of FCGI_STDIN is the end of the body. nginx and Apache can be set to do the same. Workers that
	// go by CONTENT_LENGTH alone see an empty body.
	Unbuffered bool

	// Stderr gets what workers send as FCGI_STDERR, as it comes; it must be safe for concurrent use. When it is nil, ErrorLog gets it
	// line by line, and without that the error stream of the request does (see gateway.Stderr).
	Stderr io.Writer

	// ErrorLog gets what ServeHTTP cannot tell its client. When it is nil, the error stream of the request does.
	ErrorLog *slog.Logger
}

// RoundTrip sends a request and returns the response once its head is there. A response that the worker did not finish, by
// FCGI_END_REQUEST and with as many bytes as its Content-Length says, ends in an error that wraps io.ErrUnexpectedEOF where the
// connection was closed, or that says which rule was broken: never in io.EOF.
func (t *Transport) RoundTrip(r *http.Request) (*http.Response, error) {
	r, err := t.measure(r)
	if err != nil {
		return nil, fmt.Errorf("fastcgi: %w", err)
	}
	vars, err := t.vars(r)
	if err != nil {
		backend.CloseBody(r)
		return nil, err
	}
	conn, err := backend.Dial(r.Context(), t.Dial, t.Network, t.Address)
	if err != nil {
		backend.CloseBody(r)
		return nil, fmt.Errorf("fastcgi: %w", err)
	}
	c := backend.NewCall("fastcgi", r, conn)
	c.Send(appendCall(nil, vars), appendCallStdin)
	if gateway.HasVars(r) {
		c.Hold(t.SpoolLimit)
	}
	return c.Response(newCallOutput(conn, t.stderr(r)), t.HeadLimit)
}

// ServeHTTP answers a request with what the worker sends, flushed as it comes. Without a response from the worker the client gets 502,
// 503 when the worker is overloaded, 504 when time ran out, or 413 when its body is over SpoolLimit; a path outside Mount is 404. A
// response that breaks off is passed on so that the client can tell, by the panic http.ErrAbortHandler. Behind a web server the response waits for
// the request body, unless nothing comes for half a second: nginx stops passing a body when a response begins.
// Over HTTP/1 in net/http.Server what is left of a small body is waited for, at most five seconds, and the connection ends with a response that
// came before the end of its request.
func (t *Transport) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	backend.Forward(w, r, t, func(err error) { t.logError(r, err) })
}

func (t *Transport) logError(r *http.Request, err error) {
	if t.ErrorLog != nil {
		t.ErrorLog.Error(err.Error(), "method", r.Method, "uri", r.RequestURI)
		return
	}
	fmt.Fprintln(gateway.Stderr(r), err)
}

// measure returns r with a body of known length, unless it is sent as it comes. On an error the body is closed.
func (t *Transport) measure(r *http.Request) (*http.Request, error) {
	if t.Unbuffered {
		return r, nil
	}
	return backend.Measure(r, t.SpoolLimit)
}

// vars returns the variables to send.
func (t *Transport) vars(r *http.Request) (*env.Vars, error) {
	v, err := backend.Vars(gateway.Vars(r), r, t.Mount, t.Root)
	if err != nil {
		return nil, fmt.Errorf("fastcgi: %w", err)
	}
	if r.ContentLength < 0 && backend.HasBody(r) {
		v.Set("HTTP_TRANSFER_ENCODING", "chunked")
	}
	return v, nil
}

// stderr returns where FCGI_STDERR of a request goes. The output closes it when it can be closed.
func (t *Transport) stderr(r *http.Request) io.Writer {
	switch {
	case t.Stderr != nil:
		return borrowedWriter{t.Stderr}
	case t.ErrorLog != nil:
		return &backend.Lines{Log: t.ErrorLog, Message: "fastcgi: FCGI_STDERR", Attrs: []any{"method", r.Method, "uri", r.RequestURI}}
	}
	return borrowedWriter{gateway.Stderr(r)}
}
