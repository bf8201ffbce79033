package fastcgi

import (
	"fmt"
	"sync"
	"time"

	"github.com/postern-go/postern/internal/record"
)

// inputBuffer is the size of a connection's read buffer, in bytes.
const inputBuffer = 16 << 10

var inputBuffers = sync.Pool{New: func() any { return new([inputBuffer]byte) }}

// An input takes records apart as their bytes arrive. It belongs to who has the
// lead.
type input struct {
	buf     []byte
	r, w    int   // buf[r:w] has arrived and is not yet taken
	came    int64 // bytes that have arrived, but for those of reads for a handler
	dropped int64 // bytes of streams of requests that were answered before; see conn.announced
	drainTo int64 // what came may be at most; 0: while there is something to read for
	err     error

	inside bool // between the header of a record and its end
	stuck  bool // conn.stuck is set, for this record
	unread bool // this is a record of a stream whose request was answered before
	again  bool // head is the same as the one before
	use    use
	pad    uint8 // padding bytes to come
	head   record.Header
	left   int      // content bytes to come
	target *request // the active request of head.ID, while it has a use
	stream *stream  // its stream that takes the content, with useStream
	full   *stream  // what must be read before content can be taken
	body   []byte   // gathered content

	ready    []*request // requests whose PARAMS are complete
	batch    bool       // conn.batch may have some to answer
	refused  idSet      // requests that there is no room for, until their PARAMS are complete
	unshared idSet      // those of them that there would have been room for without another
}

// A use is what becomes of the content of a record.
type use uint8

const (
	// useNone: it is dropped.
	useNone use = iota
	// useGather: it is looked at when it is complete.
	useGather
	// useParams: it goes to the variables of target.
	useParams
	// useStream: it goes to stream.
	useStream
	// useRefused: it ends a request that there was no room for.
	useRefused
)

// release gives the buffer back, unless it is a larger one.
func (in *input) release() {
	if len(in.buf) == inputBuffer {
		inputBuffers.Put((*[inputBuffer]byte)(in.buf))
	}
	in.buf, in.r, in.w = nil, 0, 0
}

// arrived returns what has arrived and is not yet taken. A read that was
// interrupted may have left no buffer, also inside a record.
func (in *input) arrived() []byte {
	if in.buf == nil {
		return nil
	}
	return in.buf[in.r:in.w]
}

// more does what must happen before advance can go on.
func (c *conn) more() error {
	if s := c.input.full; s != nil {
		c.input.full = nil
		return c.awaitRoom(s)
	}
	return c.fill()
}

// fill reads once. It is called when everything that arrived has been taken as
// far as it goes. While there is nothing to read, the connection has no buffer.
func (c *conn) fill() error {
	n, err := c.nc.ReadLent(c)
	if c.waiting.Load() {
		c.waiting.Store(false)
		c.reads.Add(1)
	}
	c.input.w += n
	c.input.came += int64(n)
	if n > 0 {
		return nil
	}
	return err
}

// Lend returns the free part of the buffer.
func (c *conn) Lend() []byte {
	in := &c.input
	if in.buf == nil {
		in.buf = inputBuffers.Get().(*[inputBuffer]byte)[:]
	}
	if in.r > 0 {
		in.w = copy(in.buf, in.buf[in.r:in.w])
		in.r = 0
	}
	return in.buf[in.w:]
}

// Return gives the buffer back when nothing is in it, and one that is too large
// for what is.
func (c *conn) Return() {
	in := &c.input
	switch rest := in.buf[in.r:in.w]; {
	case len(rest) == 0:
		in.release()
	case len(in.buf) > inputBuffer && len(rest) < inputBuffer:
		in.release()
		in.w = copy(c.Lend(), rest)
	}
}

// Waits begins the times for what there is to wait for. It must not wait for the
// mutex: who closes the connection may hold that until the read has ended.
func (c *conn) Waits() {
	now, mid, n := time.Now(), c.midRecord(), c.reads.Load()
	c.input.stuck = c.input.stuck || mid
	c.waiting.Store(true)
	if c.mu.TryLock() {
		c.waits(now, mid)
		c.mu.Unlock()
		return
	}
	go func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.waits(now, mid && c.reads.Load() == n)
	}()
}

// advance takes what has arrived, record by record. It stops, held, at bytes of
// s; with nil, at those for a request that is ready and alone, which will best
// take them itself.
func (c *conn) advance(s *stream) (held bool, err error) {
	in := &c.input
	if in.err != nil {
		return false, in.err
	}
	for {
		if !in.inside {
			if in.w-in.r < record.HeaderLen {
				return false, nil
			}
			if err := c.startRecord(); err != nil {
				return false, err
			}
		}
		if c.holds(s) {
			return true, nil
		}
		if whole, err := c.takeRecord(); !whole || err != nil {
			return false, err
		}
	}
}

// holds reports whether the next bytes are those of a stream that stay where
// they are.
func (c *conn) holds(s *stream) bool {
	in := &c.input
	if in.use != useStream || in.left == 0 {
		return false
	}
	if s != nil {
		return in.stream == s
	}
	if len(in.ready) != 1 || in.ready[0] != in.target {
		return false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.alone(in.target)
}

// takeRecord takes what has arrived of the record at hand, and reports whether
// that was all of it.
func (c *conn) takeRecord() (whole bool, err error) {
	in := &c.input
	if in.left > 0 || in.use != useNone {
		p := in.arrived()
		n, err := c.content(p[:min(len(p), in.left)])
		in.r += n
		in.left -= n
		if in.unread {
			in.dropped += int64(n)
		}
		if in.left > 0 || err != nil {
			return false, err
		}
		if err := c.endContent(); err != nil {
			return false, err
		}
	}
	n := min(int(in.pad), in.w-in.r)
	in.r += n
	in.pad -= uint8(n)
	in.inside = in.pad > 0
	if in.stuck && !in.inside {
		c.unstick()
	}
	return !in.inside, nil
}

// startRecord takes a record header and decides what becomes of the content.
func (c *conn) startRecord() error {
	in := &c.input
	h, err := record.ParseHeader(in.buf[in.r:in.w])
	if err != nil {
		return malformed(err)
	}
	in.r += record.HeaderLen
	in.inside, in.again, in.head, in.left, in.pad = true, h == in.head, h, int(h.Content), h.Padding
	if in.body = in.body[:0]; cap(in.body) > 1<<10 {
		in.body = nil
	}
	in.use, in.target, in.stream, in.unread = useNone, nil, nil, false
	if in.stuck && !c.midRecord() {
		c.unstick() // only its header was waited for
	}
	if h.ID == 0 {
		return c.startManagement(h)
	}
	return c.startApplication(h)
}

func (c *conn) startManagement(h record.Header) error {
	in := &c.input
	switch {
	case h.Type == record.GetValues:
		in.use = useGather
		return nil
	case h.Type >= record.BeginRequest && h.Type <= record.Data:
		return protocolError(fmt.Sprintf("%v record with request id 0", h.Type))
	}
	return c.unknownType(h.Type)
}

// startApplication handles the records of a request. Without an active request
// all but BEGIN_REQUEST are ignored (FastCGI 1.0, section 3.3).
func (c *conn) startApplication(h record.Header) error {
	in := &c.input
	if in.refused.has(h.ID) {
		return c.startRefused(h)
	}
	if h.Type == record.BeginRequest {
		in.use = useGather
		if h.Content != record.HeaderLen {
			return protocolError(fmt.Sprintf("BEGIN_REQUEST of %d bytes", h.Content))
		}
		return nil
	}
	q := c.find(h.ID)
	in.target = q
	switch {
	case q == nil:
		in.unread = h.Type == record.Stdin || h.Type == record.Data
		if in.unread && h.Content == 0 {
			c.endUnread()
		}
	case h.Type == record.AbortRequest:
		in.use = useGather
	case h.Type == record.Params && !q.whole:
		in.use = useParams
	case h.Type == record.Stdin:
		in.use, in.stream = useStream, &q.stdin
	case h.Type == record.Data && q.filter != nil:
		in.use, in.stream = useStream, &q.filter.data
		return q.dataInOrder()
	}
	return nil
}

func activeError(id uint16) error {
	return protocolError(fmt.Sprintf("BEGIN_REQUEST of request %d, which is active", id))
}

// content takes some bytes of the record at hand and returns how many: all of
// them, unless in.full says who is in the way.
func (c *conn) content(p []byte) (int, error) {
	in := &c.input
	if len(p) == 0 {
		return 0, nil
	}
	switch in.use {
	case useGather:
		in.body = append(in.body, p...)
	case useParams:
		in.target.addParams(p)
	case useStream:
		n, err := in.stream.add(p)
		if n < len(p) {
			in.full = in.stream
		}
		return n, err
	}
	return len(p), nil
}

// endContent acts on a record whose content is complete.
func (c *conn) endContent() error {
	in := &c.input
	end := in.head.Content == 0
	was, q, s := in.use, in.target, in.stream
	in.use, in.target, in.stream = useNone, nil, nil
	switch {
	case in.head.Type == record.BeginRequest && was == useGather:
		return c.beginRequest()
	case in.head.Type == record.AbortRequest && was == useGather:
		return c.abort(q)
	case in.head.Type == record.GetValues && was == useGather:
		return c.getValues(in.body)
	case was == useRefused:
		return c.endRefused(in.head)
	case was == useParams && end && q.paramsDone():
		in.ready = append(in.ready, q)
	case was == useStream && end:
		s.end()
	}
	return nil
}
