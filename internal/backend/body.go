package backend

import (
	"io"
	"net/http"
)

// A BodyError is why the request body could not be read, which is not the fault of the program behind the gateway.
type BodyError struct{ Err error }

func (e *BodyError) Error() string { return "request body: " + e.Err.Error() }

func (e *BodyError) Unwrap() error { return e.Err }

// HasBody says whether a body may have to be sent. One of unknown length counts.
func HasBody(r *http.Request) bool {
	return r.Body != nil && r.Body != http.NoBody && r.ContentLength != 0
}

// CloseBody closes the body of a request that may have none.
func CloseBody(r *http.Request) {
	if r.Body != nil {
		r.Body.Close()
	}
}

// declared is a body of a declared length: it ends there, or in io.ErrUnexpectedEOF before it.
type declared struct {
	io.Reader
	left int64
}

// Declared returns the reader of a request's body that holds it to its declared length. Nothing is held to an unknown one.
func Declared(r *http.Request) io.Reader {
	if r.ContentLength < 0 {
		return r.Body
	}
	return &declared{r.Body, r.ContentLength}
}

func (d *declared) Read(p []byte) (int, error) {
	if d.left == 0 {
		return 0, io.EOF
	}
	if int64(len(p)) > d.left {
		p = p[:d.left]
	}
	n, err := d.Reader.Read(p)
	d.left -= int64(n)
	switch {
	case d.left == 0:
		err = io.EOF
	case err == io.EOF:
		err = io.ErrUnexpectedEOF
	}
	return n, err
}
