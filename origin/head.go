package origin

import (
	"bytes"
	"io"
	"net/http"

	"github.com/postern-go/postern/internal/server"
)

// A scanner finds the end of a request head: an empty line.
type scanner struct {
	state scanState
	lines int // line ends seen
}

type scanState uint8

const (
	// inLine: the next byte belongs to a line.
	inLine scanState = iota
	// atStart: the next byte begins a line.
	atStart
	// afterCR: a line has begun with CR; LF makes it the empty line.
	afterCR
)

// scan looks at the bytes that follow those of the calls before. It returns
// how many of them belong to the head when its end is among them, otherwise -1.
func (s *scanner) scan(b []byte) int {
	for i := 0; i < len(b); i++ {
		switch {
		case s.state == inLine:
			next := bytes.IndexByte(b[i:], '\n')
			if next < 0 {
				return -1
			}
			i += next
			s.lines++
			s.state = atStart
		case b[i] == '\n':
			return i + 1
		case s.state == atStart && b[i] == '\r':
			s.state = afterCR
		default:
			s.state = inLine
		}
	}
	return -1
}

// peekMax is how much Peek can show, in bytes.
const peekMax = 16 << 10

// readHead takes one request head off the connection. The error is a
// *refusal, or that of the connection, for which there is no answer.
func (c *conn) readHead() (string, error) {
	if err := c.skipEmptyLine(); err != nil {
		return "", err
	}
	var s scanner
	var long []byte // what Peek has shown of a head longer than its buffer
	max, seen := c.srv.maxHeaderBytes(), 0
	for {
		b, err := c.peek(seen + 1)
		if len(b) <= seen {
			return "", c.cut(err)
		}
		if n := s.scan(b[seen:]); n >= 0 {
			n += seen
			if len(long)+n > max {
				return "", tooLong(append(long, b[:n]...), max)
			}
			head := join(long, b[:n])
			c.r.Discard(n)
			return head, nil
		}
		if len(long)+len(b) >= max {
			return "", tooLong(append(long, b...), max)
		}
		if err := refuseEarly(s, long, b[seen:], b); err != nil {
			return "", err
		}
		if seen = len(b); seen == peekMax {
			long = append(long, b...)
			c.r.Discard(seen)
			seen = 0
		}
	}
}

func join(long, b []byte) string {
	if long == nil {
		return string(b)
	}
	return string(append(long, b...))
}

// skipEmptyLine passes over one empty line before the request line (RFC 9112,
// section 2.2).
func (c *conn) skipEmptyLine() error {
	b, err := c.peek(1)
	if len(b) == 0 {
		return err
	}
	if b[0] != '\r' {
		return nil
	}
	if b, err = c.peek(2); len(b) < 2 {
		return c.cut(err)
	}
	if b[1] == '\n' {
		c.r.Discard(2)
	}
	return nil
}

// refuseEarly looks at the request line when it is there but the head is not:
// who speaks something else may send nothing more. fresh is the part of b that
// has just arrived.
func refuseEarly(s scanner, long, fresh, b []byte) error {
	if long != nil || s.lines == 0 || bytes.IndexByte(b[:len(b)-len(fresh)], '\n') >= 0 {
		return nil
	}
	line, _ := cutLine(string(b))
	if err := parseLine(new(http.Request), line); err != nil {
		return err
	}
	return nil
}

func tooLong(head []byte, max int) *refusal {
	if line := bytes.IndexByte(head, '\n'); line < 0 || line >= max {
		return refuse(http.StatusRequestURITooLong, "request line is longer than %d bytes", max)
	}
	return refuse(http.StatusRequestHeaderFieldsTooLarge, "request head is longer than %d bytes", max)
}

// cut tells what to do about a head that stops in the middle.
func (c *conn) cut(err error) error {
	switch {
	case server.Interrupted(err):
		return refuse(http.StatusRequestTimeout, "request head took longer than %s", c.srv.readHeaderTimeout())
	case err == io.EOF:
		return malformed("request head is cut short")
	}
	return err
}
