//go:build unix

package cgi

import (
	"errors"
	"time"
)

// A reaper is a goroutine that waits for the leader of a group. Programs that end with their output need none.
type reaper struct {
	dead    chan struct{} // closed when the leader has ended
	release chan struct{} // closed when the handler needs it no more
	reaped  chan struct{} // closed when it is reaped
}

// await starts the reaper, if there is none.
func (p *process) await() {
	if p.reaper == nil {
		p.reaper = &reaper{make(chan struct{}), make(chan struct{}), make(chan struct{})}
		go p.reap(p.reaper)
	}
}

// reap waits for the leader, and for the handler to be through with the group.
func (p *process) reap(r *reaper) {
	p.child.Await()
	close(r.dead)
	<-r.release
	p.collect()
	close(r.reaped)
}

// collect reaps the leader, which has ended. Those whom it leaves behind in a group that is being ended have the rest of Grace.
func (p *process) collect() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.gone = true
	if p.kill != nil {
		p.kill.Stop()
	}
	p.state = p.child.Collect()
	if p.aborted && p.remains() {
		go p.bury()
		return
	}
	p.processes.remove(p)
}

// death returns what is closed when the leader has ended.
func (p *process) death() <-chan struct{} {
	p.await()
	return p.reaper.dead
}

// ends waits a moment for the leader to end, and reports that it has.
func (p *process) ends() bool {
	if p.reaper == nil && p.child.Ended() {
		return true
	}
	p.await()
	timer := time.NewTimer(linger)
	defer timer.Stop()
	select {
	case <-p.reaper.dead:
		return true
	case <-timer.C:
		return false
	}
}

// done lets the leader be reaped: now if it has ended, and otherwise when it does.
func (p *process) done() {
	if p.released {
		return
	}
	p.released = true
	if p.reaper == nil && p.child.Ended() {
		p.collect()
		return
	}
	p.await()
	close(p.reaper.release)
}

// conclude learns how a program ended whose output has ended. One that was killed did not finish what it wrote, unless the response is
// whole by its Content-Length. One that goes on without output is left alone until Timeout.
func (p *process) conclude(whole bool, logf func(error)) error {
	if !p.ends() {
		return nil
	}
	p.done()
	if p.reaper != nil {
		<-p.reaper.reaped
	}
	if p.state.Exited() && p.state.ExitStatus() == 0 {
		return nil
	}
	err := errors.New(p.state.String())
	if p.state.Signaled() && !whole {
		return err
	}
	if p.cause() == nil { // it was not ended by this process, for a client that had got all
		logf(p.explain(err))
	}
	return nil
}
