package headers

import (
	"fmt"
	"io"
	"strings"
)

// A header block (RFC 9112, section 2.1, without the start line):
//
//	*( field-name ":" OWS field-value OWS CRLF )
//	CRLF

// AppendTo appends the list to b as a header block and returns the extended
// slice: a line "Name: value" for every field in order, then an empty line, all
// of them ended by CR LF. A field that is invalid, which only a list filled
// without the methods of this type can have, is left out as a whole:
// [Headers.Check] tells.
func (h Headers) AppendTo(b []byte) []byte {
	for _, f := range h {
		if !ValidName(f.Name) || !ValidValue(f.Value) {
			continue
		}
		b = append(b, f.Name...)
		b = append(b, ": "...)
		b = append(b, f.Value...)
		b = append(b, "\r\n"...)
	}
	return append(b, "\r\n"...)
}

// String returns what AppendTo appends.
func (h Headers) String() string { return string(h.AppendTo(nil)) }

// Parse reads a whole header block, its empty line included. Each line ends in
// CR LF or LF, and spaces and tabs around a value are not part of it. The block
// is copied once and not kept.
//
// Malformed lines, folded lines, spaces before the colon and bytes after the
// empty line are errors that name the line, counted from 1. When the empty line
// is missing the error wraps [io.ErrUnexpectedEOF].
func Parse(block []byte) (Headers, error) {
	rest := string(block)
	h := make(Headers, 0, min(strings.Count(rest, "\n"), 64))
	for line := 1; ; line++ {
		text, after, ended := strings.Cut(rest, "\n")
		if !ended {
			return nil, fmt.Errorf("headers: line %d: block ends without an empty line: %w", line, io.ErrUnexpectedEOF)
		}
		text = strings.TrimSuffix(text, "\r")
		if text == "" && after == "" {
			return h, nil
		}
		field, f := parseLine(text)
		if f != "" {
			return nil, fmt.Errorf("headers: line %d: %s", line, f)
		}
		h = append(h, field)
		rest = after
	}
}

// parseLine reads one line without its end. An empty one is not expected here.
func parseLine(text string) (Field, fault) {
	if text == "" {
		return Field{}, "bytes after the empty line"
	}
	if text[0] == ' ' || text[0] == '\t' {
		return Field{}, "folded line"
	}
	name, value, found := strings.Cut(text, ":")
	if !found {
		return Field{}, fault(fmt.Sprintf("no colon in %.64q", text))
	}
	value = strings.Trim(value, " \t")
	return Field{name, value}, fieldFault(name, value)
}
