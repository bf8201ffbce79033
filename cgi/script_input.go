//go:build unix

package cgi

import (
	"fmt"
	"io"
	"os"
	"sync/atomic"

	"github.com/postern-go/postern/internal/backend"
)

// An input is what becomes of the request body of a program.
type input struct {
	waits atomic.Bool  // for the client
	sent  atomic.Int64 // bytes that were written to the program
	taken atomic.Int64 // of them the program had read when it was looked at last
}

// upload sends the request body to the program, which need not read it. A body that fails ends the program.
func (p *process) upload() {
	defer backend.Unwanted(p.r)
	defer p.stdin.Close()
	body := backend.Declared(p.r)
	buf := make([]byte, 32<<10)
	for {
		p.input.waits.Store(true)
		n, err := body.Read(buf)
		p.input.waits.Store(false)
		if _, failed := p.stdin.Write(buf[:n]); failed != nil || err == io.EOF {
			return
		}
		if err != nil {
			p.broke(err)
			return
		}
		p.input.sent.Add(int64(n))
		p.reads()
	}
}

// broke ends the program because the request body broke off.
func (p *process) broke(err error) { p.cancel(&backend.BodyError{Err: err}) }

// reads starts Timeout again if the program has read something since it was looked at last, and reports that.
func (p *process) reads() bool {
	if p.stdin == nil {
		return false
	}
	last, taken := p.input.taken.Load(), p.input.sent.Load()-int64(backend.Unread(p.stdin))
	if taken <= last {
		return false
	}
	p.input.taken.CompareAndSwap(last, taken)
	p.touch()
	return true
}

// idle says why a program has done nothing for Timeout: it has read what there is of a body that goes on, or it is its own fault.
func (p *process) idle() error {
	if p.stdin != nil && p.input.waits.Load() && backend.Unread(p.stdin) == 0 {
		return &backend.BodyError{Err: fmt.Errorf("nothing of it for %v: %w", p.timeout(), os.ErrDeadlineExceeded)}
	}
	return fmt.Errorf("no output for %v: %w", p.timeout(), os.ErrDeadlineExceeded)
}
