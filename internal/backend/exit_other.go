//go:build !linux

package backend

import "os/exec"

// AwaitExit waits until the started program has ended, and reaps it: there is no portable way to leave a zombie.
func AwaitExit(cmd *exec.Cmd) { cmd.Wait() }

// Collect has nothing left to do.
func Collect(*exec.Cmd) {}
