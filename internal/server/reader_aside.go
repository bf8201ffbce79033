package server

import "time"

// standstill is how long a handler that lets the buffer of a Reader be full is waited for, before Spare takes what follows.
const standstill = 100 * time.Millisecond

// spareLater has who reads ahead go on in a while, unless the handler has made room by then or stop is called. The caller holds mu.
func (r *Reader) spareLater() (stop func()) {
	if r.Spare == nil || r.aside != nil {
		return func() {}
	}
	turn := r.turn
	t := time.AfterFunc(standstill, func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		if r.full && !r.stop && r.turn == turn && r.aside == nil {
			r.aside = r.Spare()
			r.wakeFull()
		}
	})
	return func() { t.Stop() }
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
