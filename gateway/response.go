package gateway

import (
	"net/http"
	"sync"
	"sync/atomic"
	"unsafe"
)

// A responseState is how far a response has come.
type responseState uint8

const (
	// stateOpen: nothing is decided. The header can be changed, informational
	// responses can go out, an error page can take the response's place.
	stateOpen responseState = iota
	// stateHeld: status and header are fixed and no byte has left. What is
	// written gathers in the buffer; an error page is still possible.
	stateHeld
	// stateSent: the head is with the exchange, the body follows as it comes.
	stateSent
	// stateHijacked: the handler has taken the connection over.
	stateHijacked
	// stateDone: the response is with the exchange, or given up. Writes fail.
	stateDone
)

// A response is the one ResponseWriter of all gates.
type response struct {
	run *run

	mu      sync.Mutex
	header  http.Header
	written int64 // body bytes that the handler wrote
	length  int64 // declared Content-Length, -1 when there is none
	err     error // why the exchange takes no more
	buf     *buffer
	extras  *extras     // nil: there are none
	settled atomic.Bool // the state is past stateOpen
	status  int16

	// What the request asks of the response, settled before the handler can
	// change the request.
	head     bool // no body: the method is HEAD
	http11   bool // the response is in HTTP/1.1
	onlyOnce bool // no other response follows on the connection

	state    responseState
	bodiless bool   // the status that the handler asked for has no body
	allows   bool   // it is an authorizer's 200: held until the handler has returned
	fields   fields // which header fields the handler set
	chunked  bool
	closing  bool // the connection ends with this response
}

// extras are what few responses have.
type extras struct {
	trailers []string  // names announced in Trailer
	notify   chan bool // of CloseNotify
}

// extra returns the extras, made now if need be. The mutex is held.
func (r *response) extra() *extras {
	if r.extras == nil {
		r.extras = new(extras)
	}
	return r.extras
}

func (r *response) init(s *run) {
	r.run = s
	r.length = -1
	r.http11 = !s.engine.HTTP10
}

// mode returns the form of this response.
func (r *response) mode() mode {
	switch e := r.run.engine; {
	case e.Origin:
		return originMode{}
	case e.Authorizer:
		return authorizerMode{}
	}
	return statusMode{}
}

// begin takes note of what the request asks for.
func (r *response) begin(req *http.Request) {
	r.head = req.Method == http.MethodHead
	r.http11 = req.ProtoAtLeast(1, 1) && !r.run.engine.HTTP10
	r.onlyOnce = req.Close || r.run.engine.HTTP10
	if r.run.engine.Origin && !r.onlyOnce {
		p, ok := r.run.exchange.(Persister)
		r.onlyOnce = ok && p.Last()
	}
}

// writer returns the ResponseWriter, which can be hijacked only where the
// exchange can.
func (r *response) writer() http.ResponseWriter {
	if _, ok := r.run.exchange.(http.Hijacker); ok {
		return &r.run.resp
	}
	return r
}

// Header returns the header that WriteHeader will send. Changes after that
// have no effect, apart from trailers.
func (r *response) Header() http.Header {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.header == nil {
		r.header = make(http.Header)
	}
	return r.header
}

// WriteHeader fixes status and header. It panics on a code that is not one, as
// net/http does.
func (r *response) WriteHeader(code int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case r.state == stateHijacked:
		r.run.logf("http: response.WriteHeader on hijacked connection%s", caller())
		return
	case r.state != stateOpen:
		r.run.logf("http: superfluous response.WriteHeader call%s", caller())
		return
	}
	checkCode(code)
	if 100 <= code && code <= 199 && code != http.StatusSwitchingProtocols {
		r.mode().informational(r, code)
		return
	}
	r.fix(code)
}

// fix decides status and header: they are written out now, so that later
// changes to the map cannot reach the wire.
func (r *response) fix(code int) {
	r.status = int16(r.mode().final(r, code))
	r.bodiless = !bodyAllowed(code)
	r.allows = r.status == http.StatusOK && r.run.authorizes()
	r.state = stateHeld
	r.settled.Store(true)
	if r.buf == nil {
		r.buf = take[buffer](&buffers, r.run.engine.Flags.RunOnce)
	}
	r.declaredLength()
	r.buf.head = r.mode().appendHead(r.buf.head[:0], r)
}

// Write writes body bytes. It fails with http.ErrBodyNotAllowed where the
// status has no body, with http.ErrContentLength beyond the declared length,
// and with another error when the peer is gone or the handler has returned.
func (r *response) Write(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.admit(len(p)); err != nil || len(p) == 0 {
		return 0, err
	}
	return r.buffer(p)
}

// WriteString is Write without a copy of s.
func (r *response) WriteString(s string) (int, error) {
	return r.Write(unsafe.Slice(unsafe.StringData(s), len(s)))
}

// admit decides whether n more bytes may be written.
func (r *response) admit(n int) error {
	switch r.state {
	case stateHijacked:
		if n > 0 {
			r.run.logf("http: response.Write on hijacked connection%s", caller())
		}
		return http.ErrHijacked
	case stateDone:
		return errReturned
	case stateOpen:
		r.fix(http.StatusOK)
	}
	if n == 0 {
		return nil
	}
	if r.bodiless {
		return http.ErrBodyNotAllowed
	}
	if r.length >= 0 && int64(n) > r.length-r.written {
		return http.ErrContentLength
	}
	if err := r.failed(); err != nil {
		return err
	}
	r.written += int64(n)
	return nil
}

// failed returns why nothing more can be sent.
func (r *response) failed() error {
	if r.err == nil {
		if cause := r.run.ctx.gone(); cause != nil {
			r.err = &Failure{Reason: ErrPeerGone, Broken: true, Err: cause}
		}
	}
	return r.err
}

// sendHead completes the head with what depends on the body, whose first bytes
// are given, and gives it to the exchange, in one piece with them where they are
// few. It returns those that are still to be sent.
func (r *response) sendHead(first []byte) (rest []byte) {
	r.buf.head = r.mode().appendTail(r.buf.head, r, first)
	r.state = stateSent
	r.measureHead()
	if r.head || r.chunked || len(first) > bodyBuffer {
		r.send(r.buf.head)
		return first
	}
	r.buf.head = append(r.buf.head, first...)
	r.send(r.buf.head)
	return nil
}

// send gives bytes to the exchange. The first error stays.
func (r *response) send(p []byte) {
	if r.err != nil {
		return
	}
	if _, err := r.run.exchange.Write(p); err != nil {
		r.gone(err)
	}
}

// flush makes the exchange transmit what it has.
func (r *response) flush() error {
	if r.err == nil {
		if err := r.run.exchange.Flush(); err != nil {
			r.gone(err)
		}
	}
	return r.err
}

func (r *response) gone(err error) {
	r.err = &Failure{Reason: ErrPeerGone, Broken: true, Err: err}
	r.run.ctx.Cancel(r.err)
}

// Flush sends what has been written, the head at least.
func (r *response) Flush() {
	r.FlushError()
}

// FlushError is Flush for http.ResponseController.
func (r *response) FlushError() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.admit(0); err != nil {
		return err
	}
	if err := r.failed(); err != nil {
		return err
	}
	if err := r.emitBuffered(); err != nil {
		return err
	}
	return r.flush()
}

// sendContinue tells a client that waits for it to send its body. Once the
// response has begun it is too late for that.
func (r *response) sendContinue() {
	if r.settled.Load() {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.state == stateOpen {
		r.send([]byte("HTTP/1.1 100 Continue\r\n\r\n"))
		r.flush()
	}
}
