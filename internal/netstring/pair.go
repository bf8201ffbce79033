package netstring

import (
	"bytes"
	"fmt"
	"io"
	"strings"
)

// CheckPair says whether a header can be sent: the name has at least one byte, and neither part has a NUL (SCGI, section 3).
func CheckPair(name, value string) error {
	switch {
	case name == "":
		return fmt.Errorf("scgi: header without a name, value %q", value)
	case strings.IndexByte(name, 0) >= 0:
		return fmt.Errorf("scgi: NUL in the header name %q", name)
	case strings.IndexByte(value, 0) >= 0:
		return fmt.Errorf("scgi: NUL in the value of %s: %q", name, value)
	}
	return nil
}

// AppendPair appends a header: name, NUL, value, NUL. A pair that CheckPair refuses panics, since it would become other headers.
func AppendPair(b []byte, name, value string) []byte {
	if err := CheckPair(name, value); err != nil {
		panic(err)
	}
	b = append(b, name...)
	b = append(b, 0)
	b = append(b, value...)
	return append(b, 0)
}

// ParsePair parses the header at the start of b, a block of headers, and returns its parts and what follows, all of them parts of b.
// A header without a name is an error; one that is not ended by a NUL is an error that wraps io.ErrUnexpectedEOF.
func ParsePair(b []byte) (name, value, rest []byte, err error) {
	n := bytes.IndexByte(b, 0)
	switch {
	case n < 0:
		return nil, nil, b, fmt.Errorf("scgi: header name without an end: %.80q: %w", b, io.ErrUnexpectedEOF)
	case n == 0:
		return nil, nil, b, fmt.Errorf("scgi: header without a name: %.80q", b)
	}
	v := bytes.IndexByte(b[n+1:], 0)
	if v < 0 {
		return nil, nil, b, fmt.Errorf("scgi: value of %.80q without an end: %w", b[:n], io.ErrUnexpectedEOF)
	}
	end := n + 1 + v
	return b[:n:n], b[n+1 : end : end], b[end+1:], nil
}
