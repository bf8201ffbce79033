package origin

import (
	"io"
	"net/http"
	"strings"

	"github.com/postern-go/postern/headers"
)

// A lineReader reads the lines of the chunked coding (RFC 9112, section 7.1).
// Only CRLF ends one.
type lineReader struct {
	line    []byte // as far as it has been read
	one     [1]byte
	excess  int64       // what the lines took beyond what is reasonable, in bytes
	fields  http.Header // the trailer section
	section int         // its size so far, in bytes
}

var (
	errLineEnd  = &refusal{http.StatusBadRequest, "line of a chunked body does not end in CRLF"}
	errChunkEnd = &refusal{http.StatusBadRequest, "chunk is longer than its size"}
	errLong     = &refusal{http.StatusBadRequest, "line of a chunked body is too long"}
	errExcess   = &refusal{http.StatusBadRequest, "chunked body has too little data in its chunks"}
)

// read returns the next line without its end, at most max bytes. It is valid
// until the next call. After an error that an interruption caused it can be
// called again.
func (l *lineReader) read(r io.Reader, max int) ([]byte, error) {
	for {
		if _, err := r.Read(l.one[:]); err != nil {
			return nil, err
		}
		c := l.one[0]
		cr := len(l.line) > 0 && l.line[len(l.line)-1] == '\r'
		switch {
		case cr != (c == '\n'):
			return nil, errLineEnd
		case cr:
			line := l.line[:len(l.line)-1]
			l.line = l.line[:0]
			return line, nil
		case len(l.line) >= max && c != '\r':
			return nil, errLong
		}
		l.line = append(l.line, c)
	}
}

// advance reads the line that comes next.
func (b *body) advance() error {
	switch b.state {
	case bodySize:
		return b.chunkSize()
	case bodyChunkEnd:
		if _, err := b.lines.read(b.src, 0); err != nil {
			return chunkEndError(err)
		}
		b.state = bodySize
		return nil
	case bodyTrailer:
		return b.trailer()
	}
	panic("origin: impossible state of a body")
}

func chunkEndError(err error) error {
	if err == errLong || err == errLineEnd {
		return errChunkEnd
	}
	return err
}

func (b *body) chunkSize() error {
	line, err := b.lines.read(b.src, maxChunkLine)
	if err != nil {
		return err
	}
	n, err := parseChunkSize(line)
	if err != nil {
		return err
	}
	b.lines.excess = max(b.lines.excess+int64(len(line))+2-16-2*int64(n), 0)
	switch {
	case b.lines.excess > maxExcess:
		return errExcess
	case n == 0:
		b.state = bodyTrailer
	default:
		b.state, b.left = bodyChunk, n
	}
	return nil
}

// maxSizeDigits keeps twice a chunk size within 63 bits.
const maxSizeDigits = 15

// parseChunkSize parses chunk-size [ chunk-ext ]. An extension is passed over.
func parseChunkSize(line []byte) (n uint64, err error) {
	text, extension, _ := strings.Cut(string(line), ";")
	if !headers.ValidValue(extension) {
		return 0, malformed("chunk extension %q has a control character", clip(extension))
	}
	for i := range len(text) {
		n = n<<4 | uint64(hexDigit(text[i]))
		if hexDigit(text[i]) > 15 || i >= maxSizeDigits {
			return 0, malformed("chunk size %q is malformed", clip(text))
		}
	}
	if text == "" {
		return 0, malformed("chunk size is missing")
	}
	return n, nil
}

// hexDigit returns the value of a digit, 255 when c is none.
func hexDigit(c byte) byte {
	switch {
	case '0' <= c && c <= '9':
		return c - '0'
	case 'a' <= c && c <= 'f':
		return c - 'a' + 10
	case 'A' <= c && c <= 'F':
		return c - 'A' + 10
	}
	return 255
}

// trailer reads one line of the trailer section. The fields get to the request
// with the last one.
func (b *body) trailer() error {
	line, err := b.lines.read(b.src, maxTrailer)
	if err != nil {
		return err
	}
	if len(line) == 0 {
		b.deliver()
		b.state = bodyEnd
		return nil
	}
	if b.lines.section += len(line) + 2; b.lines.section > maxTrailer {
		return malformed("trailer section is longer than %d bytes", maxTrailer)
	}
	name, value, refused := parseField(string(line))
	switch {
	case refused != nil:
		return refused
	case framing(name):
		return malformed("%s in the trailer section", name)
	case b.lines.fields == nil:
		b.lines.fields = make(http.Header)
	}
	b.lines.fields[name] = append(b.lines.fields[name], value)
	return nil
}

// deliver gives the trailer fields to the request, those not announced too, as
// net/http does.
func (b *body) deliver() {
	r := b.x.live
	if b.lines.fields == nil || r == nil {
		return
	}
	if r.Trailer == nil {
		r.Trailer = b.lines.fields
		return
	}
	for name, values := range b.lines.fields {
		r.Trailer[name] = values
	}
}
