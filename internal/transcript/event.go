package transcript

import (
	"bytes"
	"fmt"
	"strconv"

	"github.com/postern-go/postern/internal/record"
)

// A Side is who has sent something.
type Side byte

const (
	WebServer Side = '>'
	Worker    Side = '<'
)

// An Event is a record, or the end of what one side sends.
type Event struct {
	From   Side
	Closed bool // it is the end; the rest is zero
	Header record.Header
	// Content and Padding are as long as Header says. Nil Padding is zeros.
	Content, Padding []byte
}

// A Connection is what was said on one connection, in the order in which it
// passed.
type Connection []Event

// AppendWire appends the bytes of a record.
func (e Event) AppendWire(b []byte) []byte {
	b = append(record.AppendHeader(b, e.Header), e.Content...)
	if e.Padding == nil {
		return append(b, make([]byte, e.Header.Padding)...)
	}
	return append(b, e.Padding...)
}

// ParseWire parses the record at the beginning of b, and returns how many bytes
// it takes: 0 when it is not complete.
func ParseWire(from Side, b []byte) (e Event, used int, err error) {
	if len(b) < record.HeaderLen {
		return Event{}, 0, nil
	}
	h, err := record.ParseHeader(b)
	if err != nil {
		return Event{}, 0, err
	}
	end := record.HeaderLen + int(h.Content)
	if used = end + int(h.Padding); len(b) < used {
		return Event{}, 0, nil
	}
	e = Event{From: from, Header: h, Content: bytes.Clone(b[record.HeaderLen:end])}
	if padding := b[end:used]; len(bytes.Trim(padding, "\x00")) > 0 {
		e.Padding = bytes.Clone(padding)
	}
	return e, used, nil
}

// Append appends the text of connections.
func Append(b []byte, all []Connection) []byte {
	for _, c := range all {
		b = append(b, "connection\n"...)
		for _, e := range c {
			b = e.appendText(b)
		}
	}
	return b
}

func (e Event) appendText(b []byte) []byte {
	b = append(b, byte(e.From), ' ')
	if e.Closed {
		return append(b, "close\n"...)
	}
	b = fmt.Appendf(b, "%s id=%d", e.Header.Type, e.Header.ID)
	if e.Header.Padding > 0 {
		b = fmt.Appendf(b, " padding=%d", e.Header.Padding)
	}
	if e.Padding != nil {
		b = fmt.Appendf(b, " %q", e.Padding)
	}
	b = append(b, '\n')
	if len(e.Content) == 0 {
		return b
	}
	text := appendFields(nil, e.Header.Type, e.Content)
	if content, err := parseContent(e.Header.Type, string(text)); err != nil || !bytes.Equal(content, e.Content) {
		text = appendQuoted(nil, e.Content) // what the fields of its type cannot say
	}
	return append(b, text...)
}

// appendFields appends the lines of the content of a record of type t.
func appendFields(b []byte, t record.Type, content []byte) []byte {
	switch t {
	case record.BeginRequest:
		v, _ := record.ParseBegin(content)
		return fmt.Appendf(b, "\trole=%d flags=%d\n", v.Role, v.Flags)
	case record.EndRequest:
		v, _ := record.ParseEnd(content)
		return fmt.Appendf(b, "\tapp=%d status=%d\n", v.App, v.Status)
	case record.Params, record.GetValues, record.GetValuesResult:
		for len(content) > 0 {
			name, value, rest, err := record.ParsePair(content)
			if err != nil {
				return b
			}
			b = fmt.Appendf(b, "\t%q = %q\n", name, value)
			content = rest
		}
		return b
	}
	if offset, ok := isPattern(content); ok {
		return fmt.Appendf(b, "\tpattern %d %d\n", offset, len(content))
	}
	return appendQuoted(b, content)
}

// appendQuoted appends a line for each line of content.
func appendQuoted(b, content []byte) []byte {
	for line := range bytes.Lines(content) {
		b = append(strconv.AppendQuote(append(b, '\t'), string(line)), '\n')
	}
	return b
}

// patternMin is the length from which digits that go up count as the pattern.
const patternMin = 32

// isPattern reports whether content is a part of Pattern, and where it begins.
func isPattern(content []byte) (offset int, ok bool) {
	if len(content) < patternMin || content[0] < '0' || content[0] > '9' {
		return 0, false
	}
	offset = int(content[0] - '0')
	return offset, bytes.Equal(content, Pattern(offset, len(content)))
}

// Pattern returns n digits that go up, the first one offset.
func Pattern(offset, n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = '0' + byte((offset+i)%10)
	}
	return b
}
