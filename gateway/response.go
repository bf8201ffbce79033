package gateway

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"sync"
	"time"
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

// bodyBuffer is how much of a body is held back, in bytes: a body that fits
// gets its Content-Length. It is that of net/http.
const bodyBuffer = 2048

// A response is the one ResponseWriter of all gates.
type response struct {
	run     *run
	mode    mode
	mu      sync.Mutex
	state   responseState
	header  http.Header
	status  int
	written int64 // body bytes that the handler wrote
	length  int64 // declared Content-Length, -1 when there is none
	err     error // why the exchange takes no more
	buf     *buffer
	fields  fields // which header fields the handler set
	chunked bool
	closing bool // the connection ends with this response
	hj      hijackable
}

// A buffer holds the head under construction and the body not yet sent.
type buffer struct {
	head []byte
	body []byte
}

var buffers = sync.Pool{New: func() any {
	return &buffer{head: make([]byte, 0, 1024), body: make([]byte, 0, bodyBuffer)}
}}

func (r *response) init(s *run) {
	r.run = s
	r.length = -1
	r.mode = statusMode{}
	if s.engine.Origin {
		r.mode = originMode{}
	}
}

// writer returns the ResponseWriter, which can be hijacked only where the
// exchange can.
func (r *response) writer() http.ResponseWriter {
	if h, ok := r.run.exchange.(http.Hijacker); ok {
		r.hj = hijackable{r, h}
		return &r.hj
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
	checkCode(code)
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case r.state == stateHijacked:
		r.run.logf("http: response.WriteHeader on hijacked connection%s", caller())
	case r.state != stateOpen:
		r.run.logf("http: superfluous response.WriteHeader call%s", caller())
	case 100 <= code && code <= 199 && code != http.StatusSwitchingProtocols:
		r.mode.informational(r, code)
	default:
		r.fix(r.mode.final(r, code))
	}
}

// fix decides status and header: they are written out now, so that later
// changes to the map cannot reach the wire.
func (r *response) fix(code int) {
	r.status = code
	r.state = stateHeld
	if r.buf == nil {
		r.buf = buffers.Get().(*buffer)
	}
	r.declaredLength()
	r.buf.head = r.mode.appendHead(r.buf.head[:0], r)
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
		return http.ErrHijacked
	case stateDone:
		return errReturned
	case stateOpen:
		r.fix(http.StatusOK)
	}
	if n == 0 {
		return nil
	}
	if !bodyAllowed(r.status) {
		return http.ErrBodyNotAllowed
	}
	r.written += int64(n)
	if r.length >= 0 && r.written > r.length {
		r.written -= int64(n)
		return http.ErrContentLength
	}
	return r.failed()
}

// failed returns why nothing more can be sent.
func (r *response) failed() error {
	if r.err == nil {
		if cause := r.run.ctx.ended(); cause != nil {
			r.err = &Failure{Reason: ErrPeerGone, Broken: true, Err: cause}
		}
	}
	return r.err
}

// buffer gathers small writes and passes large ones on as they are.
func (r *response) buffer(p []byte) (n int, err error) {
	n = len(p)
	for len(p) > bodyBuffer-len(r.buf.body) {
		block := p
		if len(r.buf.body) > 0 {
			room := bodyBuffer - len(r.buf.body)
			r.buf.body = append(r.buf.body, p[:room]...)
			block, p = r.buf.body, p[room:]
		} else {
			p = nil
		}
		err = r.emit(block)
		r.buf.body = r.buf.body[:0]
		if err != nil {
			return 0, err
		}
	}
	r.buf.body = append(r.buf.body, p...)
	return n, nil
}

// emit gives a block of the body to the exchange, after the head if that is
// still here.
func (r *response) emit(block []byte) error {
	if r.state == stateHeld {
		r.sendHead(block)
	}
	if len(block) > 0 && r.run.req.Method != http.MethodHead {
		r.mode.sendBody(r, block)
	}
	return r.err
}

// sendHead completes the head with what depends on the body, whose first bytes
// are given, and gives it to the exchange.
func (r *response) sendHead(first []byte) {
	r.buf.head = r.mode.appendTail(r.buf.head, r, first)
	r.state = stateSent
	r.send(r.buf.head)
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
	err := r.emit(r.buf.body)
	r.buf.body = r.buf.body[:0]
	if err != nil {
		return err
	}
	if err := r.run.exchange.Flush(); err != nil {
		r.gone(err)
	}
	return r.err
}

// sendContinue tells a client that waits for it to send its body.
func (r *response) sendContinue() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.state == stateOpen {
		r.send([]byte("HTTP/1.1 100 Continue\r\n\r\n"))
		r.run.exchange.Flush()
	}
}

var copyBuffers = sync.Pool{New: func() any { return new([32 << 10]byte) }}

// ReadFrom copies src to the body until io.EOF.
func (r *response) ReadFrom(src io.Reader) (int64, error) {
	buf := copyBuffers.Get().(*[32 << 10]byte)
	defer copyBuffers.Put(buf)
	return io.CopyBuffer(writerOnly{r}, readerOnly{src}, buf[:])
}

type (
	writerOnly struct{ io.Writer }
	readerOnly struct{ io.Reader }
)

// SetReadDeadline bounds the reads of the request body, where the exchange can.
func (r *response) SetReadDeadline(t time.Time) error {
	if d, ok := r.run.exchange.(interface{ SetReadDeadline(time.Time) error }); ok {
		return d.SetReadDeadline(t)
	}
	return http.ErrNotSupported
}

// SetWriteDeadline bounds the writes of the response, where the exchange can.
func (r *response) SetWriteDeadline(t time.Time) error {
	if d, ok := r.run.exchange.(interface{ SetWriteDeadline(time.Time) error }); ok {
		return d.SetWriteDeadline(t)
	}
	return http.ErrNotSupported
}

// EnableFullDuplex does nothing: the body can always be read while the
// response is written.
func (r *response) EnableFullDuplex() error {
	return nil
}

// hijackable is the ResponseWriter of an exchange that gives its connection
// away.
type hijackable struct {
	*response
	hijacker http.Hijacker
}

func (h *hijackable) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	switch h.state {
	case stateHijacked:
		return nil, nil, http.ErrHijacked
	case stateDone:
		return nil, nil, errReturned
	case stateHeld:
		h.sendHead(nil)
	}
	c, rw, err := h.hijacker.Hijack()
	if err == nil {
		h.state = stateHijacked
	}
	return c, rw, err
}
