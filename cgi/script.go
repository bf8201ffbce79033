//go:build unix

package cgi

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"syscall"
	"time"

	"github.com/postern-go/postern/gateway"
	"github.com/postern-go/postern/internal/backend"
	"github.com/postern-go/postern/internal/cgihead"
)

// A Script is an http.Handler that runs one CGI program for every request. Its fields must not change once it is in use.
//
// The program gets the variables that the request came with when a front end of this module serves it, else those of
// env.FromRequest; see Env for what else is in its environment. It has no arguments. Its input is sent while its output is read, and its
// output is flushed as it comes. It runs in a process group of its own, which is killed when the context of the request ends, when the
// request body breaks off, and after Timeout.
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

	// Timeout is how long the program may neither write output nor read input; 0 is one minute, negative is for ever. Before the response
	// head has come, it makes a 504.
	Timeout time.Duration

	// Grace is the time between SIGTERM and SIGKILL; 0 is two seconds, negative is none.
	Grace time.Duration

	// HeadLimit is the size in bytes of the largest response head; 0 is 64 KiB.
	HeadLimit int

	// SpoolLimit is the size in bytes of the largest request body of unknown length, which is read before the program starts; 0 is
	// 256 MiB, negative is no limit. What is over 64 KiB waits in an unlinked file in os.TempDir.
	SpoolLimit int64

	// ErrorLog gets the program's standard error line by line, and what ServeHTTP cannot tell its client. When it is nil, the error
	// stream of the request gets both (see gateway.Stderr).
	ErrorLog *slog.Logger
}

// ServeHTTP runs the program. Malformed output is 502. When output breaks off after the head (the program was killed, timed out, or
// wrote less than its Content-Length), ServeHTTP panics with http.ErrAbortHandler so that the client can tell.
func (s *Script) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	logf := func(err error) { s.logError(r, err) }
	if status, err := s.check(); err != nil {
		logf(err)
		backend.Page(w, status)
		return
	}
	r, environ, err := s.request(w, r)
	if err != nil {
		backend.Fail(w, r, fmt.Errorf("cgi: %w", err), logf)
		return
	}
	p, err := s.start(r, environ)
	if err != nil {
		backend.CloseBody(r)
		logf(err)
		backend.Page(w, startStatus(err))
		return
	}
	defer p.finish()
	s.respond(w, r, p, logf)
}

func (s *Script) respond(w http.ResponseWriter, r *http.Request, p *process, logf func(error)) {
	out := bufio.NewReader(p)
	head, err := cgihead.Parse(out, s.HeadLimit)
	if err != nil {
		err = p.explain(err)
		p.terminate()
		backend.Fail(w, r, err, logf)
		return
	}
	if err = head.Deliver(w, r.Method, out); err == nil {
		err = p.conclude(head.Length >= 0 || !cgihead.BodyAllowed(r.Method, head.Status), logf)
	}
	if err != nil {
		err = p.explain(err)
		p.terminate()
		backend.Abort(r, err, logf)
	}
}

// request returns the request with a body of known length, and the environment of the program.
func (s *Script) request(w http.ResponseWriter, r *http.Request) (*http.Request, []string, error) {
	in, err := backend.Measure(backend.Interruptible(w, r), s.SpoolLimit)
	if err != nil {
		return r, nil, err
	}
	environ, err := s.environ(in)
	if err != nil {
		backend.CloseBody(in)
		return r, nil, err
	}
	return in, environ, nil
}

// check says whether there is a program to run, and the status when there is none.
func (s *Script) check() (status int, err error) {
	info, err := os.Stat(s.Path)
	switch {
	case err == nil && info.Mode().IsRegular() && info.Mode()&0o111 != 0:
		return 0, nil
	case err == nil:
		return http.StatusForbidden, fmt.Errorf("cgi: %s is not an executable file", s.Path)
	case errors.Is(err, fs.ErrPermission):
		return http.StatusForbidden, fmt.Errorf("cgi: %w", err)
	}
	return http.StatusNotFound, fmt.Errorf("cgi: %w", err)
}

// startStatus is the status for a program that is there but does not start.
func startStatus(err error) int {
	switch {
	case errors.Is(err, fs.ErrPermission):
		return http.StatusForbidden
	case errors.Is(err, syscall.E2BIG):
		return http.StatusRequestHeaderFieldsTooLarge
	}
	return http.StatusInternalServerError
}

func (s *Script) logError(r *http.Request, err error) {
	if s.ErrorLog != nil {
		s.ErrorLog.Error(err.Error(), "method", r.Method, "uri", r.RequestURI)
		return
	}
	fmt.Fprintln(gateway.Stderr(r), err)
}
