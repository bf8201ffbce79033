package backend

import (
	"errors"
	"io"
	"net/http"
	"os"
	"strings"
	"time"
)

// Close interrupts a Read and waits for its end, and drops what is held. Where the front end has no deadlines, the Read ends when the handler
// returns. Over HTTP/1 in net/http it waits for the end of a small body.
func (u *upload) Close() error {
	u.mu.Lock()
	defer u.mu.Unlock()
	for u.closing {
		u.moved.Wait()
	}
	if u.closed {
		return nil
	}
	coming := u.err == nil
	u.closed, u.closing, u.err = true, true, errClosed
	defer func() {
		u.closing = false
		u.moved.Broadcast()
	}()
	u.settle()
	if u.timer != nil {
		u.timer.Stop()
	}
	u.held.Close()
	u.rest = nil
	u.moved.Broadcast()
	switch {
	case !coming:
	case u.http1:
		u.leaveHTTP1()
	case u.reading && u.control.SetReadDeadline(past) == nil:
		u.awaitRead()
		u.control.SetReadDeadline(time.Time{})
	}
	return nil
}

// awaitRead waits for the end of the Read that is under way. The caller holds mu.
func (u *upload) awaitRead() {
	for u.reading {
		u.moved.Wait()
	}
}

// leaveHTTP1 leaves the body to net/http. A small one is read to its end, if that comes in time. The caller holds mu.
func (u *upload) leaveHTTP1() {
	if u.left > maxUnread && !u.reading {
		return
	}
	deadline := past
	if !u.reading || u.left >= 0 && u.left <= maxUnread {
		deadline = time.Now().Add(drainTime)
	}
	if u.control.SetReadDeadline(deadline) != nil {
		return
	}
	u.awaitRead()
	if deadline != past {
		u.drain()
	}
	switch {
	case deadline == past:
		u.ended = false // if it is true, net/http reads on already, and has met the deadline
	case u.ended:
		u.control.SetReadDeadline(time.Time{})
	}
}

// drain reads what is left of a small body away. The caller holds mu, but not while it reads.
func (u *upload) drain() {
	if u.ended || u.last != nil {
		return
	}
	u.mu.Unlock()
	defer u.mu.Lock()
	_, err := io.CopyN(io.Discard, u.body, maxUnread+1)
	u.last, u.ended = err, err == io.EOF
}

// done closes the body. When its end has not been seen, net/http is to end the connection after the response: in full duplex it would not see to
// that itself, and take what follows for a request.
func (u *upload) done(w http.ResponseWriter) {
	u.Close()
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.http1 && !u.ended {
		u.control.SetReadDeadline(past) // it is not to wait for more
		endConnection(w)
	}
}

// endConnection has net/http end the connection after the response, also when its head is sent already.
func endConnection(w http.ResponseWriter) {
	for {
		outer, ok := w.(interface{ Unwrap() http.ResponseWriter })
		if !ok {
			break
		}
		w = outer.Unwrap()
	}
	http.MaxBytesReader(w, io.NopCloser(strings.NewReader("x")), 0).Read(make([]byte, 1))
}

// cut reports whether the context of r may have ended because a read of its body, which Interruptible returned, came too late: net/http takes that
// for the departure of the client.
func cut(r *http.Request) bool {
	u, ok := r.Body.(*upload)
	if !ok {
		return false
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.http1 && errors.Is(u.last, os.ErrDeadlineExceeded)
}
