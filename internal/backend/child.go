//go:build unix

package backend

import (
	"fmt"
	"syscall"
)

// An ExitStatus is how a program ended.
type ExitStatus struct{ syscall.WaitStatus }

// String says it in the words of os.ProcessState.
func (s ExitStatus) String() string {
	if s.Signaled() {
		return "signal: " + s.Signal().String()
	}
	return fmt.Sprintf("exit status %d", s.ExitStatus())
}

// wait reaps a process.
func wait(pid int) ExitStatus {
	var s ExitStatus
	for {
		if _, err := syscall.Wait4(pid, &s.WaitStatus, 0, nil); err != syscall.EINTR {
			return s
		}
	}
}
