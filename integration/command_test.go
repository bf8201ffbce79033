package integration

import (
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-go/postern/integration/testapp/app"
)

// postern builds the command when it is first wanted.
var postern = sync.OnceValues(func() (string, error) {
	path := filepath.Join(scratch, "postern")
	return path, build(path, "../cmd/postern", "-race")
})

// startCommand is the command as an HTTP server in front of a back end, and a client of it.
func startCommand(t *testing.T, to string, more ...string) *http.Client {
	t.Helper()
	program, err := postern()
	require.NoError(t, err)
	dir := newDir(t)
	socket := filepath.Join(dir, "front.sock")
	p := start(t, command{name: "postern", dir: dir,
		argv: append([]string{program, "serve", "--listen", "http+unix://" + socket, "--to", to}, more...)})
	waitFor(t, "postern listens", func() bool {
		require.True(t, p.running(), "postern ended: %s", p.output(t))
		return strings.Contains(p.output(t), "msg=listening")
	})
	client := &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "unix", socket)
	}}
	return &http.Client{Transport: client}
}

// The command passes requests on to the test application over every protocol, whole and in both directions.
func TestCommandAsksWorkers(t *testing.T) {
	const size = 1 << 20
	for _, protocol := range []string{"fastcgi", "scgi", "http"} {
		for _, network := range []string{"tcp", "unix"} {
			t.Run(protocol+" on "+network, func(t *testing.T) {
				w := startWorker(t, testapp, protocol, network)
				to := protocol + "://" + w.address
				if network == "unix" {
					to = protocol + "+unix://" + w.address
				}
				client := startCommand(t, to)
				answer, err := client.Post("http://postern.test/echo/a?b=c", "text/plain", strings.NewReader(strings.Repeat("x", size)))
				require.NoError(t, err)
				defer answer.Body.Close()
				var got app.Echo
				require.NoError(t, json.NewDecoder(answer.Body).Decode(&got))
				require.Equal(t, protocol, got.Flags.Gateway)
				require.Equal(t, []any{http.MethodPost, "/echo/a?b=c", "postern.test", int64(size)}, []any{got.Method, got.URI, got.Host, got.BodyLen})
				answer, err = client.Get("http://postern.test/bytes?n=3000000")
				require.NoError(t, err)
				defer answer.Body.Close()
				n, err := io.Copy(io.Discard, answer.Body)
				require.NoError(t, err)
				require.EqualValues(t, 3000000, n)
			})
		}
	}
}

// Servers that others wrote run a program that --root or their own directory has.
func TestCommandAsksOthers(t *testing.T) {
	for _, row := range []struct {
		why  string
		argv func(t *testing.T, socket, programs string) []string
		to   string
		more func(programs string) []string
	}{
		{"fcgiwrap, FastCGI", func(t *testing.T, socket, _ string) []string {
			return []string{program(t, "fcgiwrap"), "-s", "unix:" + socket}
		}, "fastcgi+unix://", func(programs string) []string { return []string{"--root", programs} }},
		{"uWSGI, SCGI", func(t *testing.T, socket, programs string) []string {
			return []string{program(t, "uwsgi-core"), "--plugin", "cgi", "--scgi-socket", socket, "--scgi-modifier1", "9",
				"--cgi", programs, "--die-on-term"}
		}, "scgi+unix://", func(string) []string { return nil }},
	} {
		t.Run(row.why, func(t *testing.T) {
			dir := newDir(t)
			socket, hello := filepath.Join(dir, "worker.sock"), filepath.Join(dir, "hello.cgi")
			// The length says where the body ends: uWSGI does not close it.
			script := "#!/bin/sh\nprintf 'Content-Type: text/plain\\r\\n\\r\\n'\necho \"$REQUEST_METHOD $QUERY_STRING\"\nhead -c \"$CONTENT_LENGTH\"\n"
			require.NoError(t, os.WriteFile(hello, []byte(script), 0o755))
			p := start(t, command{name: "worker", dir: dir, argv: row.argv(t, socket, dir)})
			p.forgiven = true // of how it ends
			waitFor(t, "it listens", func() bool {
				require.True(t, p.running(), "it ended: %s", p.output(t))
				c, err := net.Dial("unix", socket)
				if err == nil {
					c.Close()
				}
				return err == nil
			})
			client := startCommand(t, row.to+socket, row.more(dir)...)
			answer, err := client.Post("http://postern.test/hello.cgi?a=b", "text/plain", strings.NewReader("the body\n"))
			require.NoError(t, err)
			defer answer.Body.Close()
			body, err := io.ReadAll(answer.Body)
			require.NoError(t, err)
			require.Equal(t, http.StatusOK, answer.StatusCode)
			require.Equal(t, "POST a=b\nthe body\n", string(body))
		})
	}
}
