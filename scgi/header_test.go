package scgi

import (
	"log/slog"
	"net/http"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/postern-go/postern/env"
	"github.com/postern-go/postern/internal/netstring"
	"github.com/postern-go/postern/internal/server"
	"github.com/stretchr/testify/require"
)

// refusal is the whole answer to what is no request.
func refusal(status string) string {
	body := status[4:] + "\n"
	return "Status: " + status + "\r\nContent-Type: text/plain; charset=utf-8\r\nX-Content-Type-Options: nosniff\r\n" +
		"Content-Length: " + strconv.Itoa(len(body)) + "\r\n\r\n" + body
}

const badRequest, tooLarge = "400 Bad Request", "431 Request Header Fields Too Large"

func TestRefused(t *testing.T) {
	for _, row := range []struct{ why, wire, status, log string }{
		{"an HTTP request", "GET / HTTP/1.1\r\n\r\n", badRequest, `scgi: byte 'G' in the length of a netstring`},
		{"a FastCGI record", "\x01\x01\x00\x01\x00\x08\x00\x00", badRequest, `scgi: byte '\\x01' in the length of a netstring`},
		{"a length without digits", ":,", badRequest, `scgi: byte ':' in the length`},
		{"a length with a sign", "+5:", badRequest, `scgi: byte '+' in the length`},
		{"a length with a leading zero", "024:" + strings.Repeat("x", 24) + ",", badRequest, `leading zero: \"02\"`},
		{"a length over the limit", "1000001:", tooLarge, `scgi: netstring length that begins \"1000001\", limit 1000000`},
		{"a length over the limit, before it has come to its end", "99999999999999999999", tooLarge, `limit 1000000`},
		{"a length over the limit, whatever follows", "9999999x", tooLarge, `limit 1000000`},
		{"no variables", "0:,", badRequest, `scgi: header without variables, CONTENT_LENGTH is missing`},
		{"no comma", "3:A\x00\x00;", badRequest, `scgi: byte ';' where the netstring of 3 bytes ends`},
		{"no comma behind more than one buffer", "40000:" + strings.Repeat("x", 40000) + ";", badRequest, `scgi: byte ';' where the netstring of 40000 bytes ends`},
		{"an odd number of strings", wrap("CONTENT_LENGTH\x000\x00SCGI\x00"), badRequest, `scgi: value of \"SCGI\" without an end`},
		{"a name without an end", wrap("CONTENT_LENGTH\x000\x00SCGI"), badRequest, `scgi: header name without an end: \"SCGI\"`},
		{"a value without an end", wrap("CONTENT_LENGTH\x000\x00SCGI\x001"), badRequest, `scgi: value of \"SCGI\" without an end`},
		{"a name without a byte", wrap("CONTENT_LENGTH\x000\x00SCGI\x001\x00\x00x\x00"), badRequest, `scgi: header without a name: \"\\x00x\\x00\"`},
		{"another variable first", wrap(block("SCGI", "1", "CONTENT_LENGTH", "0")), badRequest, `scgi: first variable is \"SCGI\", not CONTENT_LENGTH`},
		{"names have upper case", wrap(block("content_length", "0", "SCGI", "1")), badRequest, `scgi: first variable is \"content_length\"`},
		{"an empty length", wrap(block("CONTENT_LENGTH", "", "SCGI", "1")), badRequest, `scgi: CONTENT_LENGTH \"\" is not a number of bytes`},
		{"an unknown length", wrap(block("CONTENT_LENGTH", "-1", "SCGI", "1")), badRequest, `scgi: CONTENT_LENGTH \"-1\" is not`},
		{"a length with a plus", wrap(block("CONTENT_LENGTH", "+5", "SCGI", "1")), badRequest, `scgi: CONTENT_LENGTH \"+5\" is not`},
		{"a length with a space", wrap(block("CONTENT_LENGTH", " 5", "SCGI", "1")), badRequest, `scgi: CONTENT_LENGTH \" 5\" is not`},
		{"a hexadecimal length", wrap(block("CONTENT_LENGTH", "0x5", "SCGI", "1")), badRequest, `scgi: CONTENT_LENGTH \"0x5\" is not`},
		{"a length beyond 63 bits", wrap(block("CONTENT_LENGTH", "9223372036854775808", "SCGI", "1")), badRequest, `is not a number of bytes`},
		{"two lengths", wrap(block("CONTENT_LENGTH", "5", "SCGI", "1", "REQUEST_METHOD", "GET", "CONTENT_LENGTH", "6")), badRequest, `two values of CONTENT_LENGTH, \"5\" and \"6\"`},
		{"no version", wrap(block("CONTENT_LENGTH", "0")), badRequest, `scgi: variable SCGI is missing`},
		{"an empty version", wrap(block("CONTENT_LENGTH", "0", "SCGI", "")), badRequest, `scgi: variable SCGI is \"\", not 1`},
		{"another version", wrap(block("CONTENT_LENGTH", "0", "SCGI", "2")), badRequest, `scgi: variable SCGI is \"2\", not 1`},
		{"two versions", wrap(block("CONTENT_LENGTH", "0", "SCGI", "1", "SCGI", "2")), badRequest, `scgi: variable SCGI is \"2\", not 1`},
		{"no method", wrap(block("CONTENT_LENGTH", "0", "SCGI", "1")), badRequest, `REQUEST_METHOD is missing`},
		{"the input ends inside the length", "7", badRequest, `scgi: header not complete: unexpected EOF`},
		{"the input ends behind the length", "70:", badRequest, `scgi: header not complete: unexpected EOF`},
		{"the input ends inside the variables", "70:CONTENT_LENGTH", badRequest, `scgi: header not complete: unexpected EOF`},
		{"the input ends before the comma", "3:A\x00\x00", badRequest, `scgi: header not complete: unexpected EOF`},
		{"the input ends behind more than one buffer", "40000:" + strings.Repeat("x", 40000), badRequest, `scgi: header not complete: unexpected EOF`},
	} {
		for _, network := range sockets {
			g := open(t, network, &Server{Handler: echo, MaxHeaderBytes: 1e6})
			p := g.peer()
			p.send(row.wire)
			p.halfClose()
			require.Equal(t, refusal(row.status), p.rest(), row.why)
			require.Contains(t, g.log.String(), "level=WARN msg=\"scgi: request refused\"", row.why)
			require.Contains(t, g.log.String(), row.log, row.why)
			require.Equal(t, 1, strings.Count(g.log.String(), "\n"), "one line says what was wrong: "+row.why)
			require.Equal(t, okay(`GET / ""`), g.answer(request("GET", "/", "")), "the server lives on: "+row.why)
		}
	}
}

func TestHeaderLimit(t *testing.T) {
	wire := request("GET", "/", "")
	n, _, err := netstring.ParseLen([]byte(wire), 1000)
	require.NoError(t, err)
	g := open(t, "unix", &Server{Handler: echo, MaxHeaderBytes: n})
	require.Equal(t, okay(`GET / ""`), g.answer(wire), "exactly the limit")
	require.Equal(t, refusal(tooLarge), g.answer(request("GET", "/1", "")), "one byte more")

	block := func(size int) string { return request("GET", "/", "", "HTTP_X", strings.Repeat("x", size)) }
	g = open(t, "unix", &Server{Handler: echo})
	require.Equal(t, okay(`GET / ""`), g.answer(block(1000<<10)), "1 MiB without a limit of one's own")
	require.Equal(t, refusal(tooLarge), g.answer(block(1<<20)))
	g = open(t, "unix", &Server{Handler: echo, MaxHeaderBytes: -1})
	require.Equal(t, okay(`GET / ""`), g.answer(block(2<<20)), "no limit to speak of")
}

func TestMemoryIsTakenAsVariablesArrive(t *testing.T) {
	g := open(t, "unix", &Server{Handler: echo, MaxHeaderBytes: -1})
	g.answer(request("GET", "/", ""))
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	p := g.peer()
	p.send("2000000000:CONTENT_LENGTH")
	p.halfClose()
	require.Equal(t, refusal(badRequest), p.rest())
	runtime.ReadMemStats(&after)
	require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(1<<20), "a length is only a promise")
}

func TestHeaderTimeout(t *testing.T) {
	for _, row := range []struct {
		why, wire string
		timeout   time.Duration
		after     time.Duration
		want      string
	}{
		{"part of a length", "7", 0, 20 * time.Second, refusal("408 Request Timeout")},
		{"part of the variables", "70:CONTENT_LENGTH", time.Second, time.Second, refusal("408 Request Timeout")},
		{"nothing", "", 0, 20 * time.Second, ""},
	} {
		synctest.Test(t, func(t *testing.T) {
			g := open(t, "memory", &Server{Handler: echo, ReadHeaderTimeout: row.timeout})
			begin := time.Now()
			p := g.peer()
			p.send(row.wire)
			p.want(row.why, row.want)
			if row.want != "" {
				require.Contains(t, g.log.String(), "scgi: header not complete in time", row.why)
			}
			require.Empty(t, p.rest(), row.why)
			require.Equal(t, row.after, time.Since(begin), row.why)
			p.Close()
		})
	}
}

func TestWithoutHeaderTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := open(t, "memory", &Server{Handler: echo, ReadHeaderTimeout: -1})
		wire := request("GET", "/", "")
		p := g.peer()
		p.send(wire[:1])
		time.Sleep(1000 * time.Hour) // of the bubble's clock
		p.send(wire[1:])
		p.want("an answer at last", okay(`GET / ""`))
		p.Close()
	})
}

func TestReadTimeout(t *testing.T) {
	wire := request("PUT", "/", "xyz")
	part := strings.TrimSuffix(wire, "yz")
	for _, row := range []struct {
		why     string
		timeout time.Duration
		waits   []time.Duration // before each further byte
		want    string
		after   time.Duration
	}{
		{"the time of the header is not that of the body", 0, []time.Duration{25 * time.Second}, okay(`PUT / "xy" i/o timeout`), 85 * time.Second},
		{"each wait has its own time", 0, []time.Duration{50 * time.Second, 50 * time.Second}, okay(`PUT / "xyz"`), 100 * time.Second},
		{"one's own", time.Second, nil, okay(`PUT / "x" i/o timeout`), time.Second},
		{"none", -1, []time.Duration{1000 * time.Hour, 0}, okay(`PUT / "xyz"`), 1000 * time.Hour},
	} {
		synctest.Test(t, func(t *testing.T) {
			g := open(t, "memory", &Server{Handler: echo, ReadTimeout: row.timeout})
			begin := time.Now()
			p := g.peer()
			p.send(part)
			for i, wait := range row.waits {
				time.Sleep(wait) // of the bubble's clock
				p.send("yz"[i : i+1])
			}
			p.want(row.why, row.want)
			require.Equal(t, row.after, time.Since(begin), row.why)
			p.Close()
		})
	}
}

func TestReadDeadlineOfTheHandler(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := open(t, "memory", &Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			http.NewResponseController(w).SetReadDeadline(time.Now().Add(2 * time.Hour))
			echo(w, r)
		})})
		wire := request("PUT", "/", "xyz")
		p := g.peer()
		p.send(strings.TrimSuffix(wire, "yz"))
		time.Sleep(time.Hour) // of the bubble's clock
		p.send("y")
		begin := time.Now()
		p.want("it takes the place of that of the server", okay(`PUT / "xy" i/o timeout`))
		require.Equal(t, time.Hour, time.Since(begin))
		p.Close()
	})
}

func TestSilentConnection(t *testing.T) {
	for _, network := range sockets {
		g := open(t, network, &Server{Handler: echo})
		p := g.peer()
		p.halfClose()
		require.Empty(t, p.rest(), "nothing is answered to nothing")
		require.Empty(t, g.log.String(), "health checks leave no log")
	}
}

func FuzzHeader(f *testing.F) {
	f.Fuzz(func(t *testing.T, b []byte) {
		h, err := parseHeader(b, server.Vars{})
		if err != nil {
			return
		}
		var v env.Vars
		h.addTo(&v)
		require.Equal(t, h.count, v.Len())
		var again []byte
		for name, value := range v.Pairs() {
			again = netstring.AppendPair(again, name, value)
		}
		require.Equal(t, b, again, "the variables are what was sent")
		require.Equal(t, "1", v.Get("SCGI"))
		require.GreaterOrEqual(t, h.length, int64(0))
	})
}

func TestRefusalsNameThePeer(t *testing.T) {
	for _, row := range []struct{ why, wire string }{
		{"not SCGI", "GET / HTTP/1.1\r\n\r\n"},
		{"no request", wrap(block("CONTENT_LENGTH", "0", "SCGI", "1"))},
	} {
		var log logBuffer
		g := &gate{Server: &Server{Handler: echo, ErrorLog: slog.New(slog.NewTextHandler(&log, nil))}, t: t}
		l, done := g.listen("tcp"), make(chan error)
		go func() { done <- g.Serve(l) }()
		p := g.peer()
		p.send(row.wire)
		p.halfClose()
		p.rest()
		require.NoError(t, g.Close())
		require.ErrorIs(t, <-done, ErrServerClosed)
		require.Contains(t, log.String(), `msg="scgi: request refused" peer=127.0.0.1:`, row.why)
		require.Equal(t, 1, strings.Count(log.String(), "\n"), row.why)
	}
}
