package fastcgi

import (
	"os"
	"time"
)

// SetReadDeadline bounds the reads of the body of one request, also one that
// waits, in place of ReadTimeout. The zero time is no bound.
func (q *request) SetReadDeadline(t time.Time) error {
	c := q.conn
	c.mu.Lock()
	defer c.mu.Unlock()
	q.stopAlarm()
	q.ownRead, q.until = true, time.Time{}
	q.late = !t.IsZero() && !t.After(time.Now())
	if !t.IsZero() && !q.late {
		q.alarm = q.alarmAt(t)
	}
	if !t.IsZero() {
		c.giveLead(q)
	}
	c.moved.Broadcast()
	return nil
}

func (q *request) alarmAt(t time.Time) *time.Timer {
	var alarm *time.Timer
	alarm = time.AfterFunc(time.Until(t), func() {
		c := q.conn
		c.mu.Lock()
		defer c.mu.Unlock()
		if q.alarm == alarm {
			q.late = true
			c.moved.Broadcast()
		}
	})
	return alarm
}

func (q *request) stopAlarm() {
	if q.alarm != nil {
		q.alarm.Stop()
		q.alarm = nil
	}
}

// giveLead makes somebody else read the connection, so that a read of the body
// of q can end before one of the connection does.
func (c *conn) giveLead(q *request) {
	switch {
	case c.lead != q:
	case c.reading:
		c.watch = true
		c.interruptLead()
	default:
		c.passOn()
	}
}

// SetWriteDeadline bounds the writes of one request. A write that is cut short
// by it costs the connection; one that comes after it costs the request.
func (q *request) SetWriteDeadline(t time.Time) error {
	o := &q.conn.out
	o.turns.take()
	q.writeBy = nil
	if !t.IsZero() {
		q.writeBy = &t
	}
	o.turns.give()
	return nil
}

// deadlineOf returns the deadline of the writes of q.
func (o *output) deadlineOf(q *request) time.Time {
	o.turns.take()
	defer o.turns.give()
	if q.writeBy == nil {
		return time.Time{}
	}
	return *q.writeBy
}

// start waits for the turn of q and applies its deadline.
func (o *output) start(q *request) error {
	o.turns.take()
	switch {
	case o.err != nil:
		return o.err
	case q.writeBy == nil:
		return nil
	case !q.writeBy.After(time.Now()):
		return os.ErrDeadlineExceeded
	}
	return o.nc.SetWriteDeadline(*q.writeBy)
}

// stop ends the turn of q.
func (o *output) stop(q *request) {
	if q.writeBy != nil {
		o.nc.SetWriteDeadline(time.Time{})
	}
	o.turns.give()
}
