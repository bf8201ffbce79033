//go:build !linux

package backend

import "os"

// A Child is a program that was started.
type Child struct {
	*os.Process
	state *os.ProcessState
}

// StartChild starts a program, see os.StartProcess.
func StartChild(path string, argv []string, attr *os.ProcAttr) (*Child, error) {
	p, err := os.StartProcess(path, argv, attr)
	if err != nil {
		return nil, err
	}
	return &Child{Process: p}, nil
}

// Await waits until the program has ended, and reaps it: there is no portable way to leave a zombie.
func (c *Child) Await() { c.state, _ = c.Wait() }

// Collect says how the program ended.
func (c *Child) Collect() *os.ProcessState { return c.state }
