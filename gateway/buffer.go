package gateway

import "sync"

// bodyBuffer is how much of a body is held back, in bytes: a body that fits
// gets its Content-Length. It is that of net/http.
const bodyBuffer = 2048

// keptHead is the largest head, in bytes, whose memory is used again.
const keptHead = 16 << 10

// A buffer holds the head under construction and the body not yet sent.
type buffer struct {
	head []byte
	body []byte
}

var buffers = sync.Pool{New: func() any { return makeBuffer() }}

func makeBuffer() *buffer {
	return &buffer{head: make([]byte, 0, 1024), body: make([]byte, 0, bodyBuffer)}
}

// take takes one out of a pool, for which a process that answers one request has
// no use.
func take[T any](pool *sync.Pool, runOnce bool) *T {
	if runOnce {
		return pool.New().(*T)
	}
	return pool.Get().(*T)
}

func (b *buffer) release(runOnce bool) {
	if runOnce {
		return
	}
	if cap(b.head) > keptHead {
		b.head = nil
	}
	b.body = b.body[:0]
	buffers.Put(b)
}

// buffer gathers small writes and passes large ones on as they are.
func (r *response) buffer(p []byte) (n int, err error) {
	n = len(p)
	for len(p) > bodyBuffer-len(r.buf.body) {
		if len(r.buf.body) == 0 {
			if err = r.emit(p); err != nil {
				return 0, err
			}
			return n, nil
		}
		room := bodyBuffer - len(r.buf.body)
		r.buf.body = append(r.buf.body, p[:room]...)
		p = p[room:]
		if err = r.emitBuffered(); err != nil {
			return 0, err
		}
	}
	r.buf.body = append(r.buf.body, p...)
	return n, nil
}

// emitBuffered gives what is held back to the exchange.
func (r *response) emitBuffered() error {
	err := r.emit(r.buf.body)
	r.buf.body = r.buf.body[:0]
	return err
}

// emit gives a block of the body to the exchange, after the head if that is
// still here. What an authorizer says when it allows is dropped.
func (r *response) emit(block []byte) error {
	if r.allows {
		return r.err
	}
	if r.state == stateHeld {
		block = r.sendHead(block)
	}
	if len(block) > 0 && !r.head {
		r.mode().sendBody(r, block)
	}
	return r.err
}
