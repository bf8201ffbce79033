package fastcgi

import "time"

// SetReadDeadline bounds the reads of the body of one request, also one that
// waits, in place of ReadTimeout. The zero time is no bound.
func (q *request) SetReadDeadline(t time.Time) error {
	c := q.conn
	c.mu.Lock()
	defer c.mu.Unlock()
	q.stopAlarm()
	q.awaited()
	q.ownRead = true
	q.late = !t.IsZero() && !t.After(time.Now())
	if !t.IsZero() && !q.late {
		q.timed().alarm = q.alarmAt(t)
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
		if q.times.alarm == alarm {
			q.late = true
			c.moved.Broadcast()
		}
	})
	return alarm
}

func (q *request) stopAlarm() {
	if t := q.times; t != nil && t.alarm != nil {
		t.alarm.Stop()
		t.alarm = nil
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

// SetWriteDeadline bounds the writes of one request to both of its streams, also
// one that waits. A write that is cut short by it costs the connection; one that
// comes after it, or waits for the writes of others until then, costs the
// request. It does not wait itself. The zero time is no bound but WriteTimeout.
func (q *request) SetWriteDeadline(t time.Time) error {
	c := q.conn
	if t.IsZero() {
		c.out.turns.bound(q, nil)
	} else {
		c.out.turns.bound(q, &t)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.moved.Broadcast() // a Filter may wait to write
	return nil
}

// writesBy is the deadline, the zero time when there is none. It belongs to
// turns, as does the next one.
func (q *request) writesBy() time.Time {
	if q.writeBy == nil {
		return time.Time{}
	}
	return *q.writeBy
}

func (q *request) lateToWrite() bool {
	return q.writeBy != nil && !q.writeBy.After(time.Now())
}

// start waits for the turn of q. Unless it fails, the caller ends the turn.
func (o *output) start(q *request) error {
	if err := o.turns.takeFor(q); err != nil {
		return err
	}
	err := o.err
	if err != nil {
		o.turns.give()
	}
	return err
}
