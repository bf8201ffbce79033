package fastcgi

import (
	"errors"
	"io"
	"time"
	"unsafe"

	"github.com/postern-go/postern/env"
	"github.com/postern-go/postern/gateway"
	"github.com/postern-go/postern/internal/record"
)

// errAborted is why the context ends on ABORT_REQUEST.
var errAborted = errors.New("fastcgi: request aborted by the web server")

// A requestState is how far a request has come.
type requestState uint8

const (
	// receiving: PARAMS are not complete.
	receiving requestState = iota
	// running: the handler runs, or is about to.
	running
	// answered: the response is written; the id is free.
	answered
)

// A request is one request on a connection, and its gateway.Exchange.
type request struct {
	conn *conn
	id   uint16
	role record.Role
	keep bool // FCGI_KEEP_CONN

	whole bool // PARAMS are complete; touched by who has the lead

	// Guarded by conn.mu, with more below.
	state   requestState
	late    bool // the deadline for reading has passed
	ownRead bool // SetReadDeadline was called: there is no ReadTimeout

	logged bool // STDERR has been written; guarded by the turns of the output

	// Touched by who has the lead, then by the handler's goroutine. Once PARAMS are
	// complete, nothing changes them until Run has returned.
	wrote   bool  // something of the response has been written
	batched bool  // it was one of a batch
	refusal int16 // the status that answers instead of the handler
	params  []byte

	size     int // bytes of variables that count in conn.params
	stdin    stream
	filter   *filter // of the Filter role, otherwise nil
	canceler gateway.Canceler
	aborted  error         // why the context has ended or will at once
	times    *requestTimes // nil: there were none

	writeBy *time.Time // nil: no deadline; guarded by output.turns.mu
}

// requestTimes are what few requests have: something of them was waited for, or a
// deadline was set.
type requestTimes struct {
	alarm *time.Timer
	until time.Time // when a read that waits has waited too long
	since time.Time // since when the rest of PARAMS has been waited for
}

// timed returns the times, made now if need be. The mutex of the connection is
// held.
func (q *request) timed() *requestTimes {
	if q.times == nil {
		q.times = new(requestTimes)
	}
	return q.times
}

func newRequest(c *conn, id uint16, b record.Begin) *request {
	q := &request{conn: c, id: id, role: b.Role, keep: b.Flags&record.KeepConn != 0}
	q.stdin.q = q
	switch b.Role {
	case record.Authorizer:
		q.authorize()
	case record.Filter:
		q.filter = newFilter(q)
	}
	return q
}

// eachStream calls f with every stream that the request takes.
func (q *request) eachStream(f func(s *stream)) {
	f(&q.stdin)
	if q.filter != nil {
		f(&q.filter.data)
	}
}

// announced returns how long s is by what the request has said, in bytes; 0 or
// less where it has not.
func (q *request) announced(s *stream) int64 {
	switch {
	case q.state == receiving, q.role == record.Authorizer:
		return 0
	case s != &q.stdin:
		return q.filter.file.Length
	}
	n, _ := env.ParseLength(q.variable("CONTENT_LENGTH"))
	return n
}

// variable returns a variable of PARAMS that are complete. It lives as long as
// they do.
func (q *request) variable(name string) string {
	for n, value := range q.all {
		if n == name {
			return value
		}
	}
	return ""
}

// AddCGIVars adds the variables of PARAMS, each a part of one string.
func (q *request) AddCGIVars(v *env.Vars) {
	n := 0
	for range q.all {
		n++
	}
	v.Grow(n)
	eachPair(q.params, string(q.params), func(name, value string) bool {
		v.Add(name, value)
		return true
	})
}

// TellCGIVars adds the variables of PARAMS, and has what is kept of them copied.
func (q *request) TellCGIVars(b *env.RequestBuilder) {
	for name, value := range q.all {
		b.Add(name, value)
	}
	b.Own()
}

// all yields the variables of PARAMS that are complete. They live as long as
// those do.
func (q *request) all(yield func(name, value string) bool) {
	eachPair(q.params, unsafe.String(unsafe.SliceData(q.params), len(q.params)), yield)
}

// eachPair yields the pairs of b, as parts of its text s.
func eachPair(b []byte, s string, yield func(name, value string) bool) {
	for len(b) > 0 {
		name, value, end, err := record.SplitPair(b)
		if err != nil || !yield(s[name:value], s[value:end]) {
			return
		}
		b, s = b[end:], s[end:]
	}
}

// Stdin returns the STDIN stream.
func (q *request) Stdin() io.Reader { return &q.stdin }

// Stderr returns the STDERR stream.
func (q *request) Stderr() io.Writer { return stderr{q} }

// Write writes to the STDOUT stream.
func (q *request) Write(p []byte) (int, error) {
	if err := q.hold(); err != nil {
		return 0, err
	}
	n, err := q.conn.out.stdout(q, p)
	q.wrote = q.wrote || n > 0
	return n, err
}

// Flush sends what was written.
func (q *request) Flush() error {
	if err := q.hold(); err != nil {
		return err
	}
	return q.conn.out.flushFor(q)
}

// Attach takes note of how to end the context.
func (q *request) Attach(c gateway.Canceler) {
	q.conn.mu.Lock()
	defer q.conn.mu.Unlock()
	q.canceler = c
	if q.aborted != nil {
		c.Cancel(q.aborted)
	}
}

// Watch makes sure that an end of the request is noticed.
func (q *request) Watch() { q.conn.watchFor(q) }

// cut ends the context and the body of a request. The mutex of the connection
// is held.
func (q *request) cut(err error) {
	if q.aborted == nil {
		q.aborted = err
		q.eachStream(func(s *stream) { s.fail(err) })
		if q.canceler != nil {
			q.canceler.Cancel(err)
		}
	}
}

// stderr is the STDERR stream of a request.
type stderr struct{ q *request }

// Write sends p at once, in records that web servers log as a whole. The engine
// lets nobody write after the end of the request.
func (s stderr) Write(p []byte) (int, error) {
	if err := s.q.hold(); err != nil {
		return 0, err
	}
	return s.q.conn.out.stderr(s.q, p)
}
