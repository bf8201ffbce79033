package fastcgi

import (
	"math"
	"sync"

	"github.com/postern-go/postern/internal/record"
)

const (
	// directRead is the size, in bytes, from which a handler's slice is read into
	// without a copy.
	directRead = 2 << 10
	// scatterRecords is for how many records one read may have a place.
	scatterRecords = 4
)

// A scatter has a place for what one read brings: content of the record at hand,
// which is the handler's, what comes before the next content, and so on.
type scatter struct {
	places  [2 * scatterRecords][]byte
	between [scatterRecords][math.MaxUint8 + record.HeaderLen]byte // padding, and a header
}

var scatters = sync.Pool{New: func() any { return new(scatter) }}

// takeContent moves bytes that are held to p.
func (c *conn) takeContent(p []byte) (int, error) {
	in := &c.input
	if in.r == in.w {
		if len(p) >= directRead && (in.left >= directRead || in.steady()) {
			return c.readContent(p)
		}
		if err := c.fill(); err != nil {
			return 0, err
		}
	}
	n := copy(p[:min(len(p), in.left)], in.buf[in.r:in.w])
	in.r += n
	in.left -= n
	return n, nil
}

// steady reports whether the next record will be like this one, as far as one
// can tell, and worth a place of its own.
func (in *input) steady() bool { return in.again && in.head.Content >= directRead }

// readContent reads bytes that are held straight into p. Where the record ends
// there, the header of the next one comes with the same read, and its content,
// too, if it is where it was expected. The buffer, which is empty, is not kept
// meanwhile.
func (c *conn) readContent(p []byte) (int, error) {
	c.input.release()
	v := scatters.Get().(*scatter)
	defer scatters.Put(v)
	places := v.plan(&c.input, p)
	defer clear(places)
	n, err := c.nc.ReadBuffers(places)
	return c.scattered(places, n), err
}

// plan finds places in p and, for what is not content, in v.
func (v *scatter) plan(in *input, p []byte) [][]byte {
	places, want := v.places[:0], in.left
	for i := range v.between {
		n := min(want, len(p))
		places = append(places, p[:n:len(p)])
		if n < want {
			break
		}
		places = append(places, v.between[i][:int(in.pad)+record.HeaderLen])
		if p = p[n:]; len(p) < directRead || !in.steady() {
			break
		}
		want = int(in.head.Content)
	}
	return places
}

// scattered takes n bytes that have come into places and returns how many of
// them are content for the handler. From a record on that is not what was
// expected, the rest goes back to where records are taken from.
func (c *conn) scattered(places [][]byte, n int) (content int) {
	in := &c.input
	for {
		m := min(n, len(places[0]))
		in.left -= m
		content += m
		if n -= m; n == 0 {
			return content
		}
		between, rest := places[1], places[2:]
		if n < len(between) || len(rest) == 0 || !c.goesOn(between[in.pad:], rest) {
			c.putBack(places[1:], n)
			return content
		}
		n -= len(between)
		places = rest
	}
}

// goesOn starts the record of a header if it continues the stream at hand and is
// one that places are right for.
func (c *conn) goesOn(header []byte, places [][]byte) bool {
	in := &c.input
	h, err := record.ParseHeader(header)
	n, last := len(places[0]), len(places) == 1
	switch {
	case err != nil, h.Type != in.head.Type, h.ID != in.head.ID, int(h.Content) < n:
		return false
	case !last && (int(h.Content) > n || h.Padding != in.head.Padding):
		return false
	}
	in.head, in.left, in.pad = h, int(h.Content), h.Padding
	return true
}

// putBack copies the first n bytes of places to the buffer, or to a larger one.
func (c *conn) putBack(places [][]byte, n int) {
	in := &c.input
	if n > len(c.Lend()) {
		in.release()
		in.buf = make([]byte, n)
	}
	for _, p := range places {
		m := copy(in.buf[in.w:], p[:min(n, len(p))])
		in.w += m
		n -= m
	}
}
