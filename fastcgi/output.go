package fastcgi

import (
	"net"
	"sync"

	"github.com/postern-go/postern/internal/record"
	"github.com/postern-go/postern/internal/server"
)

const (
	// recordMax is the content of a large record: a multiple of 8 that needs
	// no padding.
	recordMax = record.MaxContent &^ 7
	// turn is how much one request writes, in bytes, before another may.
	turn = 4 * recordMax
	// stderrMax is the content of a STDERR record: what nginx logs as a whole.
	stderrMax = 8 << 10
)

var zeros [8]byte

// An output writes records. Its methods may be called by several goroutines,
// which take turns.
//
// Small writes of one stream that follow each other share a record, which stays
// open in the buffer until something else comes or the buffer leaves.
type output struct {
	nc *server.Conn

	turns turns // guards what follows, and is held while it is written
	pool  *[outputBuffer]byte
	large *[largeBuffer]byte // in place of pool
	buf   []byte             // complete records, and perhaps an open one
	open  int                // offset of the open record in buf, or -1
	ended bool               // the end of a response is in buf
	head  record.Header
	err   error
}

// A vector is the memory of what direct writes in one system call.
type vector struct {
	list  net.Buffers
	room  [2 + 3*turn/recordMax][]byte
	heads [turn / recordMax * record.HeaderLen]byte
}

var vectors = sync.Pool{New: func() any { return new(vector) }}

func (o *output) init(nc *server.Conn) {
	o.nc, o.open = nc, -1
	o.turns.init(nc)
}

// stdout writes p to the STDOUT stream of q.
func (o *output) stdout(q *request, p []byte) (int, error) {
	return inTurns(q, p, o.piece)
}

// inTurns writes p with as many calls of write as it takes turns.
func inTurns(q *request, p []byte, write func(q *request, p []byte) (int, error)) (total int, err error) {
	for len(p) > 0 && err == nil {
		var n int
		n, err = write(q, p[:min(len(p), turn)])
		total += n
		p = p[n:]
	}
	return total, err
}

func (o *output) piece(q *request, p []byte) (int, error) {
	if err := o.start(q); err != nil {
		return 0, err
	}
	defer o.turns.give()
	if len(p) >= largeWrite && !o.enlarge(len(p)) {
		return o.direct(record.Stdout, q.id, p)
	}
	return len(p), o.gather(record.Stdout, q.id, p)
}

// gather appends p to the open record, or to a new one.
func (o *output) gather(t record.Type, id uint16, p []byte) error {
	if o.open >= 0 && (o.head.Type != t || o.head.ID != id) {
		o.shut()
	}
	if len(o.buf)+2*record.HeaderLen+len(p) > o.size() {
		if err := o.send(); err != nil {
			return err
		}
	}
	if o.open < 0 {
		o.reserve()
		o.open = len(o.buf)
		o.head = record.Header{Version: record.Version, Type: t, ID: id}
		o.buf = record.AppendHeader(o.buf, o.head)
	}
	o.buf = append(o.buf, p...)
	return nil
}

// shut completes the open record.
func (o *output) shut() {
	if o.open < 0 {
		return
	}
	n := len(o.buf) - o.open - record.HeaderLen
	o.head.Content, o.head.Padding = uint16(n), record.Padding(n)
	record.AppendHeader(o.buf[:o.open], o.head)
	o.buf = append(o.buf, zeros[:o.head.Padding]...)
	o.open = -1
}

// direct writes what is in the buffer and p, in one system call, p from where
// it is.
func (o *output) direct(t record.Type, id uint16, p []byte) (int, error) {
	o.shut()
	v := vectors.Get().(*vector)
	v.list = v.room[:0]
	if len(o.buf) > 0 {
		v.list = append(v.list, o.buf)
	}
	heads := v.heads[:0]
	for rest := p; len(rest) > 0; {
		content := rest[:min(len(rest), recordMax)]
		rest = rest[len(content):]
		h := record.Header{Version: record.Version, Type: t, ID: id, Content: uint16(len(content)), Padding: record.Padding(len(content))}
		start := len(heads)
		heads = record.AppendHeader(heads, h)
		v.list = append(v.list, heads[start:], content)
		if h.Padding > 0 {
			v.list = append(v.list, zeros[:h.Padding])
		}
	}
	_, err := o.nc.WriteBuffers(&v.list)
	clear(v.room[:])
	vectors.Put(v)
	o.empty()
	if o.failed(err) {
		return 0, err
	}
	return len(p), nil
}

// append adds a record of its own to what is gathered.
func (o *output) append(t record.Type, id uint16, content []byte) {
	if o.err != nil {
		return
	}
	o.shut()
	if len(o.buf) > 0 && len(o.buf)+2*record.HeaderLen+len(content) > o.size() {
		if o.send() != nil {
			return
		}
	}
	o.reserve()
	h := record.Header{Version: record.Version, Type: t, ID: id, Content: uint16(len(content)), Padding: record.Padding(len(content))}
	if t == record.Stderr && len(content) > 0 && h.Padding == 0 {
		// HAProxy 2.6.12 crashes when it has received a STDERR record and nothing behind its content.
		h.Padding = uint8(len(zeros))
	}
	o.buf = append(append(record.AppendHeader(o.buf, h), content...), zeros[:h.Padding]...)
}

// stderr writes p to the STDERR stream of q, in records of its own, at once.
func (o *output) stderr(q *request, p []byte) (int, error) {
	return inTurns(q, p, o.log)
}

func (o *output) log(q *request, p []byte) (n int, err error) {
	if err := o.start(q); err != nil {
		return 0, err
	}
	defer o.turns.give()
	for n < len(p) {
		piece := p[n:min(len(p), n+stderrMax)]
		o.append(record.Stderr, q.id, piece)
		if o.err != nil {
			return n, o.err
		}
		q.logged = true
		n += len(piece)
	}
	return n, o.flushLocked()
}

// finish writes what ends a response, all of it together: the ends of its
// streams and END_REQUEST (FastCGI 1.0, section 6.1). It leaves with the next
// response of the same batch, if there is one. After the last of the connection
// the sending side ends.
func (o *output) finish(q *request, e record.End, last bool) error {
	o.turns.take()
	defer o.turns.give()
	if q.logged {
		o.append(record.Stderr, q.id, nil)
	}
	o.append(record.Stdout, q.id, nil)
	var body [8]byte
	o.append(record.EndRequest, q.id, record.AppendEnd(body[:0], e))
	switch {
	case q.conn.follows(q):
		o.ended = len(o.buf) > 0
		return o.err
	case last && o.err == nil:
		return o.sendLast()
	}
	return o.flushLocked()
}

// breakOff writes a record that no web server takes for the end of a response:
// one of version 0, and of no type, since HAProxy looks at that only.
func (o *output) breakOff(q *request) error {
	o.turns.take()
	defer o.turns.give()
	if o.err != nil {
		return o.err
	}
	o.shut()
	o.reserve()
	o.buf = record.AppendHeader(o.buf, record.Header{ID: q.id})
	return o.flushLocked()
}

// flushFor writes what is in the buffer, on behalf of q.
func (o *output) flushFor(q *request) error {
	if err := o.start(q); err != nil {
		return err
	}
	defer o.turns.give()
	return o.flushLocked()
}

// flushEnded writes what is in the buffer, if the end of a response is.
func (o *output) flushEnded() {
	o.turns.take()
	defer o.turns.give()
	if o.ended {
		o.flushLocked()
	}
}

// flushLocked writes what is in the buffer. It is the turn of the caller.
func (o *output) flushLocked() error {
	if o.err != nil {
		return o.err
	}
	o.shut()
	return o.send()
}

func (o *output) send() error {
	o.shut()
	if len(o.buf) > 0 {
		_, err := o.nc.Write(o.buf)
		o.empty()
		o.failed(err)
	}
	return o.err
}

// sendLast is send and the end of the sending side.
func (o *output) sendLast() error {
	o.shut()
	err := o.nc.WriteLast(o.buf)
	o.empty()
	o.failed(err)
	return o.err
}

// failed takes note of the outcome of a write. After one that went wrong the
// peer cannot make out what follows: the connection is closed, which ends the
// contexts of all its requests.
func (o *output) failed(err error) bool {
	if err == nil {
		return false
	}
	o.err = err
	o.nc.Close()
	return true
}
