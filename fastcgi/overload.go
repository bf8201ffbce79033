package fastcgi

import (
	"errors"

	"github.com/postern-go/postern/internal/record"
)

// Why a request is refused, beside server.ErrOverloaded.
var (
	errOverloaded = errors.New("fastcgi: too many requests under way on the connection")
	errUnshared   = errors.New("fastcgi: too many requests under way on the connection, where there is room for one")
	errLeaving    = errors.New("fastcgi: server is shutting down, and others are under way on the connection")
)

// An idSet is a set of request ids: 8 KiB, or nothing while it is empty.
type idSet struct {
	bits *[1 << 16 / 64]uint64
	len  int
}

func (s *idSet) has(id uint16) bool {
	return s.len > 0 && s.bits[id/64]>>(id%64)&1 == 1
}

// add puts in an id that is not there.
func (s *idSet) add(id uint16) {
	if s.bits == nil {
		s.bits = new([1 << 16 / 64]uint64)
	}
	s.bits[id/64] |= 1 << (id % 64)
	s.len++
}

// remove takes out an id that is there.
func (s *idSet) remove(id uint16) {
	s.bits[id/64] &^= 1 << (id % 64)
	if s.len--; s.len == 0 {
		s.bits = nil
	}
}

// overload takes note of a request that there is no room for. Before its
// variables are complete nothing may be sent (FastCGI 1.0, section 6.2); until
// then it is no more than a bit.
func (c *conn) overload(id uint16, b record.Begin, why error) {
	c.input.refused.add(id)
	if why == errUnshared {
		c.input.unshared.add(id)
	}
	c.mu.Lock()
	c.begun = true
	c.refusals++
	if b.Flags&record.KeepConn == 0 {
		c.last = true
	}
	first := !c.overloaded
	c.overloaded = true
	c.mu.Unlock()
	if first {
		c.refused(why)
	}
}

// startRefused handles the records of a request that there was no room for.
func (c *conn) startRefused(h record.Header) error {
	switch {
	case h.Type == record.BeginRequest:
		return activeError(h.ID)
	case h.Type == record.Params && h.Content == 0, h.Type == record.AbortRequest:
		c.input.use = useRefused
	}
	return nil
}

// endRefused answers a request that there was no room for: with a page, since
// that alone makes every web server tell its client, and with FCGI_OVERLOADED,
// or FCGI_CANT_MPX_CONN where it was the one room that was taken. One that the
// web server has aborted gets an end only.
func (c *conn) endRefused(h record.Header) error {
	var b []byte
	e := record.End{Status: record.Overloaded}
	if c.input.unshared.has(h.ID) {
		c.input.unshared.remove(h.ID)
		e.Status = record.CantMpxConn
	}
	if h.Type == record.Params {
		b = record.AppendRecord(b, record.Stdout, h.ID, c.srv.overloaded)
		b = record.AppendRecord(b, record.Stdout, h.ID, nil)
	}
	c.input.refused.remove(h.ID)
	c.mu.Lock()
	c.refusals--
	c.unread++ // unless all of it came early
	c.mu.Unlock()
	return c.post(appendEnd(b, h.ID, e))
}
