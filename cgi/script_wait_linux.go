package cgi

import (
	"os/exec"

	"golang.org/x/sys/unix"
)

// awaitExit waits until the program has ended and leaves it as a zombie, which keeps its number.
func awaitExit(cmd *exec.Cmd) {
	for unix.Waitid(unix.P_PID, cmd.Process.Pid, nil, unix.WEXITED|unix.WNOWAIT, nil) == unix.EINTR {
	}
}

// collect reaps the program.
func collect(cmd *exec.Cmd) { cmd.Wait() }
