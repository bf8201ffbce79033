package integration

import (
	"io"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/postern-go/postern/internal/netstring"
	"github.com/postern-go/postern/internal/record"
)

// TestBadInput sends a worker what no web server sends. It costs the connection or gets a 400, and one line in the log
// says what was wrong; other connections are served before and after.
func TestBadInput(t *testing.T) {
	for _, row := range []struct {
		protocol, why string
		input         []byte
		refused       bool   // a 400 comes back
		says          string // in the log line
	}{
		{"fastcgi", "a record that ends before its content", truncatedRecord(), false, "ended inside a record"},
		{"fastcgi", "a version that does not exist", wrongVersion(), false, "version"},
		{"fastcgi", "parameters without REQUEST_METHOD", fastcgiRequest("SCRIPT_NAME", "/echo"), true, "REQUEST_METHOD"},
		{"scgi", "a netstring that is too long", []byte("99999999999:CONTENT_LENGTH\x000\x00"), false, "netstring"},
		{"scgi", "a header block without REQUEST_METHOD", scgiRequest("CONTENT_LENGTH", "0", "SCGI", "1"), true, "REQUEST_METHOD"},
		{"http", "a request line that is none", []byte("nonsense\r\n\r\n"), true, "nonsense"},
	} {
		for _, network := range []string{"unix", "tcp"} {
			t.Run(row.protocol+" on "+network+": "+row.why, func(t *testing.T) {
				w := startWorker(t, testapp, row.protocol, network)
				other := w.dial(t)
				bad := w.dial(t)
				send(t, bad, row.input)
				closeWrite(bad)
				answer := receive(t, bad)
				require.Equal(t, row.refused, strings.Contains(answer, " 400 Bad Request\r\n"), "answer %q", answer)
				for why, c := range map[string]net.Conn{"from before": other, "a new one": w.dial(t)} {
					send(t, c, goodRequest(row.protocol))
					require.Contains(t, receive(t, c), "slept\n", "a connection %s", why)
				}
				require.NoError(t, w.stop())
				lines := strings.Split(strings.TrimSpace(w.output(t)), "\n")
				require.Len(t, lines, 1, "%q", lines)
				require.Contains(t, lines[0], row.says)
			})
		}
	}
}

// send ignores a peer that has closed already: what it answered is still there to read.
func send(t *testing.T, c net.Conn, input []byte) {
	t.Helper()
	require.NoError(t, c.SetDeadline(time.Now().Add(patience)))
	_, _ = c.Write(input)
}

func closeWrite(c net.Conn) { _ = c.(interface{ CloseWrite() error }).CloseWrite() }

// receive returns what comes until the peer closes or resets the connection.
func receive(t *testing.T, c net.Conn) string {
	t.Helper()
	answer, err := io.ReadAll(c)
	require.NotErrorIs(t, err, os.ErrDeadlineExceeded, "the connection stays open")
	return string(answer)
}

func truncatedRecord() []byte {
	b := begin()
	return append(record.AppendHeader(b, record.Header{Version: record.Version, Type: record.Params, ID: 1, Content: 100}), "short"...)
}

func wrongVersion() []byte {
	b := begin()
	b[0] = 9
	return b
}

func begin() []byte {
	return record.AppendRecord(nil, record.BeginRequest, 1, record.AppendBegin(nil, record.Begin{Role: record.Responder}))
}

func fastcgiRequest(pairs ...string) []byte {
	var params []byte
	for i := 0; i < len(pairs); i += 2 {
		params = record.AppendPair(params, pairs[i], pairs[i+1])
	}
	b := record.AppendRecord(begin(), record.Params, 1, params)
	b = record.AppendRecord(b, record.Params, 1, nil)
	return record.AppendRecord(b, record.Stdin, 1, nil)
}

func scgiRequest(pairs ...string) []byte {
	var block []byte
	for i := 0; i < len(pairs); i += 2 {
		block = netstring.AppendPair(block, pairs[i], pairs[i+1])
	}
	return netstring.Append(nil, block)
}

func goodRequest(protocol string) []byte {
	switch protocol {
	case "http":
		return []byte("GET /slow HTTP/1.1\r\nHost: site.test\r\nConnection: close\r\n\r\n")
	case "scgi":
		return scgiRequest("CONTENT_LENGTH", "0", "SCGI", "1", "REQUEST_METHOD", "GET", "REQUEST_URI", "/slow")
	}
	return fastcgiRequest("REQUEST_METHOD", "GET", "REQUEST_URI", "/slow")
}
