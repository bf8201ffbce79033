package cgihead

import (
	"bufio"
	"io"
	"net/http"
	"net/http/httputil"
)

// A source is a body that can say whether its next Read returns without waiting: when Buffered is not 0.
type source interface {
	io.Reader
	Buffered() int
}

// BodyAllowed says whether a response with this status to a request with this method has a body.
func BodyAllowed(method string, status int) bool {
	return method != http.MethodHead && status >= 200 && status != http.StatusNoContent && status != http.StatusNotModified
}

// body returns the reader of the body as it goes to the client. It reads r to its end in any case (RFC 3875, section 6.4).
func (h *Response) body(method string, r *bufio.Reader) source {
	switch {
	case !BodyAllowed(method, h.Status):
		return &measured{source: r}
	case h.chunked:
		return &chunked{httputil.NewChunkedReader(r), r, false}
	case h.Length >= 0:
		return &measured{r, h.Length}
	}
	return r
}

// measured is a body of left bytes: it ends in io.ErrUnexpectedEOF when there are fewer, and what is more is read and dropped.
type measured struct {
	source
	left int64
}

func (m *measured) Read(p []byte) (int, error) {
	if m.left == 0 {
		io.Copy(io.Discard, onlyReader{m.source}) // how that ends does not concern the client, who has the whole response
		return 0, io.EOF
	}
	if int64(len(p)) > m.left {
		p = p[:m.left]
	}
	n, err := m.source.Read(p)
	m.left -= int64(n)
	if m.left > 0 && err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return n, err
}

// onlyReader hides WriteTo, by which io.Copy would skip the measuring.
type onlyReader struct{ io.Reader }

// chunked is a body with the framing taken off.
type chunked struct {
	io.Reader
	raw  *bufio.Reader
	done bool
}

func (c *chunked) Read(p []byte) (int, error) {
	if c.done {
		return (&measured{source: c.raw}).Read(p)
	}
	n, err := c.Reader.Read(p)
	if err == io.EOF {
		c.done, err = true, nil
	}
	return n, err
}

func (c *chunked) Buffered() int { return c.raw.Buffered() }
