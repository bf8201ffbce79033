package fastcgi

import (
	"strconv"

	"github.com/postern-go/postern/internal/record"
)

// getValues answers GET_VALUES in one record, with what was asked and is known
// (FastCGI 1.0, section 4.1).
func (c *conn) getValues(asked []byte) error {
	var answer []byte
	for len(asked) > 0 {
		name, _, rest, err := record.ParsePair(asked)
		if err != nil {
			return protocolError("GET_VALUES does not parse: " + unprefixed(err))
		}
		asked = rest
		if value := c.value(string(name)); value != "" && len(answer) < record.MaxContent/2 {
			answer = record.AppendPair(answer, string(name), value)
		}
	}
	return c.post(record.AppendRecord(nil, record.GetValuesResult, 0, answer))
}

// value returns what the server says of itself, "" for what it does not know.
func (c *conn) value(name string) string {
	switch name {
	case "FCGI_MAX_CONNS":
		if n := c.srv.MaxConns; n > 0 {
			return strconv.Itoa(n)
		}
	case "FCGI_MAX_REQS":
		return strconv.Itoa(c.srv.announced())
	case "FCGI_MPXS_CONNS":
		if c.srv.announced() > 1 {
			return "1"
		}
		return "0"
	}
	return ""
}

// unknownType answers a management record of a type that is none (FastCGI 1.0,
// section 4.2).
func (c *conn) unknownType(t record.Type) error {
	return c.post(record.AppendRecord(nil, record.UnknownType, 0, record.AppendUnknownType(nil, t)))
}

// beginRequest takes a new request in.
func (c *conn) beginRequest() error {
	b, err := record.ParseBegin(c.input.body)
	if err != nil {
		return malformed(err)
	}
	id := c.input.head.ID
	if c.srv.handler(b.Role) == nil && b.Role != record.Authorizer {
		return c.decline(id, b, record.UnknownRole)
	}
	switch why := c.begin(id, b).(type) {
	case nil, doneError:
	case protocolError:
		return why
	default:
		c.overload(id, b, why)
	}
	return nil
}

// admits reports whether a request may begin at all: not on a connection that
// takes no more, and not with the id of one that is active. The mutex is held.
func (c *conn) admits(id uint16) error {
	switch {
	case c.half:
		return errDone
	case c.activeOf(id) != nil:
		return activeError(id)
	}
	return nil
}

// decline ends a request that never became active.
func (c *conn) decline(id uint16, b record.Begin, why record.ProtocolStatus) error {
	c.mu.Lock()
	err := c.admits(id)
	if err == nil {
		c.begun = true
		c.unread++
		c.last = c.last || b.Flags&record.KeepConn == 0
	}
	c.mu.Unlock()
	switch err {
	case nil:
		return c.post(appendEnd(nil, id, record.End{Status: why}))
	case errDone:
		return nil
	}
	return err
}

// abort ends a request that the web server no longer wants. One that has not
// begun is answered here, the others by their handler (FastCGI 1.0, section
// 5.4).
func (c *conn) abort(q *request) error {
	c.mu.Lock()
	started := q.state != receiving
	if started {
		q.cut(errAborted)
		c.moved.Broadcast()
	} else {
		c.forget(q)
	}
	c.mu.Unlock()
	if started {
		return nil
	}
	return c.post(appendEnd(nil, q.id, record.End{}))
}

// forget makes a request inactive that never ran. Its end is the caller's to
// post. The mutex is held.
func (c *conn) forget(q *request) {
	c.drop(q)
	if !q.keep {
		c.last = true
	}
	c.tells()
}
