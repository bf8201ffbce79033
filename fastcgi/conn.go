package fastcgi

import (
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/postern-go/postern/internal/record"
	"github.com/postern-go/postern/internal/server"
)

// A conn is one connection from a web server.
//
// One goroutine at a time has the lead: it alone reads, and it alone touches
// input. That is the goroutine of loop, until it runs a handler itself. Then
// the lead belongs to that request: who reads its body reads the connection.
// When the handler should be watched, or shares the connection, the lead passes
// to a new goroutine of loop, and the old one ends with its handler.
type conn struct {
	srv   *Server
	nc    *server.Conn
	input input
	out   output

	mu         sync.Mutex
	moved      sync.Cond    // signalled when any of what follows changes
	active     []*request   // from BEGIN_REQUEST to END_REQUEST
	ending     int          // requests whose END_REQUEST is being written
	batch      *batch       // requests that wait for the one that has the lead; nil before there were any
	params     int          // bytes of variables of requests that do not have all of theirs
	refusals   int          // requests in input.refused
	posted     []byte       // what waits in post
	posting    bool         // somebody sends that
	lead       *request     // the request that has the lead; nil: loop has it
	reading    bool         // somebody reads for lead
	regains    bool         // who reads for lead is to stop, and is interrupted
	full       *stream      // what must be read before reading goes on
	read       time.Time    // when a handler has last read of a body, since one was last answered
	begun      bool         // the first request has begun
	overloaded bool         // overload has been logged
	watch      bool         // lead is to be given up as soon as nobody reads for it
	last       bool         // the connection ends with the requests under way
	parting    bool         // it was kept, and ends without the peer's knowledge
	unread     int          // streams whose end had not come when their request was answered, nor since
	announced  int64        // what is still to come of those, in bytes, as far as it is known
	half       bool         // the sending side is closed
	heard      time.Time    // until when the peer is heard out, with half
	eof        bool         // nothing more will arrive
	handler    server.Watch // of lead

	// See clock.go.
	clock *time.Timer
	rings time.Time // when the clock does; zero: it is not set
	idle  time.Time // since when nothing has come, while nothing is under way
	told  time.Time // since when nothing of what the connection has to say has been taken
	stuck time.Time // since when a record has come in part; zero: none has
	over  bool      // nobody reads any more

	latest  atomic.Pointer[request] // the one that began last, while it is active
	waiting atomic.Bool             // who reads waits for the peer to send
	reads   atomic.Uint64           // that have waited
	blocked bool                    // who reads waits for the peer to read
}

func (s *Server) handle(nc *server.Conn) {
	c := &conn{srv: s, nc: nc}
	c.moved.L = &c.mu
	c.out.init(nc)
	nc.SetOwner(c)
	nc.Watch(&c.handler, c.overdue)
	c.loop()
}

// loop reads requests and answers them, until the lead is lost or the
// connection ends.
func (c *conn) loop() {
	for {
		q, err := c.next()
		if err != nil {
			c.ended(err)
			return
		}
		if !c.answer(q) {
			return
		}
		if q.keep && c.input.r == c.input.w && !c.input.batch {
			c.nc.Yield()
		}
	}
}

// next returns the next request that is to be answered by this goroutine, with
// the lead.
func (c *conn) next() (*request, error) {
	for {
		if c.input.batch {
			if q := c.nextOfBatch(); q != nil {
				return q, nil
			}
		}
		_, err := c.advance(nil)
		switch q := c.dispatch(err == nil); {
		case q != nil:
			return q, nil
		case err != nil:
			return nil, err
		case c.input.batch:
			continue
		}
		if !c.between() {
			return nil, errDone
		}
		if err := c.more(); err != nil {
			return nil, err
		}
	}
}

// dispatch starts the requests that are ready. If the caller can run some, the
// one that has the connection for itself is returned instead, with the lead;
// others may be left to it as a batch.
func (c *conn) dispatch(inline bool) *request {
	ready := c.input.ready
	if len(ready) == 0 {
		return nil
	}
	c.input.ready = ready[:0]
	if q := ready[0]; inline && len(ready) == 1 {
		ready[0] = nil // before another goroutine may take the lead, and c.input with it
		if c.leads(q) {
			return q
		}
		ready[0] = q
	}
	defer clear(ready)
	rest := ready
	if inline && c.srv.brisk.expected() {
		rest = c.gather(rest)
	}
	for _, q := range rest {
		go c.answer(q)
	}
	return nil
}

// leads gives q the lead, if it is the only request under way.
func (c *conn) leads(q *request) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.alone(q) {
		return false
	}
	c.takeLead(q)
	return true
}

// takeLead gives q the lead. The mutex is held.
func (c *conn) takeLead(q *request) {
	c.lead, c.watch = q, false
	c.handler.Begin()
}

// alone reports whether q is the only request under way. The mutex is held.
func (c *conn) alone(q *request) bool {
	return len(c.active) == 1 && c.active[0] == q
}

// regain takes the lead back from q, which has it and has been answered. A read of
// its body that still waits is interrupted. It returns false when the lead has
// passed on meanwhile. The mutex is held.
func (c *conn) regain(q *request) bool {
	c.handler.End()
	for c.interruptLead(); c.reading && c.lead == q; {
		c.moved.Wait()
	}
	if c.lead != q {
		return false
	}
	c.lead = nil
	return true
}

// interruptLead ends the read for the request that has the lead, if there is
// one. Who reads takes the interruption back. The mutex is held.
func (c *conn) interruptLead() {
	if c.reading && !c.regains {
		c.regains = true
		c.nc.Interrupt()
	}
}

// overdue passes the lead of a handler on that has not given it back in time.
func (c *conn) overdue() {
	c.nc.PassRight(true)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.batched() {
		c.srv.brisk.blocked()
		c.scatter()
	}
	if !c.reading {
		c.passOn()
	}
}

// watchFor makes sure that somebody reads while q is answered.
func (c *conn) watchFor(q *request) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.watchBeside(q)
}

// watchBeside is watchFor with the mutex held.
func (c *conn) watchBeside(q *request) {
	switch {
	case c.lead != q:
	case c.reading:
		c.watch = true
	default:
		c.passOn()
	}
}

// passOn starts a goroutine that takes the lead, if a request has it: also one
// that has been answered, since its end may wait for the peer to read.
func (c *conn) passOn() {
	if c.lead != nil {
		c.lead = nil
		c.moved.Broadcast()
		if c.batched() {
			go c.out.flushEnded() // what was answered does not wait for this one
		}
		go c.loop()
	}
}

// readStream reads the connection for a stream of the request that has the
// lead. The mutex is held on entry and on return.
func (c *conn) readStream(s *stream, p []byte) int {
	c.reading = true
	c.mu.Unlock()
	n, err := c.streamInto(s, p)
	if err != nil {
		c.failed(err)
	}
	c.mu.Lock()
	c.reading = false
	s.read(n)
	c.moved.Broadcast()
	if c.regains {
		c.regains = false
		c.resume()
	}
	switch {
	case s.q.state == answered:
	case c.watch:
		c.passOn()
	default:
		c.handler.Begin()
	}
	return n
}

// streamInto takes bytes of s straight from the connection. It returns 0 when
// something else has changed for s.
func (c *conn) streamInto(s *stream, p []byte) (int, error) {
	for {
		held, err := c.advance(s)
		c.dispatch(false)
		switch {
		case err != nil:
			return 0, err
		case held:
			return c.takeContent(p)
		case s.settled():
			return 0, nil
		}
		if err := c.more(); err != nil {
			return 0, err
		}
	}
}

// find returns the active request of an id, or nil.
func (c *conn) find(id uint16) *request {
	if q := c.latest.Load(); q != nil && q.id == id {
		return q
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.activeOf(id)
}

// activeOf is find with the mutex held.
func (c *conn) activeOf(id uint16) *request {
	for _, q := range c.active {
		if q.id == id {
			return q
		}
	}
	return nil
}

// begin makes a request active, or says why it is refused. Where answers that
// the peer does not take are all that is in the way, it waits for them.
func (c *conn) begin(id uint16, b record.Begin) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.begun = true
	room := c.srv.maxRequests()
	c.blocked = true
	for len(c.active) < room && len(c.active)+c.ending >= room {
		c.moved.Wait()
	}
	c.blocked = false
	if err := c.admits(id); err != nil {
		return err
	}
	switch {
	case len(c.active) > 0 && c.srv.announced() == 1:
		return errUnshared
	case len(c.active) >= room:
		return errOverloaded
	case len(c.active)+c.ending+c.refusals > 0 && c.srv.leaving():
		return errLeaving
	case !c.srv.loop.Take():
		return server.ErrOverloaded
	}
	c.nc.Begin()
	q := newRequest(c, id, b)
	c.active = append(c.active, q)
	c.latest.Store(q)
	return nil
}

// drop makes q inactive, and lets go of what it holds. The mutex is held.
func (c *conn) drop(q *request) {
	i := slices.Index(c.active, q)
	c.active = slices.Delete(c.active, i, i+1)
	c.latest.CompareAndSwap(q, nil)
	q.uncount()
	q.stopAlarm()
	q.eachStream(func(s *stream) {
		if !s.ended {
			c.leaves(s)
		}
		s.held.Close()
	})
	q.state, c.read = answered, time.Time{}
	c.srv.loop.Done()
	c.moved.Broadcast()
}

// protocolError is what a peer did that the connection cannot survive.
type protocolError string

func (e protocolError) Error() string { return "fastcgi: " + string(e) }

// malformed is the protocolError of a record that does not parse.
func malformed(err error) error { return protocolError(unprefixed(err)) }

// unprefixed takes off the prefix that the codec has put in front.
func unprefixed(err error) string { return strings.TrimPrefix(err.Error(), "fastcgi: ") }

// doneError ends the loop of a connection that has been closed in good order.
type doneError struct{}

func (doneError) Error() string { return "fastcgi: connection is done" }

var errDone error = doneError{}
