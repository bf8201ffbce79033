package origin

import (
	"bufio"
	"io"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestMaxBodyBytes(t *testing.T) {
	for _, row := range []struct{ why, wire, status, body string }{
		{"exactly as much", post("Content-Length: 4") + "four", "200 OK", `POST / "four"`},
		{"declared larger: the handler does not run", post("Content-Length: 5") + "fives", "413 Request Entity Too Large", "Request Entity Too Large\n"},
		{"declared larger by a client that waits to send it", post("Content-Length: 5", "Expect: 100-continue"), "413 Request Entity Too Large", "Request Entity Too Large\n"},
		{"in chunks: what is within it can be read", post("Transfer-Encoding: chunked") + "5\r\nfives\r\n0\r\n\r\n", "200 OK", `POST / "five" http: request body too large`},
	} {
		for _, network := range networks {
			p := open(t, network, &Server{Handler: echo, MaxBodyBytes: 4}).peer()
			p.send(row.wire)
			got, err := http.ReadResponse(bufio.NewReader(p), nil)
			require.NoError(t, err, row.why)
			require.Equal(t, row.status, got.Status, row.why)
			body, err := io.ReadAll(got.Body)
			require.NoError(t, err, row.why)
			require.Equal(t, row.body, string(body), row.why)
		}
	}
}

func TestMaxTotalRequests(t *testing.T) {
	for _, network := range networks {
		running, release := make(chan bool), make(chan bool)
		g := open(t, network, &Server{MaxTotalRequests: 1, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			running <- true
			<-release
			echo(w, r)
		})})
		first, second := g.peer(), g.peer()
		first.send(get())
		<-running
		second.send(get())
		got, err := http.ReadResponse(bufio.NewReader(second), nil)
		require.NoError(t, err)
		require.Equal(t, http.StatusServiceUnavailable, got.StatusCode, "one more than there may be")
		require.True(t, got.Close, "its connection ends")
		require.Contains(t, g.log.String(), "too many requests under way on the server")
		for range 2 {
			release <- true
			first.want("the first is answered, and there is room again", response("200 OK", `GET / ""`))
			first.send(get())
			<-running
		}
		release <- true
	}
}
