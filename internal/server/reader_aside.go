package server

import "github.com/postern-go/postern/internal/fifo"

// SetAside makes who reads ahead go on where the buffer is full, until Release: what does not fit goes to q, as far as q takes it. So a peer that
// reads nothing before it has sent everything gets there although the handler reads nothing. It does nothing outside of Begin and End.
func (r *Reader) SetAside(q *fifo.Queue) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.gone == nil || r.stop || r.aside != nil {
		return
	}
	r.aside = q
	r.lookAhead()
	r.wakeFull()
}

// wakeFull makes who waits for room look again.
func (r *Reader) wakeFull() {
	if r.full && !r.woken {
		r.woken = true
		r.conn.Interrupt()
	}
}

func (r *Reader) asideLen() int64 {
	if r.aside == nil {
		return 0
	}
	return r.aside.Len()
}

// pushAside sets aside what is in the buffer, and reports whether it could.
func (r *Reader) pushAside() bool {
	if r.aside == nil || r.aside.Push(r.buf[r.r:r.w]) != nil {
		return false
	}
	r.r, r.w = 0, 0
	return true
}

// popAside takes the oldest of what was set aside.
func (r *Reader) popAside(p []byte) (int, error) {
	n, err := r.aside.Pop(p)
	r.wakeFull()
	return n, err
}

// Drop forgets what has been read and not yet taken, after End.
func (r *Reader) Drop() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.r, r.w = 0, 0
	if r.aside != nil {
		r.aside.Close()
		r.aside = nil
	}
}
