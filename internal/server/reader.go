package server

import (
	"io"
	"os"
	"sync"
	"time"

	"github.com/postern-go/postern/internal/fifo"
)

// readBuffer is the size of a Reader's buffer in bytes.
const readBuffer = 16 << 10

var readBuffers = sync.Pool{New: func() any { return new([readBuffer]byte) }}

// A Reader reads a connection in the order of its bytes, for one exchange after
// another. While a handler runs it can read ahead of it, so that the departure
// of the peer shows although nobody reads.
//
// Read, Peek and Discard belong to the one goroutine that has the exchange, or
// to one that the handler lets read the body.
type Reader struct {
	// Spare, if not nil, makes a queue for what comes while the handler does not
	// read and the buffer is full, until Drop, as far as that takes it: so that a
	// departure shows behind it, and a peer that reads nothing before it has sent
	// everything gets there. It is set before Begin, and called with a lock held.
	Spare func() *fifo.Queue

	conn *Conn

	mu    sync.Mutex
	moved sync.Cond // signalled when any of what follows changes
	buf   *[readBuffer]byte
	r, w  int // buf[r:w] has been read and not yet taken
	err   error
	busy  bool // somebody is in conn.Read
	ahead bool // the goroutine that reads ahead is there
	stop  bool // it is to end; also outside of Begin and End
	bound bool // SetDeadline was called since Begin
	until time.Time
	late  bool // that deadline has passed
	full  bool // who reads ahead waits for room, or for the departure
	woken bool // there is room
	turn  int  // counts the exchanges
	gone  func(error)
	watch Watch
	aside *fifo.Queue // what has been read before buf[r:w] and set aside, nil while nothing is
}

// NewReader returns a reader of c.
func NewReader(c *Conn) *Reader {
	r := &Reader{conn: c, stop: true}
	r.moved.L = &r.mu
	c.Watch(&r.watch, r.Watch)
	return r
}

// Read takes what has arrived, or waits for more. An error stays.
func (r *Reader) Read(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for r.r == r.w || r.asideLen() > 0 {
		switch {
		case r.asideLen() > 0:
			return r.popAside(p)
		case r.err != nil:
			return 0, r.err
		case r.late:
			return 0, os.ErrDeadlineExceeded
		case r.busy || r.full:
			if !r.waitTurn() {
				return 0, os.ErrDeadlineExceeded
			}
		case len(p) >= readBuffer/4:
			return r.locked(p)
		default:
			if err := r.fill(); err != nil && r.r == r.w {
				return 0, err
			}
		}
	}
	n := copy(p, r.buf[r.r:r.w])
	r.take(n)
	return n, nil
}

// waitTurn waits for the reader's state to change. It returns false when the
// exchange that the caller reads for has ended meanwhile.
func (r *Reader) waitTurn() bool {
	turn := r.turn
	r.moved.Wait()
	return r.turn == turn
}

// locked reads with the mutex released and the place of the reader taken.
func (r *Reader) locked(p []byte) (int, error) {
	r.busy = true
	r.mu.Unlock()
	n, err := r.conn.Read(p)
	r.mu.Lock()
	r.busy = false
	switch {
	case Interrupted(err):
		r.late = !r.stop
	case err != nil:
		r.err = err
	}
	r.moved.Broadcast()
	return n, err
}

// fill reads once behind what is in the buffer. It is called with room there.
func (r *Reader) fill() error {
	if r.buf == nil {
		r.buf = readBuffers.Get().(*[readBuffer]byte)
	}
	if r.r > 0 {
		r.w = copy(r.buf[:], r.buf[r.r:r.w])
		r.r = 0
	}
	n, err := r.locked(r.buf[r.w:])
	r.w += n
	return err
}

// take drops n bytes from the front of the buffer.
func (r *Reader) take(n int) {
	r.r += n
	if r.r == r.w && !r.busy {
		r.r, r.w = 0, 0
	}
	if r.full && !r.woken && r.w-r.r <= readBuffer/2 {
		r.woken = true
		r.conn.Interrupt()
	}
	r.moved.Broadcast()
}

// Peek returns at least n bytes without taking them, n at most 16384. They
// stay valid until the next call of another method. The error says why there
// are fewer. It is not for use between Begin and End.
func (r *Reader) Peek(n int) ([]byte, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for r.w-r.r < n {
		if r.err != nil {
			return r.buffered(), r.err
		}
		if err := r.fill(); err != nil {
			return r.buffered(), err
		}
	}
	return r.buffered(), nil
}

func (r *Reader) buffered() []byte {
	if r.buf == nil {
		return nil
	}
	return r.buf[r.r:r.w]
}

// Buffered returns how many bytes have been read and not yet taken.
func (r *Reader) Buffered() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.w - r.r + int(r.asideLen())
}

// Discard takes n bytes that Peek has shown.
func (r *Reader) Discard(n int) {
	r.mu.Lock()
	r.take(n)
	r.mu.Unlock()
}

// Begin says that a handler is about to run: gone is called, once, when the
// peer turns out to be gone before End.
func (r *Reader) Begin(gone func(error)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.gone, r.stop, r.bound, r.until = gone, false, false, time.Time{}
	r.watch.Begin()
}

// Watch begins to read ahead. It does nothing outside of Begin and End.
func (r *Reader) Watch() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.gone != nil && !r.stop {
		r.lookAhead()
	}
}

func (r *Reader) lookAhead() {
	if !r.ahead {
		r.ahead = true
		r.conn.PassRight(true)
		go r.readAhead()
	}
}

// End says that the handler has returned. It ends every read that waits, and
// returns when there is none.
func (r *Reader) End() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.watch.End()
	r.stop, r.late, r.gone = true, false, nil
	r.turn++
	if !r.ahead && !r.busy && !r.bound {
		return
	}
	r.moved.Broadcast()
	r.conn.Interrupt()
	for r.ahead || r.busy {
		r.moved.Wait()
	}
	r.conn.Resume()
}

// SetDeadline bounds the reads until End, those that read ahead too; the zero
// time is no bound. While it has passed, the departure of the peer does not
// show. It does nothing outside of Begin and End.
func (r *Reader) SetDeadline(t time.Time) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.stop {
		return nil
	}
	r.bound, r.until, r.late = true, t, false
	r.moved.Broadcast()
	if r.full && r.woken {
		return nil // awaitRoom sets it
	}
	return r.conn.SetReadDeadline(t)
}

// readAhead fills the buffer beside the handler until the peer is gone.
func (r *Reader) readAhead() {
	r.mu.Lock()
	for !r.stop && r.err == nil {
		switch {
		case r.busy || r.late:
			r.moved.Wait()
		case r.w-r.r == readBuffer && !r.pushAside():
			r.awaitRoom()
		default:
			r.fill()
		}
	}
	err := r.err
	r.mu.Unlock()
	if err != nil {
		err = r.conn.Gone(err)
	}
	r.mu.Lock()
	gone := r.gone
	if err == nil || Interrupted(err) {
		gone = nil
	}
	r.ahead = false
	r.moved.Broadcast()
	r.mu.Unlock()
	if gone != nil {
		gone(err)
	}
}

// awaitRoom waits until half of the buffer has been taken, or the peer is gone.
func (r *Reader) awaitRoom() {
	r.full, r.woken = true, false
	stop := r.spareLater()
	r.mu.Unlock()
	err := r.conn.Hangup()
	r.mu.Lock()
	stop()
	r.full = false
	switch {
	case !Interrupted(err):
		r.err = err
	case r.stop:
	case r.woken:
		r.conn.Resume()
		r.conn.SetReadDeadline(r.until)
	default:
		r.late = true
	}
	r.moved.Broadcast()
}

// Release gives the buffer back when nothing is in it.
func (r *Reader) Release() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.buf != nil && r.r == r.w && !r.busy {
		readBuffers.Put(r.buf)
		r.buf = nil
	}
}

var _ io.Reader = (*Reader)(nil)
