//go:build unix

package cgi

import (
	"context"
	"errors"
	"fmt"
	"io"
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
	out    *holding

	ctx    context.Context // ends with the request, or when its body fails
	cancel context.CancelCauseFunc
	unlink func() bool

	dead    chan struct{}      // closed when the leader has ended
	release chan struct{}      // closed when the handler needs it no more
	reaped  chan struct{}      // closed when it is reaped
	state   backend.ExitStatus // how it ended, once it is reaped
	letGo   sync.Once

	mu        sync.Mutex
	uploading bool // flushes are held back
	held      bool // one was
	aborted   bool // the group is being killed
	gone      bool // the leader is reaped: its number may be another's
	kill      *time.Timer
}

// start starts the program, when there is room for one more.
func (v *invocation) start(r *http.Request) (*process, error) {
	if err := v.acquire(r); err != nil {
		return nil, err
	}
	p := &process{invocation: v, r: r, dead: make(chan struct{}), release: make(chan struct{}), reaped: make(chan struct{})}
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
	p.ctx, p.cancel = context.WithCancelCause(p.r.Context())
	p.errors = newErrorStream(stderr, p.sink(p.r))
	if p.stdin != nil {
		p.uploading = true
		go p.upload()
	}
	go p.reap()
	p.unlink = context.AfterFunc(p.ctx, p.terminate)
	p.processes.add(p)
	return nil
}

// open makes the pipes and starts the program on them. It returns the reading end of standard error.
func (p *process) open() (stderr *os.File, err error) {
	pipe := func(programReads bool) (ours, theirs *os.File) {
		if err == nil {
			ours, theirs, err = backend.Pipe(programReads)
		}
		return ours, theirs
	}
	stdout, out := pipe(false)
	stderr, diag := pipe(false)
	var stdin, in *os.File
	if backend.HasBody(p.r) {
		stdin, in = pipe(true)
	}
	defer closeAll(in, out, diag)
	if err == nil {
		err = p.exec(in, out, diag)
	}
	if err != nil {
		closeAll(stdin, stdout, stderr)
		return nil, err
	}
	p.stdin, p.stdout = stdin, stdout
	return stderr, nil
}

// exec starts the program. Without in its input is empty.
func (p *process) exec(in, out, diag *os.File) (err error) {
	var input int
	if in != nil {
		input = int(in.Fd())
	} else {
		if input, err = syscall.Open(os.DevNull, syscall.O_RDONLY|syscall.O_CLOEXEC, 0); err != nil {
			return err
		}
		defer syscall.Close(input)
	}
	p.child, err = backend.StartChild(p.path, []string{p.path}, &syscall.ProcAttr{
		Dir: p.workingDir(), Env: p.environ(p.r), Files: []uintptr{uintptr(input), out.Fd(), diag.Fd()}, Sys: &syscall.SysProcAttr{Setpgid: true},
	})
	if errors.Is(err, fs.ErrNotExist) {
		if _, missing := os.Stat(p.workingDir()); missing != nil {
			return fmt.Errorf("working directory: %w", missing)
		}
	}
	return err
}

func closeAll(files ...*os.File) {
	for _, f := range files {
		f.Close() // of a nil file is an error, and no more
	}
}

// upload sends the request body to the program, which need not read it. A body that fails ends the program.
func (p *process) upload() {
	defer p.letFlush()
	defer p.stdin.Close()
	body := backend.Declared(p.r)
	buf := make([]byte, 32<<10)
	slow := time.AfterFunc(holdTime, p.letFlush)
	defer slow.Stop()
	for {
		slow.Reset(holdTime)
		n, err := body.Read(buf)
		slow.Stop()
		if _, failed := p.stdin.Write(buf[:n]); failed != nil || err == io.EOF {
			return
		}
		if err != nil {
			p.cancel(&backend.BodyError{Err: err})
			return
		}
		p.touch()
	}
}

// touch starts Timeout again.
func (p *process) touch() {
	p.mu.Lock()
	defer p.mu.Unlock()
	timeout := p.timeout()
	switch {
	case p.aborted, p.held && !p.uploading:
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
	switch {
	case p.ctx.Err() != nil:
		err = context.Cause(p.ctx)
	case errors.Is(err, os.ErrDeadlineExceeded):
		err = fmt.Errorf("no output for %v: %w", p.timeout(), os.ErrDeadlineExceeded)
	}
	return fmt.Errorf("cgi: %s: %w", p.path, err)
}

// terminate ends the whole group: SIGTERM now, SIGKILL after Grace or as soon as the leader has ended.
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

// reap waits for the leader, and for the handler to be through with the group, and reaps the leader. Of a group that is being killed it
// kills what the leader left behind.
func (p *process) reap() {
	p.child.Await()
	close(p.dead)
	<-p.release
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.aborted {
		p.signal(syscall.SIGKILL)
	}
	p.gone = true
	if p.kill != nil {
		p.kill.Stop()
	}
	p.state = p.child.Collect()
	close(p.reaped)
	p.processes.remove(p)
	p.processes.release()
}

// conclude learns how a program ended whose output has ended. One that was killed did not finish what it wrote, unless the response is
// whole by its Content-Length. One that goes on without output is left alone until Timeout.
func (p *process) conclude(whole bool, logf func(error)) error {
	timer := time.NewTimer(linger)
	defer timer.Stop()
	select {
	case <-p.dead:
	case <-timer.C:
		return nil
	}
	p.done()
	<-p.reaped
	if p.state.Exited() && p.state.ExitStatus() == 0 {
		return nil
	}
	err := errors.New(p.state.String())
	if p.state.Signaled() && !whole {
		return err
	}
	if p.ctx.Err() == nil { // it was not ended by this process, for a client that had got all
		logf(p.explain(err))
	}
	return nil
}

func (p *process) done() { p.letGo.Do(func() { close(p.release) }) }

// finish frees what the handler holds. The program is dead, being killed, or has closed its output.
func (p *process) finish() {
	p.unlink()
	if p.stdin != nil {
		p.stdin.Close()
		backend.CloseBody(p.r)
	}
	p.stdout.Close()
	p.mu.Lock()
	if timeout := p.timeout(); !p.aborted && !p.gone && timeout > 0 {
		p.kill = time.AfterFunc(timeout, p.terminate)
	}
	p.mu.Unlock()
	p.done()
	p.cancel(nil)
	p.errors.close()
}
