package backend

import (
	"os"

	"golang.org/x/sys/unix"
)

// A Child is a program that was started.
type Child struct {
	*os.Process
	pidfd *os.File // nil where the system has none
}

// StartChild starts a program, see os.StartProcess.
func StartChild(path string, argv []string, attr *os.ProcAttr) (*Child, error) {
	fd := -1
	attr.Sys.PidFD = &fd
	p, err := os.StartProcess(path, argv, attr)
	if err != nil {
		return nil, err
	}
	c := &Child{Process: p}
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
	var info unix.Siginfo
	err := unix.EINTR
	for err == unix.EINTR {
		info = unix.Siginfo{}
		err = errno(unix.Waitid(unix.P_PID, c.Pid, &info, unix.WEXITED|unix.WNOWAIT|options, nil))
	}
	return err != 0 || info.Signo != 0
}

func errno(err error) unix.Errno {
	e, _ := err.(unix.Errno)
	return e
}

// Collect reaps a program that Await has waited for. It does not wait.
func (c *Child) Collect() *os.ProcessState {
	state, _ := c.Wait()
	if c.pidfd != nil {
		c.pidfd.Close()
	}
	return state
}
