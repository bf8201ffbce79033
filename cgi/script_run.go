//go:build unix

package cgi

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"syscall"

	"github.com/postern-go/postern/env"
	"github.com/postern-go/postern/internal/backend"
	"github.com/postern-go/postern/internal/cgihead"
)

// An invocation is one run of one program.
type invocation struct {
	*Script
	path string    // of the program, absolute
	dir  string    // the working directory; empty is that of the program
	vars *env.Vars // of the request, as the program is to see them
}

// run answers r by the program.
func (s *Script) run(w http.ResponseWriter, r *http.Request, v *invocation) {
	if status, err := executable(v.path); err != nil {
		s.logger(r)(err)
		backend.Page(w, status)
		return
	}
	in, err := v.measured(w, r)
	if err != nil {
		s.fail(w, r, fmt.Errorf("cgi: %w", err))
		return
	}
	p, err := v.start(in)
	if err != nil {
		backend.CloseBody(in)
		s.logger(r)(err)
		backend.Page(w, startStatus(err))
		return
	}
	defer p.finish()
	p.respond(w, s.logger(r))
}

// measured returns the request with a body of known length.
func (v *invocation) measured(w http.ResponseWriter, r *http.Request) (*http.Request, error) {
	return backend.Measure(backend.Interruptible(w, r), v.SpoolLimit)
}

func (p *process) respond(w http.ResponseWriter, logf func(error)) {
	out := bufio.NewReader(p)
	head, err := cgihead.Parse(out, p.HeadLimit)
	if err != nil {
		err = p.explain(err)
		p.terminate()
		backend.Fail(w, p.r, err, logf)
		return
	}
	if err = head.Deliver(w, p.r.Method, out); err == nil {
		err = p.conclude(head.Length >= 0 || !cgihead.BodyAllowed(p.r.Method, head.Status), logf)
	}
	if err != nil {
		err = p.explain(err)
		p.terminate()
		backend.Abort(p.r, err, logf)
	}
}

// executable says whether path is a program to run, and the status when it is none.
func executable(path string) (status int, err error) {
	info, err := os.Stat(path)
	switch {
	case err == nil && info.Mode().IsRegular() && info.Mode()&0o111 != 0:
		return 0, nil
	case err == nil:
		return http.StatusForbidden, fmt.Errorf("cgi: %s is not an executable file", path)
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
