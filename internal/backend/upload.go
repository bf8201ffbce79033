package backend

import (
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"sync"
	"syscall"
	"time"

	"github.com/postern-go/postern/internal/fifo"
)

const (
	// standstill is how long nobody reads a body that a response waits for, before it is read ahead of them.
	standstill = 100 * time.Millisecond
	// silence is for how many times standstill a response waits for a client that sends nothing of its body.
	silence = 5
	// maxUnread is what net/http reads away of a body that its handler has left, in bytes. In full duplex it does so when it is too late: it
	// panics where it finds the end of the body. So that is done before, at most for drainTime.
	maxUnread = 256 << 10
	drainTime = 5 * time.Second
)

// past is a deadline that has always passed.
var past = time.Unix(1, 0)

// Interruptible prepares a request whose body is read while its response is written, where the front end has to be told so, and
// returns it with a body whose Close ends a Read that waits for the client, and that AwaitBody waits for. The handler calls done in the
// end, which closes the body.
func Interruptible(w http.ResponseWriter, r *http.Request) (out *http.Request, done func()) {
	if !HasBody(r) {
		return r, func() {}
	}
	control := http.NewResponseController(w)
	control.EnableFullDuplex()
	u := &upload{body: r.Body, left: r.ContentLength, control: control, free: make(chan struct{})}
	u.http1 = r.Context().Value(http.ServerContextKey) != nil && r.ProtoMajor == 1
	u.moved.L = &u.mu
	copied := *r
	copied.Body = u
	return &copied, func() { u.done(w) }
}

// ReadAhead has the body of r, which Interruptible returned, read from now on whenever nobody else reads it for a while: that a client has left shows
// only to who has read all that it sent. What is read ahead is set aside as by AwaitBody, or dropped when it is Unwanted. broken is called, at most
// once, when the body breaks off then; of one that is Unwanted, when the client leaves.
func ReadAhead(r *http.Request, limit int64, broken func(error)) {
	if u, ok := r.Body.(*upload); ok {
		u.mu.Lock()
		defer u.mu.Unlock()
		u.broken = broken
		u.watch(limit)
	}
}

// AwaitBody waits before a response begins until the body of r, which Interruptible returned, has arrived: nginx, where it reads a body before it
// passes it on, stops passing it when a response begins. What nobody reads meanwhile is set aside, at most limit bytes (0: DefaultSpool,
// negative: no limit), in a file when it does not fit 64 KiB. AwaitBody waits no more when that is full or has no place, when the client sends nothing for
// half a second, when the body is closed or Unwanted, and when the context of r ends, or what over returns is closed; over, which may be nil, is
// called if there is a wait. The error is that of the context or a *BodyError.
func AwaitBody(r *http.Request, limit int64, over func() <-chan struct{}) error {
	u, ok := r.Body.(*upload)
	if !ok {
		return nil
	}
	if u.begin(limit) {
		var end <-chan struct{}
		if over != nil {
			end = over()
		}
		u.await(r.Context(), end)
	}
	if r.Context().Err() != nil {
		return context.Cause(r.Context())
	}
	return u.failure()
}

// Unwanted says that nobody will read the body of r. That which Interruptible returned is still to be closed, another is closed.
func Unwanted(r *http.Request) {
	if u, ok := r.Body.(*upload); ok {
		u.drop()
		return
	}
	CloseBody(r)
}

// An upload is a request body on its way from the client to the program behind the gateway. One goroutine reads it; another reads ahead of
// that into a queue when nobody has read for a while. Only one at a time reads from the client.
type upload struct {
	body    io.Reader
	control *http.ResponseController
	http1   bool          // of net/http
	free    chan struct{} // closed when no response has to wait (any more)

	mu      sync.Mutex
	moved   sync.Cond
	left    int64 // of the declared length, negative when there is none
	turns   int   // reads from the client so far
	reading bool  // one is under way
	err     error // that they ended with
	last    error // of the last one
	ended   bool  // the end was read
	settled bool  // free is closed
	closed  bool
	closing bool // Close has not returned
	dropped bool // nobody will read

	timer  *time.Timer // calls look, nil before watch
	active bool        // Read was called since look was
	ahead  bool        // a goroutine reads ahead
	wanted bool        // and is waited for
	held   fifo.Queue  // what it has read
	rest   []byte      // and what there was no place for: nothing more is read ahead then
	broken func(error)
}

// Read takes what was read ahead, or else reads from the client.
func (u *upload) Read(p []byte) (int, error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	defer func() { u.active = true }()
	for u.ahead && u.held.Len() == 0 && len(u.rest) == 0 {
		u.wanted = true
		u.moved.Wait()
	}
	u.wanted = false
	switch {
	case u.held.Len() > 0:
		return u.held.Pop(p)
	case len(u.rest) > 0:
		n := copy(p, u.rest)
		u.rest = u.rest[n:]
		return n, nil
	}
	return u.receive(p)
}

// receive reads from the client. mu is held around it, but not while it waits.
func (u *upload) receive(p []byte) (int, error) {
	if u.err != nil {
		return 0, u.err
	}
	n, err := u.readBody(p)
	u.turns++
	u.left -= int64(n)
	switch {
	case u.left == 0:
		err = io.EOF
	case err == io.EOF && u.left > 0:
		err = io.ErrUnexpectedEOF
	}
	u.last, u.ended = err, u.ended || err == io.EOF
	if err != nil {
		u.end(err)
	}
	return n, err
}

func (u *upload) readBody(p []byte) (int, error) {
	u.reading = true
	u.mu.Unlock()
	defer func() {
		u.mu.Lock()
		u.reading = false
		u.moved.Broadcast()
	}()
	return u.body.Read(p)
}

// end takes note that no more comes from the client. The caller holds mu.
func (u *upload) end(err error) {
	if u.err == nil {
		u.err = err
	}
	u.settle()
}

// settle ends the wait of a response. The caller holds mu.
func (u *upload) settle() {
	if !u.settled {
		u.settled = true
		close(u.free)
	}
}

// drop has what comes be dropped, since nobody will read it.
func (u *upload) drop() {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.dropped, u.rest = true, nil
	u.held.Close()
	u.settle()
}

// begin prepares the wait of a response, or reports that there is no need.
func (u *upload) begin(limit int64) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	if !u.settled {
		u.watch(limit)
	}
	return !u.settled
}

// begins takes note that a response waits no more.
func (u *upload) begins() {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.settle()
}

// watch begins to look whether somebody reads. The caller holds mu.
func (u *upload) watch(limit int64) {
	if u.timer == nil && u.err == nil {
		u.held = newQueue(limit)
		u.timer = time.AfterFunc(standstill, u.look)
	}
}

func (u *upload) await(ctx context.Context, end <-chan struct{}) {
	defer u.begins()
	tick := time.NewTicker(standstill)
	defer tick.Stop()
	for seen, quiet := -1, 0; quiet < silence; {
		select {
		case <-u.free:
			return
		case <-ctx.Done():
			return
		case <-end:
			return
		case <-tick.C:
			turns, reading := u.progress()
			if quiet++; turns != seen || !reading {
				quiet = 0
			}
			seen = turns
		}
	}
}

// failure is why the body did not arrive, when that is known.
func (u *upload) failure() error {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.err == nil || u.err == io.EOF || u.closed {
		return nil
	}
	return &BodyError{u.err}
}

// progress returns how many reads from the client have ended, and whether one is under way.
func (u *upload) progress() (turns int, reading bool) {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.turns, u.reading
}

// look has the body read ahead when nobody has read since it was called last, and nobody is reading.
func (u *upload) look() {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.err != nil {
		return
	}
	if !u.active && !u.reading && !u.ahead && u.room() > 0 {
		u.ahead = true
		go u.readAhead()
	}
	u.active = false
	u.timer.Reset(standstill)
}

// aheadRead is how much is read ahead at a time, in bytes.
const aheadRead = 32 << 10

// room is how much may be read ahead at a time. The caller holds mu.
func (u *upload) room() int64 {
	switch {
	case u.dropped:
		return aheadRead
	case len(u.rest) > 0:
		return 0
	}
	return min(aheadRead, u.held.Limit-u.held.Len())
}

// readAhead reads from the client until there is no more or no room, or until Read has caught up.
func (u *upload) readAhead() {
	part := make([]byte, aheadRead)
	u.mu.Lock()
	for u.err == nil && !u.wanted && u.room() > 0 {
		n, _ := u.receive(part[:u.room()])
		u.hold(part[:n])
	}
	if u.room() == 0 {
		u.settle()
	}
	broken, err := u.broken, u.err
	if u.closed || err == nil || err == io.EOF || u.dropped && !departure(err) {
		broken = nil
	}
	u.ahead = false
	u.moved.Broadcast()
	u.mu.Unlock()
	if broken != nil {
		broken(err)
	}
}

// departure tells the errors of a client that has left from those of one that is late, or sends too much.
func departure(err error) bool {
	return errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, syscall.ECONNRESET)
}

// hold sets p aside. The caller holds mu.
func (u *upload) hold(p []byte) {
	if !u.closed && !u.dropped && u.held.Push(p) != nil {
		u.rest = slices.Clone(p)
	}
	u.moved.Broadcast()
}

var errClosed = errors.New("request body is closed")
