package fastcgi_test

import (
	"fmt"
	"io"
	"net"
	"strings"

	"github.com/postern-go/postern/internal/record"
	"github.com/stretchr/testify/require"
)

// A msg is a record as it is sent and as it is expected.
type msg struct {
	Type    record.Type
	ID      uint16
	Content string
}

func (r msg) append(b []byte) []byte {
	return record.AppendRecord(b, r.Type, r.ID, []byte(r.Content))
}

func (r msg) String() string {
	return fmt.Sprintf("{%v %d %q}", r.Type, r.ID, r.Content)
}

func bytesOf(records ...msg) (b []byte) {
	for _, r := range records {
		b = r.append(b)
	}
	return b
}

func beginAs(id uint16, role record.Role, flags uint8) msg {
	return msg{record.BeginRequest, id, string(record.AppendBegin(nil, record.Begin{Role: role, Flags: flags}))}
}

// begin begins a request whose connection is kept; beginLast one whose is not.
func begin(id uint16) msg     { return beginAs(id, record.Responder, record.KeepConn) }
func beginLast(id uint16) msg { return beginAs(id, record.Responder, 0) }

func params(id uint16, s string) msg { return msg{record.Params, id, s} }
func stdin(id uint16, s string) msg  { return msg{record.Stdin, id, s} }
func stdout(id uint16, s string) msg { return msg{record.Stdout, id, s} }
func stderr(id uint16, s string) msg { return msg{record.Stderr, id, s} }
func abort(id uint16) msg            { return msg{record.AbortRequest, id, ""} }

func finAs(id uint16, app uint32, status record.ProtocolStatus) msg {
	return msg{record.EndRequest, id, string(record.AppendEnd(nil, record.End{App: app, Status: status}))}
}

func fin(id uint16, app uint32) msg { return finAs(id, app, record.RequestComplete) }

// pairs encodes names and values in turn.
func pairs(s ...string) string {
	var b []byte
	for i := 0; i < len(s); i += 2 {
		b = record.AppendPair(b, s[i], s[i+1])
	}
	return string(b)
}

// vars are the variables of a request, with others added.
func vars(method string, more ...string) string {
	return pairs("REQUEST_METHOD", method, "REQUEST_URI", "/", "SERVER_PROTOCOL", "HTTP/1.1", "HTTP_HOST", "h.test") + pairs(more...)
}

// get is a whole request without a body, on a connection that is kept.
func get(id uint16) []msg {
	return []msg{begin(id), params(id, vars("GET", "CONTENT_LENGTH", "")), params(id, ""), stdin(id, "")}
}

// getLast is the same on a connection that is not kept.
func getLast(id uint16) []msg {
	return append([]msg{beginLast(id)}, get(id)[1:]...)
}

// post is a request up to its body of n bytes.
func post(id uint16, n int) []msg {
	return []msg{begin(id), params(id, vars("POST", "CONTENT_LENGTH", fmt.Sprint(n))), params(id, "")}
}

func postLast(id uint16, n int) []msg {
	return append([]msg{beginLast(id)}, post(id, n)[1:]...)
}

func page(body string) string {
	return fmt.Sprintf("Status: 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: %d\r\n\r\n%s", len(body), body)
}

// answer is a whole answer with a small body.
func answer(id uint16, body string) []msg {
	return []msg{stdout(id, page(body)), stdout(id, ""), fin(id, 0)}
}

// A client plays the web server on one connection.
type client struct {
	*world
	net.Conn
}

// send sends records, together.
func (p *client) send(records ...msg) {
	p.Helper()
	p.raw(bytesOf(records...))
}

// sendAll sends lists of records, together.
func (p *client) sendAll(lists ...[]msg) {
	p.Helper()
	var b []byte
	for _, l := range lists {
		b = append(b, bytesOf(l...)...)
	}
	p.raw(b)
}

func (p *client) raw(b []byte) {
	p.Helper()
	_, err := p.Write(b)
	require.NoError(p, err)
}

// padded returns the bytes of a record as the server sends it. One of STDERR
// always has padding behind its content, for HAProxy 2.6.12.
func padded(m msg) []byte {
	b := bytesOf(m)
	if m.Type == record.Stderr && m.Content != "" && b[6] == 0 {
		b[6] = 8
		b = append(b, make([]byte, 8)...)
	}
	return b
}

// next reads a record. Padding and reserved bytes have to be zero, and the
// record to end on a multiple of 8 bytes.
func (p *client) next() (msg, error) {
	var head [record.HeaderLen]byte
	if _, err := io.ReadFull(p, head[:]); err != nil {
		return msg{}, err
	}
	h, err := record.ParseHeader(head[:])
	if err != nil {
		return msg{}, err
	}
	content := make([]byte, int(h.Content)+int(h.Padding))
	if _, err := io.ReadFull(p, content); err != nil {
		return msg{}, err
	}
	text := string(content[:h.Content])
	if again := padded(msg{h.Type, h.ID, text}); string(again) != string(head[:])+string(content) {
		return msg{}, fmt.Errorf("record with header %q and padding %q", head, content[h.Content:])
	}
	return msg{h.Type, h.ID, text}, nil
}

// want expects these records next.
func (p *client) want(why string, records ...msg) {
	p.Helper()
	for _, want := range records {
		got, err := p.next()
		require.NoError(p, err, "%s: want %v", why, want)
		require.Equal(p, want.String(), got.String(), why)
	}
}

// wantIdle expects nothing: the next thing sent is the answer to a question.
func (p *client) wantIdle(why string) {
	p.Helper()
	p.send(getValues("FCGI_MPXS_CONNS"))
	p.want(why, valuesResult("FCGI_MPXS_CONNS", "1"))
}

// wantClosed expects the end of the connection.
func (p *client) wantClosed(why string) {
	p.Helper()
	got, err := p.next()
	require.Equal(p, io.EOF, err, "%s: got %v", why, got)
}

// wantBroken expects the record that breaks an exchange off, and the end.
func (p *client) wantBroken(why string) {
	p.Helper()
	rest, err := io.ReadAll(p)
	require.NoError(p, err, why)
	require.Len(p, rest, record.HeaderLen, "%s: %q", why, rest)
	require.Zero(p, rest[0], "%s: the version", why)
}

// streams collects what comes up to and with END_REQUEST of a request that has
// the connection for itself.
func (p *client) streams(why string, id uint16) (out, log string, last msg) {
	p.Helper()
	var outText, logText strings.Builder
	for {
		r, err := p.next()
		require.NoError(p, err, why)
		require.Equal(p, id, r.ID, why)
		switch r.Type {
		case record.Stdout:
			outText.WriteString(r.Content)
		case record.Stderr:
			logText.WriteString(r.Content)
		default:
			return outText.String(), logText.String(), r
		}
	}
}

// answers collects STDOUT of requests that may come in turns, until n of them
// have ended well.
func (p *client) answers(why string, n int) map[uint16]string {
	p.Helper()
	got := map[uint16]string{}
	for n > 0 {
		r, err := p.next()
		require.NoError(p, err, why)
		if r.Type == record.Stdout {
			got[r.ID] += r.Content
			continue
		}
		require.Equal(p, fin(r.ID, 0), r, why)
		n--
	}
	return got
}

func getValues(names ...string) msg {
	var s string
	for _, name := range names {
		s += pairs(name, "")
	}
	return msg{record.GetValues, 0, s}
}

func valuesResult(s ...string) msg { return msg{record.GetValuesResult, 0, pairs(s...)} }

// refusedWith is the answer to a request that there is no room for.
func refusedWith(id uint16, status record.ProtocolStatus) []msg {
	page := "Status: 503 Service Unavailable\r\nContent-Type: text/plain; charset=utf-8\r\nX-Content-Type-Options: nosniff\r\n" +
		"Content-Length: 20\r\n\r\nService Unavailable\n"
	return []msg{stdout(id, page), stdout(id, ""), finAs(id, 0, status)}
}

func overloaded(id uint16) []msg { return refusedWith(id, record.Overloaded) }

// unshared is the answer to a request that comes beside the only one that there
// is room for.
func unshared(id uint16) []msg { return refusedWith(id, record.CantMpxConn) }
