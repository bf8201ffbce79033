package integration

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// A process is a child that ends with its test at the latest.
type process struct {
	name   string
	cmd    *exec.Cmd
	log    string // its standard output and error
	exited chan struct{}
	err    error // how it exited; read it after exited is closed

	forgiven bool             // its exit status does not matter
	ends     func(error) bool // other ways in which it may end when it is asked to; may be nil
}

// A command says what to start.
type command struct {
	name string // for messages, and the name of the log
	dir  string // working directory, and where the log goes
	argv []string

	files []*os.File // from descriptor 3 on
}

// promptExit takes back the second that the race detector waits at the end of a process.
const promptExit = "GORACE=atexit_sleep_ms=0"

func start(t *testing.T, c command) *process {
	t.Helper()
	p := &process{name: c.name, log: filepath.Join(c.dir, c.name+".log"), exited: make(chan struct{})}
	log, err := os.OpenFile(p.log, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o644)
	require.NoError(t, err)
	defer log.Close()
	who, err := credential()
	require.NoError(t, err)
	p.cmd = exec.Command(c.argv[0], c.argv[1:]...)
	p.cmd.Dir, p.cmd.Env = c.dir, []string{"PATH=/usr/bin:/bin", "HOME=" + c.dir, promptExit}
	p.cmd.Stdout, p.cmd.Stderr, p.cmd.ExtraFiles = log, log, c.files
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Credential: who, Pdeathsig: syscall.SIGTERM}
	require.NoError(t, p.cmd.Start())
	go func() {
		p.err = p.cmd.Wait()
		close(p.exited)
	}()
	t.Cleanup(func() { p.clean(t) })
	return p
}

// clean stops the process and shows its logs when the test has failed.
func (p *process) clean(t *testing.T) {
	if err := p.stop(); err != nil && !p.forgiven && (p.ends == nil || !p.ends(err)) {
		t.Errorf("%s did not end well: %v", p.name, err)
	}
	if !t.Failed() {
		return
	}
	t.Logf("logs of %s:\n%s", p.name, p.logs(t))
}

// logs returns all that is in the logs of its directory.
func (p *process) logs(t *testing.T) string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(p.cmd.Dir, "*.log"))
	require.NoError(t, err)
	var all strings.Builder
	for _, path := range paths {
		content, err := os.ReadFile(path)
		require.NoError(t, err)
		fmt.Fprintf(&all, "== %s\n%s", filepath.Base(path), content)
	}
	return all.String()
}

// stop asks the process to end and returns how it ended, nil for exit status 0. It may be called again.
func (p *process) stop() error {
	if p.running() {
		_ = p.cmd.Process.Signal(syscall.SIGTERM)
	}
	select {
	case <-p.exited:
		return p.err
	case <-time.After(patience):
		_ = p.cmd.Process.Kill()
		<-p.exited
		return errors.New("killed: SIGTERM did not end it")
	}
}

// killedByTERM is how a process ends that does not take care of SIGTERM.
func killedByTERM(err error) bool {
	status, ok := statusOf(err)
	return ok && status.Signaled() && status.Signal() == syscall.SIGTERM
}

func exitedWith1(err error) bool {
	status, ok := statusOf(err)
	return ok && status.Exited() && status.ExitStatus() == 1
}

func statusOf(err error) (syscall.WaitStatus, bool) {
	var exit *exec.ExitError
	if !errors.As(err, &exit) {
		return 0, false
	}
	status, ok := exit.Sys().(syscall.WaitStatus)
	return status, ok
}

func (p *process) running() bool {
	select {
	case <-p.exited:
		return false
	default:
		return true
	}
}

// output returns what the process has written so far.
func (p *process) output(t *testing.T) string {
	t.Helper()
	content, err := os.ReadFile(p.log)
	require.NoError(t, err)
	return string(content)
}
