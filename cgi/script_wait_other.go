//go:build unix && !linux

package cgi

import "os/exec"

// awaitExit waits until the program has ended and reaps it: there is no portable way to leave it.
func awaitExit(cmd *exec.Cmd) { cmd.Wait() }

// collect has nothing left to do.
func collect(*exec.Cmd) {}
