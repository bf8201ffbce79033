//go:build unix

package cgi

import (
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/postern-go/postern/gateway"
	"github.com/postern-go/postern/internal/backend"
)

// A Script is an http.Handler that runs one CGI program for every request. Its fields must not change once it is in use.
//
// The program gets the variables that the request came with when a front end of this module serves it, else those of
// env.FromRequest; see Env for what else is in its environment. It has no arguments. Its output is flushed as it comes, once the request body has
// arrived, which it may read before, meanwhile or after. It runs in a process group of its own, which is killed when the context of the request
// ends, when the request body breaks off, and after Timeout.
type Script struct {
	// Path is the program. A missing one is 404, one that cannot be executed 403.
	Path string

	// Dir is the working directory; empty means that of the program.
	Dir string

	// Env lists what else the environment has: NAME=value, or NAME for the value of this process. It overrides variables of the
	// request. PATH is that of this process unless it is listed; nothing else of this process is passed.
	Env []string

	// Mount, when it is not empty, is the prefix of the path to pass as SCRIPT_NAME, with the rest as PATH_INFO.
	// A path that is not below it is 404.
	Mount string

	// Authorization passes the Authorization field of a request that came without CGI variables (RFC 3875, section 9.2).
	// A web server that sends HTTP_AUTHORIZATION has decided already.
	Authorization bool

	// DocumentRoot is DOCUMENT_ROOT for requests that came without CGI variables. PATH_TRANSLATED is then PATH_INFO as a path below it
	// (RFC 3875, section 4.1.6). Empty means neither.
	DocumentRoot string

	// Redirect answers local redirects (RFC 3875, section 6.2.2): a GET request, or HEAD after HEAD, for the path that the program
	// names. When it is nil, the handler does so that the server of the request gives every request to (see gateway.HandlerOf; that of
	// *http.Server, too). But behind a web server the client is then redirected with 302: only the web server knows what a path
	// means and who may see it. After ten in a row it is 502.
	Redirect http.Handler

	// MaxProcesses is how many programs run at a time; 0 is 100, negative is no limit.
	MaxProcesses int

	// MaxQueue is how many requests may wait for one of MaxProcesses to end, each as long as its context allows; 0 is 1000, negative is none.
	// More are answered with 503.
	MaxQueue int

	// Timeout is how long the program may neither write output nor read input; 0 is one minute, negative is for ever. Before the response
	// head has come, it makes a 504; a 408 when it is the client that sends no more of its body.
	Timeout time.Duration

	// Grace is the time between SIGTERM and SIGKILL, for every process of the group; 0 is two seconds, negative is none.
	Grace time.Duration

	// HeadLimit is the size in bytes of the largest response head; 0 is 64 KiB.
	HeadLimit int

	// SpoolLimit is the size in bytes of the largest request body of unknown length, which is read before the program starts; 0 is
	// 256 MiB, negative is no limit. It bounds also what is set aside of a body of known length that a response waits for. What is over
	// 64 KiB waits in an unlinked file in os.TempDir.
	SpoolLimit int64

	// ErrorLog gets the program's standard error line by line, and what ServeHTTP cannot tell its client. When it is nil, the error
	// stream of the request gets both (see gateway.Stderr).
	ErrorLog *slog.Logger

	processes processes
}

// ServeHTTP runs the program. Malformed output is 502; a request body that breaks off is 400, one that is too slow or too large for the front 408
// or 413. When output breaks off after the head (the program was killed, timed out, or
// wrote less than its Content-Length), ServeHTTP panics with http.ErrAbortHandler so that the client can tell.
// Over HTTP/1 in net/http.Server what is left of a small body is waited for, at most five seconds, and the connection ends with a response that
// came before the end of its request.
func (s *Script) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	vars, err := backend.Vars(gateway.Vars(r), r, s.Mount, "")
	if err != nil {
		s.fail(w, r, fmt.Errorf("cgi: %w", err))
		return
	}
	if s.DocumentRoot != "" && !gateway.HasVars(r) {
		vars.Set("DOCUMENT_ROOT", s.DocumentRoot)
		setTranslated(vars, s.DocumentRoot)
	}
	s.run(w, r, &invocation{Script: s, path: absolute(s.Path), dir: s.Dir, vars: vars})
}

// Close ends the programs that still run, also those that go on after their response, and waits until they have ended. Requests that come
// later are answered with 503. It returns nil.
func (s *Script) Close() error {
	s.processes.close()
	return nil
}

// fail answers a request whose program did not.
func (s *Script) fail(w http.ResponseWriter, r *http.Request, err error) {
	backend.Fail(w, r, err, s.logger(r))
}

// logger says what the client of r is not told.
func (s *Script) logger(r *http.Request) func(error) {
	return func(err error) {
		if s.ErrorLog != nil {
			s.ErrorLog.Error(err.Error(), "method", r.Method, "uri", r.RequestURI)
			return
		}
		fmt.Fprintln(gateway.Stderr(r), err)
	}
}
