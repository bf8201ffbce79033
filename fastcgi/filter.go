package fastcgi

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/postern-go/postern/env"
	"github.com/postern-go/postern/gateway"
)

var (
	// ErrDataLength is what reads of FilterData return when DATA ended before
	// FCGI_DATA_LENGTH, where the error is io.ErrUnexpectedEOF as well, or
	// after it.
	ErrDataLength = errors.New("fastcgi: DATA is not of the length of FCGI_DATA_LENGTH")
	// ErrStdinLength is what reads of FilterData return in place of io.EOF
	// when STDIN was not of the length of CONTENT_LENGTH.
	ErrStdinLength = errors.New("fastcgi: STDIN is not of the length of CONTENT_LENGTH")
)

// FilterData is the file that a Filter is to filter: the DATA stream of its
// request (FastCGI 1.0, section 6.4).
type FilterData struct {
	// Length is how long the file is, in bytes: FCGI_DATA_LENGTH, or -1 when
	// the web server did not say.
	Length int64
	// ModTime is when the file was last changed: FCGI_DATA_LAST_MOD, in whole
	// seconds. It is the zero time when the web server did not say.
	ModTime time.Time

	stream *stream
	stdin  int64 // CONTENT_LENGTH, or -1

	mu   sync.Mutex // one read at a time
	read int64
	err  error // what every later read returns
}

// Data returns the file of a request of the Filter role. It reports false for
// any other request.
func Data(r *http.Request) (*FilterData, bool) {
	q, ok := gateway.ExchangeOf(r).(*request)
	if !ok || q.filter == nil {
		return nil, false
	}
	return &q.filter.file, true
}

// Read reads the file. It need not be read, nor to its end. It comes after the
// request body; what of that has not been read by then is set aside.
//
// io.EOF means that both streams were of their declared lengths. Otherwise the
// error is ErrDataLength or ErrStdinLength: a Filter that changes something
// should give that up, one that only shows something should say that a part is
// missing. Read fails when the request has been aborted or answered, and with
// ErrSpoolFull like the request body.
func (d *FilterData) Read(p []byte) (int, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.err != nil || len(p) == 0 {
		return 0, d.err
	}
	if left := d.Length - d.read; d.Length >= 0 && int64(len(p)) > left {
		p = p[:max(left, 1)] // a byte too many tells
	}
	n, err := d.stream.Read(p)
	d.read += int64(n)
	switch {
	case d.Length >= 0 && d.read > d.Length:
		n, d.err = 0, ErrDataLength
	case err == io.EOF:
		d.err = d.ended()
	case !errors.Is(err, os.ErrDeadlineExceeded):
		d.err = err
	default:
		return n, err
	}
	return n, d.err
}

// ended compares the lengths at the end of DATA, which is that of the request.
func (d *FilterData) ended() error {
	c := d.stream.q.conn
	c.mu.Lock()
	defer c.mu.Unlock()
	stdin := &d.stream.q.stdin
	switch {
	case d.Length >= 0 && d.read < d.Length:
		return fmt.Errorf("%w: %w", ErrDataLength, io.ErrUnexpectedEOF)
	case d.stdin >= 0 && stdin.taken+stdin.held.Len() != d.stdin && stdin.err == nil:
		return ErrStdinLength
	}
	return io.EOF
}

// A filter is what a request of the Filter role has beside the others.
type filter struct {
	data stream // guarded by conn.mu
	file FilterData
}

func newFilter(q *request) *filter {
	f := new(filter)
	f.data.q = q
	f.file = FilterData{Length: -1, stdin: -1, stream: &f.data}
	return f
}

// dataInOrder says what is wrong with DATA that has come before the end of
// STDIN, or of PARAMS (FastCGI 1.0, section 6.4).
func (q *request) dataInOrder() error {
	q.conn.mu.Lock()
	defer q.conn.mu.Unlock()
	switch {
	case q.state == receiving:
		return protocolError("DATA before the end of PARAMS")
	case !q.stdin.ended:
		return protocolError("DATA before the end of STDIN")
	}
	return nil
}

// filterParams takes the variables of the file. A number that is none is
// refused.
func (q *request) filterParams() {
	var v env.Vars
	q.AddCGIVars(&v)
	err := q.filter.file.fill(&v)
	if err != nil {
		q.refuse(http.StatusBadRequest, err)
	}
}

func (d *FilterData) fill(v *env.Vars) (err error) {
	if s := v.Get("FCGI_DATA_LENGTH"); s != "" {
		if d.Length, err = env.ParseLength(s); err != nil {
			return fmt.Errorf("fastcgi: FCGI_DATA_LENGTH %q is not a number of bytes", s)
		}
	}
	if s := v.Get("FCGI_DATA_LAST_MOD"); s != "" {
		digits, before := strings.CutPrefix(s, "-")
		n, err := env.ParseLength(digits)
		if err != nil {
			return fmt.Errorf("fastcgi: FCGI_DATA_LAST_MOD %q is not a number of seconds", s)
		}
		if before {
			n = -n
		}
		d.ModTime = time.Unix(n, 0)
	}
	if n, err := env.ParseLength(v.Get("CONTENT_LENGTH")); err == nil {
		d.stdin = n
	}
	return nil
}

// hold waits for the end of STDIN, before which a Filter sends nothing (FastCGI
// 1.0, section 6.4). What the handler has not read of it is set aside. When the
// end cannot come any more, there is nothing to wait for.
func (q *request) hold() error {
	if q.filter == nil || q.mayAnswer() {
		return nil
	}
	c := q.conn
	c.mu.Lock()
	defer c.mu.Unlock()
	defer q.awaited()
	for !q.stdinOver() {
		q.awaits()
		by := c.out.turns.boundOf(q)
		if q.late && !q.ownRead || !by.IsZero() && !by.After(time.Now()) {
			return os.ErrDeadlineExceeded
		}
		q.stdin.spill = true
		c.roomFor(q)
		c.watchBeside(q)
		waitUntil(&c.moved, by)
	}
	return q.aborted
}

func (q *request) mayAnswer() bool {
	q.conn.mu.Lock()
	defer q.conn.mu.Unlock()
	return q.stdinOver()
}

// stdinOver reports whether all of STDIN is here, or the rest will not come.
func (q *request) stdinOver() bool {
	return q.stdin.ended || q.conn.eof || q.aborted != nil || q.state == answered
}
