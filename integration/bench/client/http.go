package client

import (
	"bytes"
	"strconv"
)

// httpHead returns the head of a request.
func (c *client) httpHead() []byte {
	line, length := "GET ", ""
	if c.Upload > 0 {
		line, length = "POST ", "Content-Length: "+strconv.FormatInt(c.Upload, 10)+"\r\n"
	}
	if c.New {
		length += "Connection: close\r\n"
	}
	return []byte(line + c.Path + " HTTP/1.1\r\nHost: localhost:8080\r\nUser-Agent: bench/1.0\r\nAccept: */*\r\n" +
		"Accept-Encoding: gzip, deflate\r\nCookie: a=b; c=d\r\n" + length + "\r\n")
}

// httpAnswer reads an answer that says its length, or comes in chunks.
func (c *client) httpAnswer() (body int64, err error) {
	n, err := c.headLen(len(c.buf))
	if err != nil {
		return 0, err
	}
	head := c.buf[c.r : c.r+n]
	c.r += n
	if bytes.Contains(head, []byte("\r\nTransfer-Encoding: chunked\r\n")) {
		return c.chunks()
	}
	_, text, found := bytes.Cut(head, []byte("\r\nContent-Length: "))
	text, _, _ = bytes.Cut(text, []byte("\r\n"))
	body, err = strconv.ParseInt(string(text), 10, 64)
	if !found || err != nil {
		return 0, errStatus
	}
	return body, c.skip(body)
}

// chunks reads a body in chunks, without trailers.
func (c *client) chunks() (body int64, err error) {
	for {
		line, err := c.line()
		if err != nil {
			return 0, err
		}
		n, err := strconv.ParseInt(line, 16, 64)
		if err != nil {
			return 0, err
		}
		if err := c.skip(n + 2); err != nil || n == 0 {
			return body, err
		}
		body += n
	}
}

// line takes one line.
func (c *client) line() (string, error) {
	for {
		if i := bytes.IndexByte(c.buf[c.r:c.w], '\n'); i > 0 {
			line := string(c.buf[c.r : c.r+i-1])
			c.r += i + 1
			return line, nil
		}
		if err := c.fill(); err != nil {
			return "", err
		}
	}
}
