package behaviour

import (
	"fmt"
	"strings"
	"sync"
)

// A Probe is how the handler of a row says what it saw.
type Probe struct {
	left chan struct{}

	mu      sync.Mutex
	notes   []string
	started bool
	over    chan struct{}
	after   []func()
}

func newProbe() *Probe {
	return &Probe{left: make(chan struct{}), over: make(chan struct{})}
}

// Note adds a line to the text of the row.
func (p *Probe) Note(format string, args ...any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.notes = append(p.notes, fmt.Sprintf(format, args...))
}

// Err notes what came of something: ok or the words of the error.
func (p *Probe) Err(what string, err error) {
	if err == nil {
		p.Note("%s: ok", what)
		return
	}
	p.Note("%s: %v", what, err)
}

// After has f called when the request is over.
func (p *Probe) After(f func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.after = append(p.after, f)
}

// Leave makes the client go away.
func (p *Probe) Leave() { close(p.left) }

// start takes note that the handler runs; what it returns, that it does no
// longer.
func (p *Probe) start() func() {
	p.mu.Lock()
	p.started = true
	p.mu.Unlock()
	return func() { close(p.over) }
}

// finish waits for a handler that runs, and then does what was put off.
func (p *Probe) finish() {
	p.mu.Lock()
	started := p.started
	p.mu.Unlock()
	if started {
		<-p.over
	}
	p.mu.Lock()
	after := p.after
	p.mu.Unlock()
	for _, f := range after {
		f()
	}
}

func (p *Probe) text() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	var b strings.Builder
	for _, note := range p.notes {
		b.WriteString("> " + note + "\n")
	}
	return b.String()
}
