package gateway

import (
	"bufio"
	"net"
	"net/http"
	"time"
)

// SetReadDeadline bounds the reads of the request body, where the exchange can.
func (r *response) SetReadDeadline(t time.Time) error {
	d, ok := r.run.exchange.(interface{ SetReadDeadline(time.Time) error })
	switch {
	case r.run.did(returning):
		return errReturned
	case !ok:
		return http.ErrNotSupported
	}
	return d.SetReadDeadline(t)
}

// SetWriteDeadline bounds the writes of the response, where the exchange can.
func (r *response) SetWriteDeadline(t time.Time) error {
	d, ok := r.run.exchange.(interface{ SetWriteDeadline(time.Time) error })
	switch {
	case r.run.did(returning):
		return errReturned
	case !ok:
		return http.ErrNotSupported
	}
	return d.SetWriteDeadline(t)
}

// EnableFullDuplex does nothing: the body can always be read while the
// response is written.
func (r *response) EnableFullDuplex() error {
	return nil
}

// CloseNotify returns a channel that gets a value when the peer is gone. It is
// there for programs that have not yet moved to the request context.
func (r *response) CloseNotify() <-chan bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	x := r.extra()
	if x.notify == nil {
		gone := make(chan bool, 1)
		x.notify = gone
		r.run.ctx.AfterFunc(func() {
			if r.run.ctx.gone() != nil {
				gone <- true
			}
		})
	}
	return x.notify
}

// hijackable is the ResponseWriter of an exchange that gives its connection
// away. The others have the response in it.
type hijackable struct {
	response
}

// Hijack gives the connection to the handler, after what has been written.
func (h *hijackable) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	switch h.state {
	case stateHijacked:
		return nil, nil, http.ErrHijacked
	case stateDone:
		return nil, nil, errReturned
	case stateHeld, stateSent:
		h.emitBuffered()
		if err := h.flush(); err != nil {
			return nil, nil, err
		}
	}
	c, rw, err := h.run.exchange.(http.Hijacker).Hijack()
	if err == nil {
		h.state = stateHijacked
		h.settled.Store(true)
	}
	return c, rw, err
}
