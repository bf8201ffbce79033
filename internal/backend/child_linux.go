package backend

import (
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// A Child is a program that was started.
type Child struct {
	Pid   int
	pidfd *os.File // nil where the system has none
}

// StartChild starts a program, see syscall.StartProcess.
func StartChild(path string, argv []string, attr *syscall.ProcAttr) (*Child, error) {
	fd := -1
	attr.Sys.PidFD = &fd
	pid, _, err := syscall.StartProcess(path, argv, attr)
	if err != nil {
		return nil, err
	}
	c := &Child{Pid: pid}
	if fd >= 0 {
		unix.SetNonblock(fd, true) // for the runtime's poller
		c.pidfd = os.NewFile(uintptr(fd), "pidfd")
	}
	return c, nil
}

// Await waits until the program has ended. Where the system can, it leaves a zombie, which keeps the number of the process and its group
// from being given to another until Collect.
func (c *Child) Await() {
	if c.pidfd != nil {
		if raw, err := c.pidfd.SyscallConn(); err == nil && raw.Read(func(uintptr) bool { return c.ended(unix.WNOHANG) }) == nil {
			return
		}
	}
	c.ended(0)
}

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

// Collect reaps a program that Await has waited for. It does not wait.
func (c *Child) Collect() ExitStatus {
	status := wait(c.Pid)
	if c.pidfd != nil {
		c.pidfd.Close()
	}
	return status
}

// Pipe opens a pipe between this process and a program, which reads or writes it. Deadlines work on this process's end.
func Pipe(programReads bool) (ours, theirs *os.File, err error) {
	var p [2]int
	if err := unix.Pipe2(p[:], unix.O_CLOEXEC); err != nil {
		return nil, nil, os.NewSyscallError("pipe2", err)
	}
	own, flags := 0, unix.O_RDONLY
	if programReads {
		own, flags = 1, unix.O_WRONLY
	}
	unix.FcntlInt(uintptr(p[own]), unix.F_SETFL, flags|unix.O_NONBLOCK) // that sends it to the runtime's poller
	return os.NewFile(uintptr(p[own]), "|own"), os.NewFile(uintptr(p[1-own]), "|program"), nil
}
