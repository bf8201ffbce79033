package integration

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-go/postern/fastcgi"
	"github.com/postern-go/postern/scgi"
)

// TestUploadBehindNginx: nginx, which reads a body before it passes it on, passes no more of it once a response begins. Programs that answer before
// they have read get all of it even so, and those that read nothing are heard.
func TestUploadBehindNginx(t *testing.T) {
	const size = 8 << 20
	sent := strings.Repeat("x", size)
	zeros := strings.Repeat("\x00", 300_000)
	head := `printf 'Content-Type: text/plain\n\n'; `
	for _, row := range []struct{ why, text, want string }{
		{"much is said before the body is read", head + `head -c 300000 /dev/zero; wc -c`, zeros + "8388608\n"},
		{"a little is said, and the body is read late", head + `echo first; sleep 1; wc -c`, "first\n8388608\n"},
		{"what is read is said", head + `exec cat`, sent},
		{"much is said and nothing is read", head + `exec head -c 300000 /dev/zero`, zeros},
		{"nothing is read while more is said", head + `head -c 300000 /dev/zero; sleep 1; echo last`, zeros + "last\n"},
	} {
		dir := newDir(t)
		path := filepath.Join(dir, "program")
		require.NoError(t, os.WriteFile(path, []byte("#!/bin/sh\n"+row.text+"\n"), 0o755))
		for _, protocol := range []string{"fastcgi", "scgi", "http"} {
			t.Run(row.why+", "+protocol, func(t *testing.T) { throughPostern(t, protocol, "cgi:"+path).upload(t, sent, row.want) })
		}
	}
}

// throughPostern is nginx in front of the command.
func throughPostern(t *testing.T, protocol, to string) *opened {
	t.Helper()
	program, err := postern()
	require.NoError(t, err)
	dir := newDir(t)
	socket := filepath.Join(dir, "postern.sock")
	p := start(t, command{name: "postern", dir: dir, argv: []string{program, "serve", "--listen", protocol + "+unix://" + socket, "--to", to}})
	waitFor(t, "postern listens", func() bool {
		require.True(t, p.running(), "postern ended: %s", p.output(t))
		return strings.Contains(p.output(t), "msg=listening")
	})
	s := nginx.start(t, "nginx-"+protocol+".conf", replace{shownSocket, "unix:" + socket})
	return &opened{server: s, client: newClient(t, s)}
}

// upload sends a body and compares the answer.
func (o *opened) upload(t *testing.T, sent, want string) {
	t.Helper()
	answer, err := o.client.Do(o.request(t, http.MethodPost, "/", strings.NewReader(sent)))
	require.NoError(t, err)
	defer answer.Body.Close()
	got, err := io.ReadAll(answer.Body)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, answer.StatusCode)
	require.True(t, want == string(got), "%d bytes, not %d", len(got), len(want))
}

// TestUploadToWorkersBehindNginx is the same for workers that Postern asks.
func TestUploadToWorkersBehindNginx(t *testing.T) {
	const size = 8 << 20
	zeros := strings.Repeat("\x00", 300_000)
	worker := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, zeros)
		http.NewResponseController(w).Flush()
		n, err := io.Copy(io.Discard, r.Body)
		fmt.Fprint(w, n, err)
	})
	for protocol, serve := range map[string]func(net.Listener) error{
		"fastcgi": (&fastcgi.Server{Handler: worker}).Serve,
		"scgi":    (&scgi.Server{Handler: worker}).Serve,
	} {
		t.Run(protocol, func(t *testing.T) {
			l := listenLoopback(t)
			done := make(chan error)
			go func() { done <- serve(l) }()
			t.Cleanup(func() {
				require.NoError(t, l.Close())
				<-done
			})
			o := throughPostern(t, protocol, protocol+"://"+l.Addr().String())
			o.upload(t, strings.Repeat("x", size), zeros+fmt.Sprint(size, nil))
		})
	}
}
