package cgi

import (
	"errors"
	"sync"
	"time"
)

// watchAfter is how long a handler runs before somebody watches beside it.
const watchAfter = time.Millisecond

// errClosed is why the context of a request ends when nobody reads its response any more.
var errClosed = errors.New("cgi: web server closed the response")

// A watch is what can end the context of a request while its handler runs. It costs nothing for a handler that returns at once: to notice
// signals takes a process a quarter of its start-up time.
type watch struct {
	sources []source
	timer   *time.Timer

	mu      sync.Mutex
	started bool
	over    bool
	stops   []func()
}

// A source begins to notice one thing. Who calls stop waits until it is over.
type source func() (stop func())

func (w *watch) attach(sources []source) {
	w.sources = sources
	if len(sources) > 0 {
		w.timer = time.AfterFunc(watchAfter, w.start)
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

// stop returns when nothing watches any more.
func (w *watch) stop() {
	if w.timer != nil {
		w.timer.Stop()
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.over = true
	for _, stop := range w.stops {
		stop()
	}
}
