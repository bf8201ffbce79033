//go:build unix

package cgi

import (
	"syscall"
	"time"
)

// groupLook is how often a group without its leader is looked at. Numbers are given out in turn: one that is free is not another's so soon.
const groupLook = 10 * time.Millisecond

// remains reports whether somebody is left in the group of a leader that was reaped.
func (p *process) remains() bool { return syscall.Kill(-p.child.Pid, 0) != syscall.ESRCH }

// bury waits for those whom a leader that was ended has left in its group, and kills them when Grace is over.
func (p *process) bury() {
	defer p.processes.remove(p)
	for p.remains() {
		if !time.Now().Before(p.until) {
			syscall.Kill(-p.child.Pid, syscall.SIGKILL)
			return
		}
		time.Sleep(groupLook)
	}
}
