package gateway

import (
	"io"
	"strings"

	"github.com/postern-go/postern/env"
)

// Streams is an Exchange over streams and variables of the caller's choice. It
// is wsgiref's SimpleHandler for an Engine with Origin, and its BaseCGIHandler
// for one without. A front end may embed it and define what it does otherwise.
//
// One Streams is one exchange. Its methods are the engine's to call; who calls
// Run calls Flush afterwards. The zero value has no variables, which is no
// request.
type Streams struct {
	// Input is the request body. It is read as far as CONTENT_LENGTH says, or
	// to its end where Engine.BodyEnds says so. Nil is an empty body.
	Input io.Reader
	// Output takes the response. A Flush method with an error result, such as
	// that of bufio.Writer, is called when the handler flushes. Nil drops what
	// is written.
	Output io.Writer
	// Errors is the error stream. Nil drops what is written.
	Errors io.Writer
	// Environ holds the variables. They are copied for the request.
	Environ *env.Vars
}

var _ Exchange = (*Streams)(nil)

// AddCGIVars adds the variables of Environ, as often as they are there.
func (x *Streams) AddCGIVars(v *env.Vars) {
	if x.Environ == nil {
		return
	}
	v.Grow(x.Environ.Len())
	for name, value := range x.Environ.Pairs() {
		v.Add(name, value)
	}
}

// Stdin returns Input.
func (x *Streams) Stdin() io.Reader {
	if x.Input == nil {
		return strings.NewReader("")
	}
	return x.Input
}

// Stderr returns Errors.
func (x *Streams) Stderr() io.Writer {
	if x.Errors == nil {
		return io.Discard
	}
	return x.Errors
}

// Write writes to Output.
func (x *Streams) Write(p []byte) (int, error) {
	if x.Output == nil {
		return len(p), nil
	}
	return x.Output.Write(p)
}

// Flush flushes Output where that can be flushed.
func (x *Streams) Flush() error {
	if f, ok := x.Output.(interface{ Flush() error }); ok {
		return f.Flush()
	}
	return nil
}
