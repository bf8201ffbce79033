package scgi

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"

	"github.com/postern-go/postern/env"
	"github.com/postern-go/postern/gateway"
	"github.com/postern-go/postern/internal/backend"
	"github.com/postern-go/postern/internal/netstring"
)

// A Transport is an SCGI client: an http.RoundTripper, and an http.Handler, whose requests an SCGI service answers. It makes a
// connection for each request, as the protocol has it. Its fields must not change once it is in use.
//
// The service gets the variables that the request came with when a front end of this module serves it, else those of env.FromRequest.
// The request body is sent while the response is read; a body of unknown length is read first, since SCGI has to announce it. When the
// context of the request ends, or the body of the response is closed, the connection is closed: the service sees its client leave.
type Transport struct {
	// Network and Address say where the service listens, as in net.Dial; an empty Network is "tcp".
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

	// ErrorLog gets what ServeHTTP cannot tell its client. When it is nil, the error stream of the request does (see gateway.Stderr).
	ErrorLog *slog.Logger
}

// RoundTrip sends a request and returns the response once its head is there. SCGI marks the end of a response by closing the connection
// only: a response cut short is io.ErrUnexpectedEOF where its Content-Length tells, and an error where the connection was reset.
func (t *Transport) RoundTrip(r *http.Request) (*http.Response, error) {
	r, err := backend.Measure(r, t.SpoolLimit)
	if err != nil {
		return nil, fmt.Errorf("scgi: %w", err)
	}
	head, err := t.head(r)
	if err != nil {
		backend.CloseBody(r)
		return nil, fmt.Errorf("scgi: %w", err)
	}
	conn, err := backend.Dial(r.Context(), t.Dial, t.Network, t.Address)
	if err != nil {
		backend.CloseBody(r)
		return nil, fmt.Errorf("scgi: %w", err)
	}
	c := backend.NewCall("scgi", r, conn)
	c.Send(head, appendBody)
	if gateway.HasVars(r) {
		c.Hold(t.SpoolLimit)
	}
	return c.Response(conn, t.HeadLimit)
}

// ServeHTTP answers a request with what the service sends, flushed as it comes. Without a response from the service the client gets
// 502, or 504 when time ran out, or 413 when its body is over SpoolLimit; a path outside Mount is 404. A response that breaks off is
// passed on so that the client can tell, by the panic http.ErrAbortHandler. Behind a web server the response waits for the request body, unless
// nothing comes for half a second: nginx stops passing a body when a response begins.
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

// vars returns the variables to send, but for CONTENT_LENGTH and SCGI.
func (t *Transport) vars(r *http.Request) (*env.Vars, error) {
	v, err := backend.Vars(gateway.Vars(r), r, t.Mount, t.Root)
	if err != nil {
		return nil, err
	}
	v.Del("CONTENT_LENGTH")
	v.Del("SCGI")
	return v, nil
}

// head returns the netstring of the headers: CONTENT_LENGTH, which comes first, SCGI, and the variables (SCGI, section 3).
func (t *Transport) head(r *http.Request) ([]byte, error) {
	v, err := t.vars(r)
	if err != nil {
		return nil, err
	}
	b := netstring.AppendPair(nil, "CONTENT_LENGTH", backend.Length(r))
	b = netstring.AppendPair(b, "SCGI", "1")
	for name, value := range v.All() {
		b = netstring.AppendPair(b, name, value)
	}
	return netstring.Append(nil, b), nil
}

// appendBody appends a part of the body, which has no framing.
func appendBody(b, part []byte, _ bool) []byte { return append(b, part...) }
