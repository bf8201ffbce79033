package gateway

import (
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/postern-go/postern/headers"
)

// originMode writes HTTP/1.1 (RFC 9112) to the client itself.
type originMode struct{}

func (originMode) informational(r *response, code int) {
	if !r.http11 {
		return
	}
	if code == http.StatusContinue {
		r.run.body.continued()
	}
	var room [8]string
	b := append(make([]byte, 0, 256), "HTTP/1.1 "...)
	b = appendStatus(b, code)
	b = r.appendFields(b, r.names(room[:0]), func(_ *response, name string) bool { return headers.IsHopByHop(name) })
	r.fields = fields{}
	r.send(append(b, '\r', '\n'))
	r.flush()
}

func (originMode) final(_ *response, code int) int {
	return code
}

func (m originMode) appendHead(b []byte, r *response) []byte {
	version := "HTTP/1.1 "
	if !r.http11 {
		version = "HTTP/1.0 "
	}
	var room [8]string
	b = append(b, version...)
	b = appendStatus(b, int(r.status))
	return r.appendFields(b, r.names(room[:0]), m.skip)
}

// skip leaves out what the engine says itself about the connection. Upgrade
// and its Connection pass with a 101, Trailer with the chunks it announces.
func (originMode) skip(r *response, name string) bool {
	switch {
	case equalFold(name, "Connection"):
		r.fields.close = r.fields.close || hasToken(r.header[name], "close")
		return r.status != http.StatusSwitchingProtocols
	case equalFold(name, "Upgrade") && (r.status == http.StatusSwitchingProtocols || r.status == http.StatusUpgradeRequired):
		return false
	case equalFold(name, "Trailer"):
		r.announce(r.header[name])
		return false
	case headers.IsHopByHop(name):
		r.run.logf("gateway: hop-by-hop header %s of the handler dropped", name)
		return true
	}
	return false
}

func (m originMode) appendTail(b []byte, r *response, first []byte) []byte {
	m.frame(r)
	b = r.appendEntity(b, first)
	if !r.fields.date {
		b = append(b, "Date: "...)
		b = append(b, now()...)
		b = append(b, '\r', '\n')
	}
	if s := r.run.engine.ServerSoftware; s != "" && !r.fields.server {
		b = append(b, "Server: "...)
		b = appendValue(b, s)
		b = append(b, '\r', '\n')
	}
	if r.chunked {
		b = append(b, "Transfer-Encoding: chunked\r\n"...)
	}
	b = m.appendConnection(b, r)
	return append(b, '\r', '\n')
}

// frame decides how the end of the body shows: by its length, by chunks, or,
// for a client of HTTP/1.0, by the end of the connection.
func (m originMode) frame(r *response) {
	switch {
	case r.head || r.bodiless || r.length >= 0:
	case r.http11 && !r.fields.identity:
		r.chunked = true
	default:
		r.closing = true
	}
	r.closing = r.closing || r.fields.close || r.onlyOnce || r.run.body.inTheWay(maxUnread)
}

// maxUnread is how much of a request body, in bytes, is worth reading for the
// sake of the next request on the connection. It is that of net/http.
const maxUnread = 256 << 10

func (originMode) appendConnection(b []byte, r *response) []byte {
	switch {
	case r.status == http.StatusSwitchingProtocols:
	case r.closing:
		if p, ok := r.run.exchange.(Persister); ok {
			p.CloseAfter()
		}
		if r.http11 || r.fields.close {
			b = append(b, "Connection: close\r\n"...)
		}
	case !r.http11:
		b = append(b, "Connection: keep-alive\r\n"...)
	}
	return b
}

func (originMode) sendBody(r *response, block []byte) {
	if !r.chunked {
		r.send(block)
		return
	}
	var room [24]byte
	r.send(append(strconv.AppendInt(room[:0], int64(len(block)), 16), '\r', '\n'))
	r.send(block)
	r.send(crlf)
}

var crlf = []byte("\r\n")

// end writes the last chunk and the trailers.
func (originMode) end(r *response) {
	if !r.chunked {
		return
	}
	b := append(r.buf.head[:0], "0\r\n"...)
	b = r.appendTrailers(b)
	r.buf.head = append(b, '\r', '\n')
	r.send(r.buf.head)
}

func hasToken(values []string, token string) bool {
	for _, list := range values {
		for item := range strings.SplitSeq(list, ",") {
			if strings.EqualFold(strings.TrimSpace(item), token) {
				return true
			}
		}
	}
	return false
}

// A stamp is a Date value and the second it is of.
type stamp struct {
	second int64
	text   string
}

var lastStamp atomic.Pointer[stamp]

// now returns the time as the Date field has it, made once a second.
func now() string {
	t := time.Now()
	if s := lastStamp.Load(); s != nil && s.second == t.Unix() {
		return s.text
	}
	s := &stamp{t.Unix(), t.UTC().Format(http.TimeFormat)}
	lastStamp.Store(s)
	return s.text
}
