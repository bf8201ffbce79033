package client

import (
	"bytes"
	"errors"
	"strconv"

	"github.com/postern-go/postern/internal/record"
)

// stdinRecord is the content of a STDIN record in bytes, as nginx sends it.
const stdinRecord = 32 << 10

// variables are those of nginx's fastcgi_params and scgi_params, and five
// header fields.
func (w Work) variables() [][2]string {
	method, length := "GET", ""
	if w.Upload > 0 {
		method, length = "POST", strconv.FormatInt(w.Upload, 10)
	}
	list := [][2]string{{"QUERY_STRING", ""}, {"REQUEST_METHOD", method}, {"CONTENT_TYPE", ""}, {"CONTENT_LENGTH", length},
		{"SCRIPT_NAME", w.Path}, {"REQUEST_URI", w.Path}, {"DOCUMENT_URI", w.Path}, {"DOCUMENT_ROOT", "/usr/share/nginx/html"},
		{"SERVER_PROTOCOL", "HTTP/1.1"}, {"REQUEST_SCHEME", "http"}, {"GATEWAY_INTERFACE", "CGI/1.1"}, {"SERVER_SOFTWARE", "nginx/1.22.1"},
		{"REMOTE_ADDR", "127.0.0.1"}, {"REMOTE_PORT", "40000"}, {"SERVER_ADDR", "127.0.0.1"}, {"SERVER_PORT", "8080"},
		{"SERVER_NAME", "localhost"}, {"REDIRECT_STATUS", "200"}, {"HTTP_HOST", "localhost:8080"}, {"HTTP_USER_AGENT", "bench/1.0"},
		{"HTTP_ACCEPT", "*/*"}, {"HTTP_ACCEPT_ENCODING", "gzip, deflate"}, {"HTTP_COOKIE", "a=b; c=d"}}
	if w.Script != "" {
		list = append(list, [2]string{"SCRIPT_FILENAME", w.Script})
	}
	return list
}

// fastcgiHead returns the records of a request up to its body, and the end of
// an empty body.
func (c *client) fastcgiHead(id uint16) []byte {
	flags := uint8(record.KeepConn)
	if c.New {
		flags = 0
	}
	var params []byte
	for _, v := range c.variables() {
		params = record.AppendPair(params, v[0], v[1])
	}
	b := record.AppendRecord(nil, record.BeginRequest, id, record.AppendBegin(nil, record.Begin{Role: record.Responder, Flags: flags}))
	b = record.AppendRecord(b, record.Params, id, params)
	b = record.AppendRecord(b, record.Params, id, nil)
	if c.Upload == 0 {
		b = record.AppendRecord(b, record.Stdin, id, nil)
	}
	return b
}

// piece is what is written of a large body at a time.
var piece = bytes.Repeat([]byte("0123456789abcde\n"), 64<<10/16)

// records is piece as STDIN records.
var records = func() []byte {
	b := record.AppendRecord(nil, record.Stdin, 1, piece[:stdinRecord])
	return record.AppendRecord(b, record.Stdin, 1, piece[stdinRecord:])
}()

// sendBody sends the request body, in whole pieces with FastCGI.
func (c *client) sendBody() error {
	if c.Upload == 0 {
		return nil
	}
	send := piece
	if c.Protocol == FastCGI {
		send = records
	}
	left := c.Upload
	for ; left >= int64(len(piece)); left -= int64(len(piece)) {
		if _, err := c.conn.Write(send); err != nil {
			return err
		}
	}
	rest := piece[:left]
	if c.Protocol == FastCGI {
		rest = nil
		if left > 0 {
			rest = record.AppendRecord(nil, record.Stdin, 1, piece[:left])
		}
		rest = record.AppendRecord(rest, record.Stdin, 1, nil)
	}
	_, err := c.conn.Write(rest)
	return err
}

var errStatus = errors.New("request ended with an error")

// fastcgiAnswers reads records until all requests of a batch have ended. The
// head of each answer is expected in its first STDOUT record.
func (c *client) fastcgiAnswers() (body int64, err error) {
	var begun [256]bool
	for ended := 0; ended < c.Batch; {
		for c.w-c.r < record.HeaderLen {
			if err := c.fill(); err != nil {
				return 0, err
			}
		}
		h, err := record.ParseHeader(c.buf[c.r:c.w])
		if err != nil {
			return 0, err
		}
		c.r += record.HeaderLen
		switch {
		case h.Type == record.Stdout && !begun[byte(h.ID)] && h.Content > 0:
			begun[byte(h.ID)] = true
			n, err := c.headLen(int(h.Content))
			if err != nil {
				return 0, err
			}
			body += int64(int(h.Content) - n)
		case h.Type == record.Stdout:
			body += int64(h.Content)
		case h.Type == record.EndRequest:
			ended++
		}
		if err := c.skip(int64(h.Content) + int64(h.Padding)); err != nil {
			return 0, err
		}
	}
	return body, nil
}

var blank = []byte("\r\n\r\n")

// headLen returns the length of the head that begins here, in a block of most
// bytes.
func (c *client) headLen(most int) (int, error) {
	for {
		have := c.buf[c.r:c.w]
		if i := bytes.Index(have[:min(len(have), most)], blank); i >= 0 {
			return i + len(blank), nil
		}
		if len(have) >= most {
			return 0, errStatus
		}
		if err := c.fill(); err != nil {
			return 0, err
		}
	}
}
