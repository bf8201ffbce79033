package backend

import (
	"os/exec"

	"golang.org/x/sys/unix"
)

// AwaitExit waits until the started program has ended. Where the system can, it leaves a zombie, which keeps the number of the process
// and its group from being given to another until Collect.
func AwaitExit(cmd *exec.Cmd) {
	for unix.Waitid(unix.P_PID, cmd.Process.Pid, nil, unix.WEXITED|unix.WNOWAIT, nil) == unix.EINTR {
	}
}

// Collect reaps a program that AwaitExit has waited for, and sets its ProcessState. It does not wait.
func Collect(cmd *exec.Cmd) { cmd.Wait() }
