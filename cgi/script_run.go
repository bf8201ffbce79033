//go:build unix

package cgi

import (
	"bufio"
	"errors"
	"fmt"
	"io"
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

// run answers r by the program, or by what the program redirects to.
func (s *Script) run(w http.ResponseWriter, r *http.Request, v *invocation) {
	if status, err := executable(v.path); err != nil {
		v.logger(r)(err)
		backend.Page(w, status)
		return
	}
	r, done := backend.Interruptible(w, r)
	defer done()
	if target := v.answer(w, r); target != "" {
		s.redirect(w, r, target)
	}
}

// answer answers r by the program, unless it wants a local redirect followed: then it returns the target.
func (v *invocation) answer(w http.ResponseWriter, r *http.Request) (target string) {
	in, err := backend.Measure(r, v.SpoolLimit)
	if err != nil {
		v.fail(w, r, fmt.Errorf("cgi: %w", err))
		return ""
	}
	p, err := v.start(in)
	if err != nil {
		backend.CloseBody(in)
		v.failStart(w, r, err)
		return ""
	}
	defer p.finish()
	logf := v.logger(r)
	return p.respond(w, func(err error) {
		p.errors.end() // what the program said comes before what became of it
		logf(err)
	})
}

// respond passes the response on.
func (p *process) respond(w http.ResponseWriter, logf func(error)) (target string) {
	out := bufio.NewReader(p)
	if sent, err := p.verbatim(w, out, logf); sent || err != nil {
		p.failed(w, err, logf)
		return ""
	}
	head, err := cgihead.Parse(out, p.HeadLimit)
	if err == nil && head.Local != "" && p.redirector(p.r) != nil {
		target = head.Local
		_, err = io.Copy(io.Discard, out)
	} else if err == nil {
		err = backend.AwaitBody(p.r, p.SpoolLimit, p.death)
	}
	if err != nil {
		p.failed(w, err, logf)
		return ""
	}
	if target == "" {
		err = head.Deliver(w, p.r.Method, out)
	}
	if err == nil {
		err = p.conclude(target != "" || head.Length >= 0 || !cgihead.BodyAllowed(p.r.Method, head.Status), logf)
	}
	if err != nil {
		err = p.explain(err)
		p.terminate()
		backend.Abort(p.r, err, logf)
	}
	return target
}

// failed ends a program that gave no response, and says so to the client.
func (p *process) failed(w http.ResponseWriter, err error, logf func(error)) {
	if err == nil {
		return
	}
	err = p.explain(err)
	p.terminate()
	backend.Fail(w, p.r, err, logf)
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

// failStart answers a request whose program is there but does not start.
func (v *invocation) failStart(w http.ResponseWriter, r *http.Request, err error) {
	status := http.StatusInternalServerError
	switch {
	case errors.Is(err, backend.ErrOverloaded):
		v.fail(w, r, err)
		return
	case errors.Is(err, fs.ErrPermission):
		status = http.StatusForbidden
	case errors.Is(err, syscall.E2BIG):
		status = http.StatusRequestHeaderFieldsTooLarge
	case errors.Is(err, syscall.ETXTBSY), errors.Is(err, syscall.EAGAIN), errors.Is(err, syscall.ENOMEM), errors.Is(err, syscall.EMFILE), errors.Is(err, syscall.ENFILE):
		status = http.StatusServiceUnavailable
	}
	v.logger(r)(err)
	backend.Page(w, status)
}
