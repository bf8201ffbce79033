package cgi_test

import (
	"bufio"
	"io"
	"net"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/postern-go/postern/cgi"
	"github.com/stretchr/testify/require"
)

// nph returns a Script of an NPH program.
func nph(t *testing.T, text string) (*cgi.Script, *scriptLog) {
	t.Helper()
	s, log := script(t, text)
	path := filepath.Join(filepath.Dir(s.Path), "nph-program")
	require.NoError(t, os.Rename(s.Path, path))
	s.Path = path
	return s, log
}

// exchangeOn sends a request and returns all that comes back on the connection.
func exchangeOn(t *testing.T, url, request string) (string, error) {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(url, "http://"))
	require.NoError(t, err)
	defer conn.Close()
	_, err = io.WriteString(conn, request)
	require.NoError(t, err)
	answer, err := io.ReadAll(conn)
	return string(answer), err
}

func TestNPH(t *testing.T) {
	const get = "GET / HTTP/1.1\r\nHost: h\r\n\r\n"
	for _, row := range []struct {
		why, text, request string
		want               string // the whole answer, or its beginning when the server writes its own head
		parsed             bool
	}{
		{"as it is", `printf 'HTTP/1.0 299 odd\nx-Spelled: as  it is\n\nbody\0'`, get, "HTTP/1.0 299 odd\nx-Spelled: as  it is\n\nbody\x00", false},
		{"its own framing", `printf 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'`, get, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", false},
		{"interim responses", `printf 'HTTP/1.1 103 Early\r\n\r\nHTTP/1.1 204 None\r\n\r\n'`, get, "HTTP/1.1 103 Early\r\n\r\nHTTP/1.1 204 None\r\n\r\n", false},
		{"an exit status that is not 0", `printf 'HTTP/1.1 200 OK\r\n\r\nall'; exit 1`, get, "HTTP/1.1 200 OK\r\n\r\nall", false},
		{"a CGI response is one", `printf 'Status: 404 No\n\nno'`, get, "HTTP/1.1 404 Not Found\r\n", true},
		{"no output", `exit 1`, get, "HTTP/1.1 502 Bad Gateway\r\n", true},
		{"less than the word", `printf HTTP`, get, "HTTP/1.1 502 Bad Gateway\r\n", true},
		{"a request with a body", `printf 'HTTP/1.0 404 no\n\n'; cat`, "POST / HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: 4\r\n\r\nbody", "HTTP/1.1 404 Not Found\r\n", true},
		{"HEAD", `printf 'HTTP/1.0 200 OK\nX: y\n\nno body'`, "HEAD / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n", "HTTP/1.1 200 OK\r\n", true},
	} {
		for name, serve := range servers {
			s, log := nph(t, row.text)
			answer, err := exchangeOn(t, serve(t, s), strings.Replace(row.request, "Host: h\r\n\r\n", "Host: h\r\nConnection: close\r\n\r\n", 1))
			require.NoError(t, err, "%s: %s: %s", name, row.why, log)
			if row.parsed {
				require.True(t, strings.HasPrefix(answer, row.want), "%s: %s: %q", name, row.why, answer)
				require.NotContains(t, answer, "no body", name)
			} else {
				require.Equal(t, row.want, answer, "%s: %s", name, row.why)
			}
		}
	}
}

func TestNPHBehindAWebServer(t *testing.T) {
	s, _ := nph(t, `printf 'HTTP/1.0 404 no\nX-A: b\n\nbody'`)
	status, body := fromServer(t, s)
	require.Equal(t, 404, status, "its head is parsed, and sent as that of any program")
	require.Equal(t, "body", body)
}

func TestNPHBreaksOff(t *testing.T) {
	s, log := nph(t, `printf 'HTTP/1.0 200 OK\n\nhalf'; kill -KILL $$`)
	_, err := exchangeOn(t, servers["net/http"](t, s), "GET / HTTP/1.1\r\nHost: h\r\n\r\n")
	require.ErrorContains(t, err, "connection reset", "the client can tell")
	require.Contains(t, log.String(), "signal: killed")
}

func TestNPHStreamsUntilTheClientLeaves(t *testing.T) {
	for name, serve := range servers {
		s, _ := nph(t, `printf 'HTTP/1.0 200 OK\n\n'; echo $$; sleep 600 & echo $!; exec sleep 600`)
		conn, err := net.Dial("tcp", strings.TrimPrefix(serve(t, s), "http://"))
		require.NoError(t, err)
		_, err = io.WriteString(conn, "GET / HTTP/1.1\r\nHost: h\r\n\r\n")
		require.NoError(t, err)
		in := bufio.NewReader(conn)
		var lines string
		for range 4 {
			line, err := in.ReadString('\n')
			require.NoError(t, err, "%s: output arrives while the program runs", name)
			lines += line
		}
		require.NoError(t, conn.Close())
		awaitEnd(t, strings.TrimPrefix(lines, "HTTP/1.0 200 OK\n\n"))
	}
}

func TestNPHWithoutConnection(t *testing.T) {
	s, _ := nph(t, `printf 'HTTP/1.0 404 no\n\nbody'`)
	w, broken := run(s, httptest.NewRequest("GET", "/", nil))
	require.False(t, broken)
	require.Equal(t, 404, w.Code, "a ResponseWriter that does not give its connection away gets the response")
	require.Equal(t, "body", w.Body.String())
}
