package floor

import (
	"net"
	"net/http"
	"strconv"

	"github.com/postern-go/postern/internal/record"
)

// recordMax is the content of a large record.
const recordMax = record.MaxContent &^ 7

// A response is the ResponseWriter of one request. A body that the handler
// writes in one small piece gets its length.
type response struct {
	conn   *conn
	header http.Header
	status int
	sent   bool   // the head is
	small  []byte // the first piece, while it may be the only one
}

func (w *response) Header() http.Header {
	if w.header == nil {
		w.header = make(http.Header)
	}
	return w.header
}

func (w *response) WriteHeader(status int) { w.status = status }

func (w *response) Write(p []byte) (int, error) {
	if !w.sent && w.small == nil && len(p) <= 2048 {
		w.small = append(w.conn.small[:0], p...)
		return len(p), nil
	}
	w.head(-1)
	return len(p), w.large(p)
}

// head appends a STDOUT record with the head and what was held.
func (w *response) head(length int) {
	if w.sent {
		return
	}
	w.sent = true
	c := w.conn
	at := len(c.out)
	c.out = record.AppendHeader(c.out, record.Header{Version: record.Version, Type: record.Stdout, ID: c.id})
	status := max(w.status, 200)
	if w.status == 0 {
		status = 200
	}
	c.out = append(append(strconv.AppendInt(append(c.out, "Status: "...), int64(status), 10), ' '), http.StatusText(status)+"\r\n"...)
	for name, values := range w.header {
		for _, value := range values {
			c.out = append(append(append(append(c.out, name...), ": "...), value...), "\r\n"...)
		}
	}
	if length >= 0 {
		c.out = append(strconv.AppendInt(append(c.out, "Content-Length: "...), int64(length), 10), "\r\n"...)
	}
	c.out = append(append(c.out, "\r\n"...), w.small...)
	n := len(c.out) - at - record.HeaderLen
	pad := record.Padding(n)
	record.AppendHeader(c.out[:at], record.Header{Version: record.Version, Type: record.Stdout, ID: c.id, Content: uint16(n), Padding: pad})
	c.out = append(c.out, make([]byte, 8)[:pad]...)
}

// large writes p from where it is.
func (w *response) large(p []byte) error {
	c := w.conn
	var heads [64 * record.HeaderLen]byte
	head := heads[:0]
	vec := net.Buffers{c.out}
	for len(p) > 0 {
		n := min(len(p), recordMax)
		at := len(head)
		head = record.AppendHeader(head, record.Header{Version: record.Version, Type: record.Stdout, ID: c.id, Content: uint16(n), Padding: record.Padding(n)})
		vec = append(vec, head[at:], p[:n], make([]byte, 8)[:record.Padding(n)])
		p = p[n:]
	}
	_, err := vec.WriteTo(c.nc)
	c.out = c.out[:0]
	return err
}

// finish appends what ends the answer.
func (w *response) finish() {
	w.head(len(w.small))
	c := w.conn
	c.out = record.AppendHeader(c.out, record.Header{Version: record.Version, Type: record.Stdout, ID: c.id})
	c.out = record.AppendRecord(c.out, record.EndRequest, c.id, make([]byte, 8))
}
