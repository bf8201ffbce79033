package gateway

import (
	"context"
	"io"
	"net/http"
	"os"

	"github.com/postern-go/postern/env"
)

// Flags tell the application how it is run (wsgi.multithread,
// wsgi.multiprocess, wsgi.run_once) and over which protocol.
type Flags struct {
	// Multithread: another request may run at the same time in this process.
	Multithread bool
	// Multiprocess: another process may serve the same application.
	Multiprocess bool
	// RunOnce: this process ends with this request.
	RunOnce bool
	// Protocol is "cgi", "fastcgi", "scgi" or "http".
	Protocol string
	// Role is that of the FastCGI request, otherwise empty.
	Role string
}

func runOf(r *http.Request) *run {
	s, _ := r.Context().Value(runKey{}).(*run)
	return s
}

// Vars returns the CGI variables of a request. They are the request's own: a
// change is seen by all who ask. Who asks first when the handler has returned
// gets what the request itself tells of them, as for a request that no
// engine runs.
func Vars(r *http.Request) *env.Vars {
	if v, ok := r.Context().Value(varsKey{}).(*env.Vars); ok {
		return v
	}
	if s := runOf(r); s != nil {
		return s.environ()
	}
	return env.FromRequest(r)
}

type varsKey struct{}

// WithVars returns a copy of r whose variables are v, for the handler that it
// is given to and the programs and workers behind it; nothing else about the
// request changes. Whoever authenticates a client tells them so:
//
//	v := gateway.Vars(r).Clone()
//	v.Set("AUTH_TYPE", "Basic")
//	v.Set("REMOTE_USER", user)
//	h.ServeHTTP(w, gateway.WithVars(r, v))
func WithVars(r *http.Request, v *env.Vars) *http.Request {
	return r.WithContext(context.WithValue(r.Context(), varsKey{}, v))
}

// HandlerOf returns the handler that Run was given for a request: the one that
// the front end gives every request to. It is nil for one that no engine runs.
func HandlerOf(r *http.Request) http.Handler {
	if s := runOf(r); s != nil {
		return s.root
	}
	return nil
}

// HasVars reports whether the request came with CGI variables from a web
// server, which Vars then returns as they were sent.
func HasVars(r *http.Request) bool {
	s := runOf(r)
	return s != nil && !s.engine.Origin
}

// Stderr returns the error stream of a request (wsgi.errors): os.Stderr for one
// that no engine runs. It may be written by several goroutines; writes fail
// when the request is over.
func Stderr(r *http.Request) io.Writer {
	if s := runOf(r); s != nil {
		return (*stderr)(s)
	}
	return os.Stderr
}

// FlagsOf returns the flags of a request: those of net/http.Server for one that
// no engine runs.
func FlagsOf(r *http.Request) Flags {
	if s := runOf(r); s != nil {
		return s.engine.Flags
	}
	return Flags{Multithread: true, Protocol: "http"}
}

// WrapFile returns a reader of file that io.Copy can give to the
// ResponseWriter by the fastest way there is (wsgi.file_wrapper). blockSize is
// how much is read at a time, in bytes, where no faster way is found; 0 and
// less leave it to the wrapper. Close closes file if it can be closed.
func WrapFile(r *http.Request, file io.Reader, blockSize int) io.ReadCloser {
	if s := runOf(r); s != nil && s.engine.FileWrapper != nil {
		return s.engine.FileWrapper(file, blockSize)
	}
	return &env.FileWrapper{Reader: file, BlockSize: blockSize}
}

// ExchangeOf returns the exchange of a request, nil for one that no engine
// runs. A front end finds what is its own about a request by it. It is not to be
// used any more when the handler has returned.
func ExchangeOf(r *http.Request) Exchange {
	if s := runOf(r); s != nil {
		return s.exchange
	}
	return nil
}
