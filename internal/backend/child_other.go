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

// Ended is false: there is no portable way to learn it without reaping.
func (c *Child) Ended() bool { return false }

// Pipe opens a pipe between this process and a program, which reads or writes it. This process's end does not block, so that deadlines work
// on what os.NewFile makes of it.
func Pipe(programReads bool) (ours, theirs int, err error) {
	var p [2]int
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	if err := syscall.Pipe(p[:]); err != nil {
		return -1, -1, os.NewSyscallError("pipe", err)
	}
	syscall.CloseOnExec(p[0])
	syscall.CloseOnExec(p[1])
	own := 0
	if programReads {
		own = 1
	}
	syscall.SetNonblock(p[own], true)
	return p[own], p[1-own], nil
}
