package cgi

import (
	"errors"
	"io"
	"sync"
	"syscall"
	"time"

	"github.com/postern-go/postern/gateway"
)

// watchAfter is how long a handler runs before somebody watches beside it.
const watchAfter = time.Millisecond

// errClosed is why the context of a request ends when nobody reads its response any more.
var errClosed = errors.New("cgi: web server closed the response")

// A watch ends the context of a request when the other side of its output is closed. Nothing is started for a handler that returns at once.
type watch struct {
	out      syscall.Conn // nil: there is nothing to watch
	canceler gateway.Canceler
	timer    *time.Timer

	mu    sync.Mutex
	over  bool
	close func() // not nil once it has started
}

func (w *watch) attach(out io.Writer, c gateway.Canceler) {
	conn, ok := out.(syscall.Conn)
	if !ok {
		return
	}
	w.out, w.canceler = conn, c
	w.timer = time.AfterFunc(watchAfter, w.start)
}

// start watches from now on.
func (w *watch) start() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.out != nil && !w.over && w.close == nil {
		w.close = onHangup(w.out, func() { w.canceler.Cancel(errClosed) })
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
	if w.close != nil {
		w.close()
	}
}
