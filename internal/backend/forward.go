package backend

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"

	"github.com/postern-go/postern/internal/cgihead"
)

// Forward answers r by what rt makes of it, flushed as it comes. It logs with logf, once, what goes wrong. Before the head it then
// sends an error page of its own; after it, or when the client is gone, it panics with http.ErrAbortHandler to break the exchange off.
func Forward(w http.ResponseWriter, r *http.Request, rt http.RoundTripper, logf func(error)) {
	r, done := Interruptible(w, r)
	defer done()
	resp, err := rt.RoundTrip(r)
	if err != nil {
		Fail(w, r, err, logf)
		return
	}
	defer resp.Body.Close()
	cgihead.WriteHead(w, resp.StatusCode, resp.Header)
	if err := cgihead.Copy(w, resp.Body); err != nil {
		Abort(r, err, logf)
	}
}

// ErrOverloaded means that the program behind the gateway has no room for the request.
var ErrOverloaded = errors.New("overloaded")

// Fail answers a request whose back end gave no response. The client gets a page that says no more than the status.
func Fail(w http.ResponseWriter, r *http.Request, err error, logf func(error)) {
	if left(r) {
		panic(http.ErrAbortHandler)
	}
	logf(err)
	Page(w, statusOf(err))
}

// Page sends an error page.
func Page(w http.ResponseWriter, status int) {
	http.Error(w, fmt.Sprintf("%d %s", status, http.StatusText(status)), status)
}

// statusOf is the status of an error page. What is not said otherwise is the fault of the program behind the gateway.
func statusOf(err error) int {
	var timeout net.Error
	var body *BodyError
	switch {
	case errors.As(err, &body):
		return bodyStatus(body)
	case errors.Is(err, ErrUnsendable):
		return http.StatusBadRequest
	case errors.Is(err, ErrOutside):
		return http.StatusNotFound
	case errors.Is(err, ErrTooLarge):
		return http.StatusRequestEntityTooLarge
	case errors.Is(err, ErrOverloaded):
		return http.StatusServiceUnavailable
	case errors.As(err, &timeout) && timeout.Timeout():
		return http.StatusGatewayTimeout
	}
	return http.StatusBadGateway
}

func bodyStatus(err error) int {
	var timeout net.Error
	switch {
	case errors.As(err, new(*http.MaxBytesError)):
		return http.StatusRequestEntityTooLarge
	case errors.As(err, &timeout) && timeout.Timeout():
		return http.StatusRequestTimeout
	}
	return http.StatusBadRequest
}

// Abort breaks off an exchange whose head is sent. Nobody is told when it was the client that left.
func Abort(r *http.Request, err error, logf func(error)) {
	if !left(r) {
		logf(err)
	}
	panic(http.ErrAbortHandler)
}

// left says whether the request is over because its client is gone, and not because its time is or a read of its body came too late.
func left(r *http.Request) bool {
	err := r.Context().Err()
	return err != nil && !cut(r) && !errors.Is(err, context.DeadlineExceeded)
}
