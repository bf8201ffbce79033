package gateway

import (
	"errors"
	"fmt"
)

// The outcomes that Run returns, each as the Reason of a *Failure.
var (
	// ErrPanic: the handler panicked.
	ErrPanic = errors.New("gateway: handler panicked")
	// ErrAborted: the handler panicked with http.ErrAbortHandler.
	ErrAborted = errors.New("gateway: handler aborted the response")
	// ErrShortBody: the handler wrote less than the Content-Length it declared.
	ErrShortBody = errors.New("gateway: response body shorter than its Content-Length")
	// ErrPeerGone: the response could not be written.
	ErrPeerGone = errors.New("gateway: peer is gone")
	// ErrBadRequest: the variables describe no request, or one with a body over
	// MaxBodyBytes; a 400 or a 413 was written.
	ErrBadRequest = errors.New("gateway: bad request")
)

// errReturned answers a write that comes after the handler has returned.
var errReturned = errors.New("gateway: write after the handler returned")

// A Failure says why an exchange did not go as the handler meant.
type Failure struct {
	// Reason is one of the outcomes above.
	Reason error
	// Broken means that the response on the wire is not whole, or that there
	// is none: the front end breaks the exchange off, so that the client can
	// tell. Otherwise a complete response (an error page) was written, and the
	// exchange ends in good order.
	Broken bool
	// Err is the cause, if there is more to say.
	Err error
	// Value is what the handler panicked with.
	Value any
}

func (f *Failure) Error() string {
	switch {
	case f.Value != nil:
		return fmt.Sprintf("%v: %v", f.Reason, f.Value)
	case f.Err != nil:
		return fmt.Sprintf("%v: %v", f.Reason, f.Err)
	}
	return f.Reason.Error()
}

// Unwrap returns the reason and the cause.
func (f *Failure) Unwrap() []error {
	if f.Err == nil {
		return []error{f.Reason}
	}
	return []error{f.Reason, f.Err}
}

// Broken reports whether err is the outcome of an exchange that the front end
// must break off.
func Broken(err error) bool {
	var f *Failure
	return errors.As(err, &f) && f.Broken
}
