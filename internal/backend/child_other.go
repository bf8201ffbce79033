//go:build unix && !linux

package backend

import (
	"os"
	"syscall"
)

// A Child is a program that was started.
type Child struct {
	Pid    int
	status ExitStatus
}

// StartChild starts a program, see syscall.StartProcess.
func StartChild(path string, argv []string, attr *syscall.ProcAttr) (*Child, error) {
	pid, _, err := syscall.StartProcess(path, argv, attr)
	if err != nil {
		return nil, err
	}
	return &Child{Pid: pid}, nil
}

// Await waits until the program has ended, and reaps it: there is no portable way to leave a zombie.
func (c *Child) Await() { c.status = wait(c.Pid) }

// Collect says how the program ended.
func (c *Child) Collect() ExitStatus { return c.status }

// Pipe opens a pipe between this process and a program, which reads or writes it. Deadlines work on this process's end.
func Pipe(programReads bool) (ours, theirs *os.File, err error) {
	r, w, err := os.Pipe()
	if programReads {
		return w, r, err
	}
	return r, w, err
}
