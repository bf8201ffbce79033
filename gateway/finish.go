package gateway

import "net/http"

// finish sends what is still here after the handler has returned, and tells
// the outcome.
func (r *response) finish() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.state == stateHijacked {
		return nil
	}
	if r.state == stateOpen {
		r.fix(http.StatusOK)
	}
	if r.failed() == nil {
		if r.state == stateHeld {
			r.computeLength()
		}
		if r.allows {
			r.sendHead(nil)
		}
		r.emitBuffered()
		r.mode().end(r)
	}
	r.state = stateDone
	return r.outcome()
}

// computeLength declares the length of a body that is here as a whole, unless
// the handler had its own word about how the body ends. Nothing written to HEAD
// does not tell how long the answer to GET would be.
func (r *response) computeLength() {
	n := len(r.buf.body)
	told := r.fields.length || r.fields.coding || r.fields.trailer
	if !r.bodiless && !told && (n > 0 || !r.head) {
		r.length = int64(n)
	}
}

func (r *response) outcome() error {
	if r.err != nil {
		return r.err
	}
	if r.length >= 0 && r.written != r.length && !r.head && !r.bodiless && !r.allows {
		r.run.logf("gateway: handler declared Content-Length %d and wrote %d bytes", r.length, r.written)
		return &Failure{Reason: ErrShortBody, Broken: true}
	}
	return nil
}

// reset forgets a response of which no byte has left, so that another can take
// its place. It reports false when it is too late.
func (r *response) reset() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.state != stateOpen && r.state != stateHeld {
		return false
	}
	r.state, r.header, r.status, r.written, r.length = stateOpen, nil, 0, 0, -1
	r.allows, r.chunked, r.fields = false, false, fields{}
	if r.extras != nil {
		r.extras.trailers = nil
	}
	r.settled.Store(false)
	if r.buf != nil {
		r.buf.body = r.buf.body[:0]
	}
	return true
}

// close makes every later write fail and gives the buffer back.
func (r *response) close() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.settled.Load() {
		r.settled.Store(true)
	}
	if r.state != stateHijacked {
		r.state = stateDone
	}
	if r.buf != nil {
		r.buf.release(r.run.engine.Flags.RunOnce)
		r.buf = nil
	}
}

// failure returns why nothing more can be sent, or nil.
func (r *response) failure() *Failure {
	r.mu.Lock()
	defer r.mu.Unlock()
	f, _ := r.failed().(*Failure)
	return f
}

func (r *response) hijacked() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.state == stateHijacked
}
