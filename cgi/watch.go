package cgi

import (
	"errors"
	"sync"
	"time"
)

// watchAfter is how long a handler has run when its next step makes somebody watch beside it.
const watchAfter = time.Millisecond

// errClosed is why the context of a request ends when nobody reads its response any more.
var errClosed = errors.New("cgi: web server closed the response")

// A watch is what can end the context of a request while its handler runs. It costs nothing for a handler that returns at once: to notice
// signals takes a process a quarter of its start-up time, and even a timer that would start it later a fiftieth.
type watch struct {
	sources  []source
	begun    time.Time
	signaled signaled // the context of a process

	mu      sync.Mutex
	started bool
	over    bool
	stops   []func()
}

// A source begins to notice one thing. Who calls stop waits until it is over.
type source func() (stop func())

// attach is the beginning of the handler.
func (w *watch) attach(more ...source) {
	w.sources = append(w.sources, more...)
	w.begun = time.Now()
}

// step is called when the handler asks, reads or sends something: one that goes on is watched.
func (w *watch) step() {
	if len(w.sources) > 0 && time.Since(w.begun) >= watchAfter {
		w.start()
	}
}

// start watches from now on.
func (w *watch) start() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.started || w.over {
		return
	}
	w.started = true
	for _, s := range w.sources {
		w.stops = append(w.stops, s())
	}
}

// stop returns when nothing watches any more. It may be called again.
func (w *watch) stop() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.over = true
	for _, stop := range w.stops {
		stop()
	}
	w.stops = nil
}
