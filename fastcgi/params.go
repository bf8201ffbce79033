package fastcgi

import (
	"errors"
	"fmt"
	"math"
	"net/http"
	"sync"

	"github.com/postern-go/postern/internal/record"
)

var errLargeParams = errors.New("fastcgi: variables larger than MaxParams")

// paramsBuffer is the size, in bytes, of the memory that PARAMS of ordinary size
// have while their request is answered.
const paramsBuffer = 2 << 10

var paramsBuffers = sync.Pool{New: func() any { return new([paramsBuffer]byte) }}

// addParams takes a piece of the PARAMS stream.
func (q *request) addParams(p []byte) {
	if q.refusal != 0 {
		return
	}
	room := q.conn.paramsRoom(q, len(p))
	if room < 0 {
		q.refuse(http.StatusRequestHeaderFieldsTooLarge, errLargeParams)
		return
	}
	q.params = append(grown(q.params, len(p), room), p...)
}

// refuse settles that q is answered with a status instead of the handler, and
// drops its variables.
func (q *request) refuse(status int, err error) {
	q.refusal, q.params = int16(status), nil
	q.conn.refused(err)
	q.conn.mu.Lock()
	defer q.conn.mu.Unlock()
	q.uncount()
}

// releaseParams lets go of the variables: Run has returned.
func (q *request) releaseParams() {
	if cap(q.params) == paramsBuffer {
		paramsBuffers.Put((*[paramsBuffer]byte)(q.params[:paramsBuffer]))
	}
	q.params = nil
}

// paramsRoom counts n more bytes of variables, if they are within the limit, and
// returns how many more there may be: less than none when they are not.
func (c *conn) paramsRoom(q *request, n int) int {
	limit := c.srv.maxParams()
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case q.state != receiving:
		return 0 // it has ended, and what is left of the record goes nowhere
	case limit > 0 && c.params+n > limit:
		return -1
	}
	c.params += n
	q.size += n
	if limit == 0 {
		return math.MaxInt
	}
	return limit - c.params
}

// grown returns b with room for n bytes. The first piece gets a buffer of the pool,
// unless that would be much more than it needs, or too little. After it, b grows
// by doubling, so that all of what it ever took is twice what there is, but by no
// more than may still come.
func grown(b []byte, n, room int) []byte {
	need := len(b) + n
	switch {
	case b == nil && n >= paramsBuffer/8 && n <= paramsBuffer:
		return paramsBuffers.Get().(*[paramsBuffer]byte)[:0]
	case b == nil || need <= cap(b):
		return b
	}
	return append(make([]byte, 0, need+min(need, room)), b...)
}

// paramsDone checks the variables. Those that do not parse are refused as a
// whole. It reports whether q is to be answered.
func (q *request) paramsDone() bool {
	if !q.run() {
		return false
	}
	q.whole = true
	if status, err := q.checkParams(); err != nil {
		q.refuse(status, err)
	} else if q.filter != nil && q.refusal == 0 {
		q.filterParams()
	}
	return true
}

// run settles that q is to be answered, unless it has ended.
func (q *request) run() bool {
	c := q.conn
	c.mu.Lock()
	defer c.mu.Unlock()
	if q.state != receiving {
		return false
	}
	q.uncount()
	q.state = running
	return true
}

// uncount makes room for other variables. The mutex of the connection is held.
func (q *request) uncount() {
	q.conn.params -= q.size
	q.size = 0
}

func (q *request) checkParams() (status int, err error) {
	limits := q.conn.srv.params()
	n := 0
	for rest := q.params; len(rest) > 0; {
		name, _, end, err := record.SplitPair(rest)
		if err != nil {
			return http.StatusBadRequest, err
		}
		n++
		if err := limits.Check(n, end-name); err != nil {
			return http.StatusRequestHeaderFieldsTooLarge, fmt.Errorf("fastcgi: %w", err)
		}
		rest = rest[end:]
	}
	return 0, nil
}
