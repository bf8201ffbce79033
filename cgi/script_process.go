//go:build unix

package cgi

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"sync"
	"syscall"
	"time"

	"github.com/postern-go/postern/internal/backend"
)

const (
	defaultTimeout = time.Minute
	defaultGrace   = 2 * time.Second

	// linger is how long a program that has closed its output is waited for, to learn how it ended.
	linger = 100 * time.Millisecond
)

// past is a deadline that has always passed.
var past = time.Unix(1, 0)

// A process is a running program with the pipes to it. The leader of its group is not reaped before the handler is through with it,
// so that the group's number is not given to another.
type process struct {
	*invocation
	r      *http.Request
	child  *backend.Child
	stdin  *os.File // nil when there is no body
	stdout *os.File
	errors *errorStream
	input  input

	unlink func() bool // from the context of the request

	released bool               // the handler needs the leader no more
	reaper   *reaper            // nil as long as nobody waits for the leader to end
	state    backend.ExitStatus // how it ended, once it is reaped

	mu       sync.Mutex
	broken   error // why it is ended other than by its request
	finished bool  // the handler returns
	aborted  bool  // the group is being killed
	gone     bool  // the leader is reaped: its number may be another's
	kill     *time.Timer
	until    time.Time // the end of Grace, when it is aborted
}

// start starts the program, when there is room for one more.
func (v *invocation) start(r *http.Request) (*process, error) {
	if err := v.acquire(r); err != nil {
		return nil, err
	}
	p := &process{invocation: v, r: r}
	if err := p.begin(); err != nil {
		v.processes.release()
		return nil, fmt.Errorf("cgi: %s: %w", v.path, err)
	}
	return p, nil
}

func (p *process) begin() error {
	if err := p.processes.reserve(); err != nil {
		return err
	}
	stderr, err := p.open()
	if err != nil {
		p.processes.ended.Done()
		return err
	}
	p.errors = newErrorStream(stderr, p.sink(p.r))
	if p.stdin != nil {
		backend.ReadAhead(p.r, p.SpoolLimit, p.broke)
		go p.upload()
	}
	p.unlink = context.AfterFunc(p.r.Context(), p.terminate)
	p.processes.add(p)
	return nil
}

// open makes the pipes and starts the program on them. It returns the reading end of standard error.
func (p *process) open() (stderr int, err error) {
	pipe := func(programReads bool) (ours, theirs int) {
		if err != nil {
			return -1, -1
		}
		ours, theirs, err = backend.Pipe(programReads)
		return ours, theirs
	}
	stdout, out := pipe(false)
	stderr, diag := pipe(false)
	stdin, in := -1, -1
	if backend.HasBody(p.r) {
		stdin, in = pipe(true)
	} else if err == nil { // its input is empty
		in, err = syscall.Open(os.DevNull, syscall.O_RDONLY|syscall.O_CLOEXEC, 0)
	}
	if err == nil {
		err = p.exec(in, out, diag)
	}
	closeAll(in, out, diag)
	if err != nil {
		closeAll(stdin, stdout, stderr)
		return -1, err
	}
	if stdin >= 0 {
		p.stdin = os.NewFile(uintptr(stdin), "|stdin")
	}
	p.stdout = os.NewFile(uintptr(stdout), "|stdout")
	return stderr, nil
}

// exec starts the program.
func (p *process) exec(in, out, diag int) (err error) {
	p.child, err = backend.StartChild(p.path, []string{p.path}, &syscall.ProcAttr{
		Dir: p.workingDir(), Env: p.environ(p.r), Files: []uintptr{uintptr(in), uintptr(out), uintptr(diag)}, Sys: &syscall.SysProcAttr{Setpgid: true},
	})
	if errors.Is(err, fs.ErrNotExist) {
		if _, missing := os.Stat(p.workingDir()); missing != nil {
			return fmt.Errorf("working directory: %w", missing)
		}
	}
	return err
}

// closeAll closes descriptors. Those below 0 are none.
func closeAll(fds ...int) {
	for _, fd := range fds {
		if fd >= 0 {
			syscall.Close(fd)
		}
	}
}

// Read reads the output of the program. When the time is over, who has read input meanwhile gets it again.
func (p *process) Read(b []byte) (int, error) {
	p.touch()
	for {
		n, err := p.stdout.Read(b)
		if !errors.Is(err, os.ErrDeadlineExceeded) || !p.reads() {
			return n, err
		}
	}
}

// touch starts Timeout again.
func (p *process) touch() {
	p.mu.Lock()
	defer p.mu.Unlock()
	timeout := p.timeout()
	switch {
	case p.aborted:
		p.stdout.SetReadDeadline(past)
	case timeout > 0:
		p.stdout.SetReadDeadline(time.Now().Add(timeout))
	}
}

func (s *Script) timeout() time.Duration {
	if s.Timeout == 0 {
		return defaultTimeout
	}
	return s.Timeout
}

// explain returns what an error of reading the output comes from.
func (p *process) explain(err error) error {
	cause := p.cause()
	switch {
	case cause != nil:
		err = cause
	case errors.Is(err, os.ErrDeadlineExceeded):
		err = p.idle()
	}
	return fmt.Errorf("cgi: %s: %w", p.path, err)
}

// cancel ends the program because of err, unless it is over or ends already.
func (p *process) cancel(err error) {
	p.mu.Lock()
	over := p.finished || p.broken != nil || p.r.Context().Err() != nil
	if !over {
		p.broken = err
	}
	p.mu.Unlock()
	if !over {
		p.terminate()
	}
}

// cause returns why the program is ended before its time: what it was canceled for, or that its request is over.
func (p *process) cause() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.broken != nil {
		return p.broken
	}
	return context.Cause(p.r.Context())
}

// terminate ends the whole group: SIGTERM now, SIGKILL after Grace.
func (p *process) terminate() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.aborted || p.gone {
		return
	}
	p.aborted = true
	p.stdout.SetReadDeadline(past)
	grace := p.Grace
	if grace == 0 {
		grace = defaultGrace
	}
	p.until = time.Now().Add(grace)
	if grace < 0 {
		p.signal(syscall.SIGKILL)
		return
	}
	p.signal(syscall.SIGTERM)
	p.kill = time.AfterFunc(grace, func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.signal(syscall.SIGKILL)
	})
}

// signal sends to the group. The caller holds mu.
func (p *process) signal(sig syscall.Signal) {
	if !p.gone {
		syscall.Kill(-p.child.Pid, sig)
	}
}

// finish frees what the handler holds. The program is dead, being killed, or has closed its output.
func (p *process) finish() {
	p.unlink()
	p.mu.Lock()
	p.finished = true
	p.mu.Unlock()
	if p.stdin != nil {
		p.stdin.Close()
		backend.Unwanted(p.r)
	}
	p.stdout.Close()
	p.mu.Lock()
	if timeout := p.timeout(); !p.aborted && !p.gone && timeout > 0 {
		p.kill = time.AfterFunc(timeout, p.terminate)
	}
	p.mu.Unlock()
	p.done()
	p.errors.close()
}
