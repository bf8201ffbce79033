//go:build unix

package cgi

import (
	"errors"
	"net/http"
	"os"
	"time"
)

// holdTime is how long flushes are held back for a client that sends nothing more of its body.
const holdTime = 500 * time.Millisecond

// A holding is a ResponseWriter that holds flushes back while the request body is on its way to the program. nginx, where it reads a body before it
// passes it on, stops passing it when a response begins, and a program that says something first, as git-http-backend does, would wait for the
// rest in vain.
type holding struct {
	http.ResponseWriter
	p *process
}

// FlushError is for http.ResponseController.
func (h *holding) FlushError() error {
	if h.p.holds() {
		return nil
	}
	return http.NewResponseController(h.ResponseWriter).Flush()
}

func (h *holding) Unwrap() http.ResponseWriter { return h.ResponseWriter }

// holds reports that a flush has to wait, and takes note of it.
func (p *process) holds() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.held = p.uploading
	return p.held
}

// letFlush is called when the program has the whole body, wants no more of it, or the client makes it wait. A flush that was held back is made up
// for by the reader of the output.
func (p *process) letFlush() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.uploading = false
	if p.held {
		p.stdout.SetReadDeadline(past)
	}
}

// Read reads the output of the program.
func (p *process) Read(b []byte) (int, error) {
	for {
		p.touch()
		n, err := p.stdout.Read(b)
		if n > 0 || !errors.Is(err, os.ErrDeadlineExceeded) || !p.due() {
			return n, err
		}
		if err := p.out.FlushError(); err != nil {
			return 0, err
		}
	}
}

// due reports that a flush was held back that can be made now.
func (p *process) due() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	due := p.held && !p.uploading && !p.aborted
	p.held = p.held && !due
	return due
}
