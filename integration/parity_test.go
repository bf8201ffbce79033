package integration

import (
	"bufio"
	"encoding/json"
	"flag"
	"net"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-go/postern/integration/testapp/app"
)

var (
	paritySeed  = flag.Uint64("parity.seed", 1, "seed of the requests of the parity test")
	parityCount = flag.Int("parity.count", 400, "number of requests of the parity test")
)

// TestParity compares what the handler sees behind nginx with what it sees behind net/http.Server.
func TestParity(t *testing.T) {
	t.Logf("-parity.seed=%d -parity.count=%d", *paritySeed, *parityCount)
	reference := startReference(t)
	for _, g := range []struct{ name, conf, protocol, network string }{
		{"FastCGI", "nginx-fastcgi.conf", "fastcgi", "unix"},
		{"FastCGI, kept connections", "nginx-fastcgi-keep.conf", "fastcgi", "tcp"},
		{"SCGI", "nginx-scgi.conf", "scgi", "unix"},
	} {
		t.Run(g.name, func(t *testing.T) {
			server := startNginxTCP(t, g.conf, startWorker(t, testapp, g.protocol, g.network))
			needed := map[string]bool{}
			generate := newGenerator(*paritySeed)
			for range *parityCount {
				r := generate.request()
				want, got := ask(t, reference, r), ask(t, server.address, r)
				for _, row := range differences() {
					if row.applies(g.protocol) && row.level(r, &want, &got) {
						needed[row.field] = true
					}
				}
				require.Equal(t, want, got, "%s", r)
			}
			for _, row := range differences() {
				if row.applies(g.protocol) {
					require.True(t, needed[row.field], "%s never differs; take the row out: %s", row.field, row.reason)
				}
			}
		})
	}
}

// startReference serves the same handler by net/http and returns its address.
func startReference(t *testing.T) string {
	t.Helper()
	l := listenLoopback(t)
	server := &http.Server{Handler: app.Handler()}
	done := make(chan error, 1)
	go func() { done <- server.Serve(l) }()
	t.Cleanup(func() {
		require.NoError(t, server.Close())
		require.ErrorIs(t, <-done, http.ErrServerClosed)
	})
	return l.Addr().String()
}

// ask sends one request over a connection of its own and requires that the handler sees the address of that connection.
func ask(t *testing.T, address string, r rawRequest) app.Echo {
	t.Helper()
	c, err := net.Dial("tcp", address)
	require.NoError(t, err)
	defer c.Close()
	_, err = c.Write(r.wire())
	require.NoError(t, err)
	response, err := http.ReadResponse(bufio.NewReader(c), &http.Request{Method: r.method})
	require.NoError(t, err, "%s", r)
	defer response.Body.Close()
	require.Equal(t, http.StatusOK, response.StatusCode, "%s", r)
	var e app.Echo
	require.NoError(t, json.NewDecoder(response.Body).Decode(&e), "%s", r)
	require.Equal(t, c.LocalAddr().String(), e.RemoteAddr, "%s", r)
	e.RemoteAddr = ""
	return e
}
