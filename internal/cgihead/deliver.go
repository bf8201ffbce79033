package cgihead

import (
	"bufio"
	"errors"
	"io"
	"net/http"
	"strconv"
	"sync"
)

// Deliver writes the response to w: the head, and what is left in r as the body, flushed as it comes. It returns nil when all is written,
// and r has ended well, or otherwise after a body that was whole by its length. After an error the client has a part of the response, and
// the caller breaks the exchange off.
//
// A body that is shorter than its Content-Length is io.ErrUnexpectedEOF; what is beyond it is read and dropped, as is the body of a
// response that has none. A Content-Type that the program did not send is not made up (RFC 3875, section 6.3.1).
func (h *Response) Deliver(w http.ResponseWriter, method string, r *bufio.Reader) error {
	WriteHead(w, h.Status, h.Header)
	return Copy(w, h.body(method, r))
}

// WriteHead writes the head of a response that a back end gave.
func WriteHead(w http.ResponseWriter, status int, header http.Header) {
	to := w.Header()
	for name, values := range header {
		to[name] = values
	}
	if len(header["Content-Type"]) == 0 {
		to["Content-Type"] = nil
	}
	w.WriteHeader(status)
}

var buffers = sync.Pool{New: func() any { return new([32 << 10]byte) }}

// Copy copies body to w and flushes before each read that has to wait, as far as body can tell: it may have Buffered, like a
// bufio.Reader. It returns nil at the end of body, else the error of reading or writing; what was read before it is flushed.
func Copy(w http.ResponseWriter, body io.Reader) error {
	flusher := http.NewResponseController(w)
	buf := buffers.Get().(*[32 << 10]byte)
	defer buffers.Put(buf)
	for {
		if err := flushUnless(flusher, body); err != nil {
			return err
		}
		n, err := body.Read(buf[:])
		if n > 0 {
			if _, err := w.Write(buf[:n]); err != nil {
				return err
			}
		}
		switch err {
		case nil:
		case io.EOF:
			return nil
		default:
			flusher.Flush()
			return err
		}
	}
}

// flushUnless flushes unless body has more at once.
func flushUnless(w *http.ResponseController, body io.Reader) error {
	if b, ok := body.(source); ok && b.Buffered() > 0 {
		return nil
	}
	if err := w.Flush(); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return err
	}
	return nil
}

// HTTP returns the response of a RoundTripper to req: the body is what is left in r, and closing it closes c.
// As in Deliver, a body that is too short ends in io.ErrUnexpectedEOF.
func (h *Response) HTTP(req *http.Request, r *bufio.Reader, c io.Closer) *http.Response {
	reason := h.Reason
	if reason == "" {
		reason = http.StatusText(h.Status)
	}
	resp := &http.Response{
		Status:        strconv.Itoa(h.Status) + " " + reason,
		StatusCode:    h.Status,
		Proto:         "HTTP/1.1",
		ProtoMajor:    1,
		ProtoMinor:    1,
		Header:        h.Header,
		ContentLength: h.Length,
		Body:          &closing{h.body(req.Method, r), c},
		Request:       req,
	}
	if !BodyAllowed(req.Method, h.Status) && req.Method != http.MethodHead {
		resp.ContentLength = 0
	}
	return resp
}

// closing is a body with the Close of the connection it comes from.
type closing struct {
	source
	io.Closer
}
