package scgi

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"

	"github.com/postern-go/postern/env"
	"github.com/postern-go/postern/internal/netstring"
	"github.com/postern-go/postern/internal/server"
)

// A header is the variables of one request (section 3), checked.
type header struct {
	text   string // (name NUL value NUL)*
	length int64  // CONTENT_LENGTH
	count  int    // variables, repeats counted
}

// peekMost is how much of the input a Reader shows at once, in bytes.
const peekMost = 16 << 10

// errNothing: the connection ended before its first byte.
var errNothing = errors.New("scgi: no request")

// A headerError says why a header was refused, and with which status.
type headerError struct {
	status int
	err    error
}

func (e *headerError) Error() string { return e.err.Error() }
func (e *headerError) Unwrap() error { return e.err }

func malformed(err error) error {
	if errors.As(err, new(*headerError)) {
		return err
	}
	return &headerError{http.StatusBadRequest, err}
}

// unfinished is what becomes of an error of the connection inside the header.
func unfinished(err error) error {
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return &headerError{http.StatusRequestTimeout, fmt.Errorf("scgi: header not complete in time: %w", err)}
	}
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return malformed(fmt.Errorf("scgi: header not complete: %w", err))
}

// readHeader reads the netstring that a request begins with, its payload at most limit bytes, its variables within
// vars. It takes no more memory than has arrived.
func readHeader(r *server.Reader, limit int, vars server.Vars) (header, error) {
	n, err := readLength(r, limit)
	if err != nil {
		return header{}, err
	}
	block, err := readBlock(r, n+1)
	if err != nil {
		return header{}, unfinished(err)
	}
	if block[n] != ',' {
		return header{}, malformed(fmt.Errorf("scgi: byte %q where the netstring of %d bytes ends", block[n], n))
	}
	h, err := parseHeader(block[:n], vars)
	if err != nil {
		return header{}, malformed(err)
	}
	if n < peekMost {
		r.Discard(n + 1)
	}
	return h, nil
}

func readLength(r *server.Reader, limit int) (int, error) {
	for need := 1; ; {
		b, readErr := r.Peek(need)
		if len(b) == 0 {
			return 0, errNothing
		}
		n, used, err := netstring.ParseLen(b, limit)
		switch {
		case err != nil:
			return 0, refusedLength(b, limit, err)
		case used > 0:
			r.Discard(used)
			return n, nil
		case readErr != nil:
			return 0, unfinished(readErr)
		}
		need = len(b) + 1
	}
}

// refusedLength tells a number that is too large from what is none.
func refusedLength(b []byte, limit int, err error) error {
	digits := b[:len(b)-len(bytes.TrimLeft(b, "0123456789"))]
	if len(digits) > 0 && digits[0] != '0' {
		if _, _, over := netstring.ParseLen(digits, limit); over != nil {
			return &headerError{http.StatusRequestHeaderFieldsTooLarge, err}
		}
	}
	return malformed(err)
}

// readBlock returns the next n bytes. Where a Reader can show them they stay there, otherwise they are taken out of it.
func readBlock(r *server.Reader, n int) ([]byte, error) {
	if n <= peekMost {
		return r.Peek(n)
	}
	var block []byte
	for len(block) < n {
		b, err := r.Peek(1)
		if err != nil {
			return nil, err
		}
		b = b[:min(len(b), n-len(block))]
		block = append(block, b...)
		r.Discard(len(b))
	}
	return block, nil
}

// parseHeader checks a header block and copies it.
func parseHeader(block []byte, vars server.Vars) (header, error) {
	var h header
	tagged := false
	for rest := block; len(rest) > 0; h.count++ {
		name, value, next, err := netstring.ParsePair(rest)
		if err != nil {
			return header{}, err
		}
		if err := vars.Check(h.count+1, len(name)+len(value)); err != nil {
			return header{}, &headerError{http.StatusRequestHeaderFieldsTooLarge, fmt.Errorf("scgi: %w", err)}
		}
		if h.count == 0 {
			if h.length, err = contentLength(name, value); err != nil {
				return header{}, err
			}
		}
		if string(name) == "SCGI" {
			tagged = true
			if string(value) != "1" {
				return header{}, fmt.Errorf("scgi: variable SCGI is %.80q, not 1", value)
			}
		}
		rest = next
	}
	switch {
	case h.count == 0:
		return header{}, errors.New("scgi: header without variables, CONTENT_LENGTH is missing")
	case !tagged:
		return header{}, errors.New("scgi: variable SCGI is missing")
	}
	h.text = string(block)
	return h, nil
}

// contentLength takes the length of the body from the first variable.
func contentLength(name, value []byte) (int64, error) {
	if string(name) != "CONTENT_LENGTH" {
		return 0, fmt.Errorf("scgi: first variable is %.80q, not CONTENT_LENGTH", name)
	}
	n, err := env.ParseLength(string(value))
	if err != nil {
		return 0, fmt.Errorf("scgi: CONTENT_LENGTH %.80q is not a number of bytes", value)
	}
	return n, nil
}

// addTo adds the variables as they came, and room for more.
func (h *header) addTo(v *env.Vars) {
	v.Grow(h.count + derivable)
	for text := h.text; text != ""; {
		var name, value string
		name, text, _ = strings.Cut(text, "\x00")
		value, text, _ = strings.Cut(text, "\x00")
		v.Add(name, value)
	}
}

// get returns the value of the first variable of that name, or "".
func (h *header) get(name string) string {
	for text := h.text; text != ""; {
		var have, value string
		have, text, _ = strings.Cut(text, "\x00")
		value, text, _ = strings.Cut(text, "\x00")
		if have == name {
			return value
		}
	}
	return ""
}
