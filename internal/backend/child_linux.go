package backend

import (
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// A Child is a program that was started.
type Child struct{ Pid int }

// StartChild starts a program, see syscall.StartProcess.
func StartChild(path string, argv []string, attr *syscall.ProcAttr) (*Child, error) {
	pid, _, err := syscall.StartProcess(path, argv, attr)
	if err != nil {
		return nil, err
	}
	return &Child{Pid: pid}, nil
}

// Await waits until the program has ended. Where the system can, it leaves a zombie, which keeps the number of the process and its group
// from being given to another until Collect.
func (c *Child) Await() {
	if pidfd := c.open(); pidfd != nil {
		defer pidfd.Close()
		if raw, err := pidfd.SyscallConn(); err == nil && raw.Read(func(uintptr) bool { return c.Ended() }) == nil {
			return
		}
	}
	c.ended(0)
}

// open returns a descriptor of the program that the runtime's poller waits for, nil where the system has none.
func (c *Child) open() *os.File {
	fd, err := unix.PidfdOpen(c.Pid, 0)
	if err != nil {
		return nil
	}
	unix.SetNonblock(fd, true) // for the poller
	return os.NewFile(uintptr(fd), "pidfd")
}

// Ended says that the program has ended and Await would not wait, where the system can tell. It must not be called after Collect.
func (c *Child) Ended() bool { return c.ended(unix.WNOHANG) }

// ended says whether the program has ended, or waits for that without WNOHANG.
func (c *Child) ended(options int) bool {
	for {
		var info unix.Siginfo
		err := unix.Waitid(unix.P_PID, c.Pid, &info, unix.WEXITED|unix.WNOWAIT|options, nil)
		if err != unix.EINTR {
			return err != nil || info.Signo != 0
		}
	}
}

// Collect reaps a program that has ended. It does not wait.
func (c *Child) Collect() ExitStatus { return wait(c.Pid) }

// Pipe opens a pipe between this process and a program, which reads or writes it. This process's end does not block, so that deadlines work
// on what os.NewFile makes of it.
func Pipe(programReads bool) (ours, theirs int, err error) {
	var p [2]int
	if err := unix.Pipe2(p[:], unix.O_CLOEXEC); err != nil {
		return -1, -1, os.NewSyscallError("pipe2", err)
	}
	own, flags := 0, unix.O_RDONLY
	if programReads {
		own, flags = 1, unix.O_WRONLY
	}
	unix.FcntlInt(uintptr(p[own]), unix.F_SETFL, flags|unix.O_NONBLOCK)
	return p[own], p[1-own], nil
}
