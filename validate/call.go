package validate

import (
	"context"
	"errors"
	"io"
	"net/http"

	"github.com/postern-go/postern/headers"
)

// A call is one call of a method of the writer that answers.
type call struct {
	w     *writer
	first bool // it is the one that fixes the head
	sent  bool // the server has got what was checked
}

// begin and end enclose every method that answers. Ending is deferred first,
// since begin may panic with a finding.
func (c *call) begin(method string) {
	w, x := c.w, c.w.exchange
	if w.users.Add(1) > 1 && !inSource() {
		x.find("writer-concurrent", "", "%s began while another call was under way.", method)
	}
	w.mu.Lock()
	hijacked := w.hijacked
	returned := x.returned.Load()
	if w.status == 0 && !hijacked && !returned {
		x.lend()
	}
	w.mu.Unlock()
	switch {
	case returned:
		x.find("write-after-return", "", "%s was called.", method)
	case hijacked:
		x.find("write-after-hijack", "", "%s was called.", method)
	}
}

// end forgets a head that Report has kept from the server by a panic: the
// handler may recover and answer otherwise.
func (c *call) end() {
	w := c.w
	w.users.Add(-1)
	if !c.first || c.sent {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.status, w.fields, w.length, w.sample = 0, nil, -1, sample{}
}

// settle takes note that the server has got what was checked. Where the server
// itself changes the header with the head, as httptest and middleware do, the
// header is taken down again.
func (c *call) settle() {
	c.sent = true
	if !c.first {
		return
	}
	w := c.w
	w.mu.Lock()
	defer w.mu.Unlock()
	if h := w.inner.Header(); !holds(h, w.fields) {
		w.fields = appendFields(nil, h)
	}
}

// holds reports whether the header has these fields and no other.
func holds(h http.Header, fields []headers.Field) bool {
	values := 0
	for _, list := range h {
		values += len(list)
	}
	if values != len(fields) {
		return false
	}
	for i, at := 0, 0; i < len(fields); i++ {
		if at++; i == 0 || fields[i].Name != fields[i-1].Name {
			at = 0
		}
		if list := h[fields[i].Name]; at >= len(list) || list[at] != fields[i].Value {
			return false
		}
	}
	return true
}

// write is Write and WriteString: it checks the bytes against the head, and
// passes them on.
func write[T []byte | string](w *writer, method string, p T, pass func(T) (int, error)) (int, error) {
	c := call{w: w}
	defer c.end()
	c.begin(method)
	c.implicitHead()
	w.mu.Lock()
	addSample(&w.sample, p)
	w.mu.Unlock()
	c.admit(int64(len(p)))
	n, err := pass(p)
	c.settle()
	w.fail(err)
	c.wrote(int64(n), int64(len(p)), err)
	return n, err
}

// copied checks what ReadFrom has done. Before, nobody knows whether the source
// has a byte, without which nothing is sent.
func (c *call) copied(n int64, err error) {
	w := c.w
	gone := err != nil && w.exchange.left() && !ofContext(err) // otherwise the source has failed
	refused := gone || errors.Is(err, http.ErrBodyNotAllowed) || errors.Is(err, http.ErrContentLength)
	c.sent = true
	if n > 0 || refused {
		c.implicitHead()
		c.settle()
	}
	attempted := max(n, 0)
	w.mu.Lock()
	switch {
	case errors.Is(err, http.ErrContentLength):
		attempted = max(attempted, w.length-w.accepted) + 1
	case refused:
		attempted++ // at least one byte
	}
	w.sample.skip(attempted)
	w.mu.Unlock()
	c.admit(attempted)
	if gone {
		w.fail(err)
	}
	c.wrote(n, attempted, err)
}

// ofContext reports whether an error says that a context has ended: a source
// goes by it, a writer does not.
func ofContext(err error) bool {
	return errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}

// passString is io.WriteString to the server.
func (w *writer) passString(s string) (int, error) { return io.WriteString(w.inner, s) }
