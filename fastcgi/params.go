package fastcgi

import (
	"errors"
	"fmt"
	"math"
	"net/http"
	"unsafe"

	"github.com/postern-go/postern/internal/record"
)

var errLargeParams = errors.New("fastcgi: variables larger than MaxParams")

// addParams takes a piece of the PARAMS stream. What comes in one piece is
// copied once, into the string that all variables share.
func (q *request) addParams(p []byte) {
	if q.refusal != 0 {
		return
	}
	room := q.conn.paramsRoom(q, len(p))
	switch {
	case room < 0:
		q.refuse(http.StatusRequestHeaderFieldsTooLarge, errLargeParams)
	case q.params == "" && q.more == nil:
		q.params = string(p)
	default:
		q.more = append(q.grown(len(p), room), p...)
	}
}

// refuse settles that q is answered with a status instead of the handler, and
// drops its variables.
func (q *request) refuse(status int, err error) {
	q.refusal, q.params, q.more = int16(status), "", nil
	q.conn.refused(err)
	q.conn.mu.Lock()
	defer q.conn.mu.Unlock()
	q.uncount()
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

// grown returns what has come of the variables, with room for n bytes. It grows
// by doubling, so that all of what it ever took is twice what there is, but by
// no more than may still come.
func (q *request) grown(n, room int) []byte {
	b := q.more
	if need := len(b) + len(q.params) + n; need > cap(b) {
		b = append(make([]byte, 0, need+min(need, room)), b...)
	}
	b = append(b, q.params...)
	q.params = ""
	return b
}

// paramsDone checks the variables. Those that do not parse are refused as a
// whole. It reports whether q is to be answered.
func (q *request) paramsDone() bool {
	if !q.run() {
		return false
	}
	if q.more != nil {
		q.params, q.more = unsafe.String(unsafe.SliceData(q.more), len(q.more)), nil
	}
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
	for rest := paramBytes(q.params); len(rest) > 0; q.pairs++ {
		var name, value []byte
		if name, value, rest, err = record.ParsePair(rest); err != nil {
			return http.StatusBadRequest, err
		}
		if err := limits.Check(int(q.pairs)+1, len(name)+len(value)); err != nil {
			return http.StatusRequestHeaderFieldsTooLarge, fmt.Errorf("fastcgi: %w", err)
		}
	}
	return 0, nil
}

// paramBytes lets the record codec read a string, which it does not change.
func paramBytes(s string) []byte {
	return unsafe.Slice(unsafe.StringData(s), len(s))
}
