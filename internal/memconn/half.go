package memconn

import (
	"io"
	"net"
	"os"
	"sync"
	"syscall"
	"time"
)

// A half carries bytes in one direction.
type half struct {
	mu    sync.Mutex
	moved sync.Cond // signalled when any of what follows changes
	buf   []byte
	max   int
	ended bool  // the writer has closed its side
	dead  bool  // the reader has closed the connection
	reset bool  // what is held is lost
	late  late  // of the reader
	over  late  // of the writer
	local error // what both get after a close of their own
}

func newHalf(max int) *half {
	h := &half{max: max}
	h.moved.L = &h.mu
	return h
}

func (h *half) arrived() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.buf) > 0 || h.ended || h.reset
}

// A late is a deadline.
type late struct {
	timer  *time.Timer
	passed bool
}

// set moves a deadline of h, whose mutex is not held.
func (h *half) set(l *late, t time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if l.timer != nil {
		l.timer.Stop()
		l.timer = nil
	}
	l.passed = !t.IsZero() && !t.After(time.Now())
	if !t.IsZero() && !l.passed {
		l.timer = h.alarm(l, time.Until(t))
	}
	h.moved.Broadcast()
}

func (h *half) alarm(l *late, d time.Duration) *time.Timer {
	var timer *time.Timer
	timer = time.AfterFunc(d, func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		if l.timer == timer {
			l.passed = true
			h.moved.Broadcast()
		}
	})
	return timer
}

func (h *half) read(p []byte) (int, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for {
		switch {
		case h.dead:
			return 0, net.ErrClosed
		case h.reset:
			return 0, syscall.ECONNRESET
		case h.late.passed:
			return 0, os.ErrDeadlineExceeded
		case len(h.buf) > 0:
			n := copy(p, h.buf)
			h.buf = h.buf[:copy(h.buf, h.buf[n:])]
			h.moved.Broadcast()
			return n, nil
		case h.ended:
			return 0, io.EOF
		}
		h.moved.Wait()
	}
}

func (h *half) write(p []byte) (n int, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for {
		switch {
		case h.local != nil:
			return n, h.local
		case h.ended || h.dead || h.reset:
			return n, syscall.EPIPE
		case h.over.passed:
			return n, os.ErrDeadlineExceeded
		case len(p) == 0:
			return n, nil
		}
		if room := min(len(p), h.max-len(h.buf)); room > 0 {
			h.buf = append(h.buf, p[:room]...)
			n, p = n+room, p[room:]
			h.moved.Broadcast()
			continue
		}
		h.moved.Wait()
	}
}

// end is the close of the writer's side.
func (h *half) end() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.local != nil {
		return h.local
	}
	h.ended = true
	h.moved.Broadcast()
	return nil
}

// leave is the close of the whole connection by the writer: with reset, or by
// one that has not read everything, it is a reset.
func (h *half) leave(reset bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.local = net.ErrClosed
	h.ended = true
	h.reset = h.reset || reset
	h.stop(&h.over)
}

// abandon is the close of the whole connection by the reader. It reports
// whether bytes were left, and whether the connection was open.
func (h *half) abandon() (unread, open bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	open = !h.dead
	h.dead = true
	h.stop(&h.late)
	return len(h.buf) > 0, open
}

func (h *half) stop(l *late) {
	if l.timer != nil {
		l.timer.Stop()
		l.timer = nil
	}
	h.moved.Broadcast()
}
