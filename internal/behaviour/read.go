package behaviour

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// ReadHTTP reads the responses to one request from a connection, informational
// ones and the last. An end in the middle makes the answer broken. What breaks
// the rules of the format is an error: a client may read it in any way.
func ReadHTTP(in *bufio.Reader, request string) (Answer, error) {
	var a Answer
	for {
		h, err := readHead(in)
		if err == io.EOF || err == io.ErrUnexpectedEOF {
			a.Broken = true
			return a, nil
		}
		if err != nil {
			return a, err
		}
		line, fields, _ := strings.Cut(h.Status, " ")
		h.Version, h.Status = line, fields
		if !strings.HasPrefix(h.Version, "HTTP/1.") {
			return a, fmt.Errorf("status line begins with %q", h.Version)
		}
		if h.Status[0] == '1' && !strings.HasPrefix(h.Status, "101") {
			a.Interim = append(a.Interim, h)
			continue
		}
		a.Head = h
		break
	}
	return a, a.readBody(in, strings.HasPrefix(request, "HEAD "))
}

// ReadCGI reads a CGI response (RFC 3875, section 6), which ends where in ends.
// That it is broken off is for the front end to know.
func ReadCGI(in *bufio.Reader) (Answer, error) {
	var a Answer
	h, err := readFields(in)
	switch {
	case err == io.EOF || err == io.ErrUnexpectedEOF:
		return a, nil
	case err != nil:
		return a, err
	}
	for _, f := range h {
		if f.Name == "Status" {
			if a.Status != "" {
				return a, fmt.Errorf("two Status fields, %q and %q", a.Status, f.Value)
			}
			a.Status = f.Value
			continue
		}
		a.Fields = append(a.Fields, f)
	}
	if a.Status == "" {
		return a, fmt.Errorf("no Status in %q", h)
	}
	body, err := io.ReadAll(in)
	a.Body = string(body)
	return a, err
}

// readHead reads a first line, as the Status, and the fields after it.
func readHead(in *bufio.Reader) (Head, error) {
	line, err := readLine(in)
	if err != nil {
		return Head{}, err
	}
	fields, err := readFields(in)
	return Head{Status: line, Fields: fields}, err
}

func readFields(in *bufio.Reader) ([]Field, error) {
	var fields []Field
	for {
		line, err := readLine(in)
		if err != nil || line == "" {
			return fields, err
		}
		name, value, found := strings.Cut(line, ": ")
		if !found || name == "" || strings.ContainsAny(name, " \t\x00") {
			return fields, fmt.Errorf("line %q is no field", line)
		}
		fields = append(fields, Field{name, value})
	}
}

// readLine reads a line that CRLF ends and that has neither of the two itself.
func readLine(in *bufio.Reader) (string, error) {
	line, err := in.ReadString('\n')
	if err != nil {
		if err == io.EOF && line != "" {
			err = io.ErrUnexpectedEOF
		}
		return "", err
	}
	line, found := strings.CutSuffix(line, "\r\n")
	if !found || strings.Contains(line, "\r") {
		return "", fmt.Errorf("line %q does not end in CRLF", line)
	}
	return line, nil
}

// readBody reads the body by its framing (RFC 9112, section 6.3).
func (a *Answer) readBody(in *bufio.Reader, head bool) error {
	length, coding := a.get("Content-Length"), a.get("Transfer-Encoding")
	switch {
	case head || a.Status[0] == '1' || strings.HasPrefix(a.Status, "204") || strings.HasPrefix(a.Status, "304"):
		a.Kept = true
		return nil
	case coding != "" && length != "":
		return fmt.Errorf("Transfer-Encoding %q beside Content-Length %q", coding, length)
	case coding != "":
		return a.readChunks(in)
	case length != "":
		n, err := strconv.ParseInt(length, 10, 64)
		if err != nil {
			return err
		}
		a.readExactly(in, n)
		return nil
	}
	body, err := io.ReadAll(in)
	a.Body = string(body)
	a.Broken = err != nil
	return nil
}

func (a *Answer) readExactly(in *bufio.Reader, n int64) {
	body, err := io.ReadAll(io.LimitReader(in, n))
	a.Body += string(body)
	a.Broken = err != nil || int64(len(body)) < n
	a.Kept = !a.Broken
}

func (a *Answer) readChunks(in *bufio.Reader) error {
	for {
		line, err := readLine(in)
		if err != nil {
			a.Broken = true
			return nil
		}
		n, err := strconv.ParseInt(line, 16, 64)
		if err != nil {
			return err
		}
		if n == 0 {
			break
		}
		if a.readExactly(in, n); a.Broken {
			return nil
		}
		if end, err := readLine(in); err != nil || end != "" {
			a.Broken = true
			return nil
		}
	}
	trailer, err := readFields(in)
	a.Trailer, a.Broken, a.Kept = trailer, err != nil, err == nil
	return nil
}
