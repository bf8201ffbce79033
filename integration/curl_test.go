package integration

import (
	"encoding/json"
	"os/exec"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-go/postern/integration/testapp/app"
)

// TestCurl sends one request by curl to net/http.Server and through nginx, and compares what the handler saw.
func TestCurl(t *testing.T) {
	reference := startReference(t)
	for _, g := range []struct{ name, conf, protocol string }{
		{"FastCGI", "nginx-fastcgi.conf", "fastcgi"},
		{"SCGI", "nginx-scgi.conf", "scgi"},
	} {
		t.Run(g.name, func(t *testing.T) {
			server := startNginxTCP(t, g.conf, startWorker(t, testapp, g.protocol, "unix"))
			want, got := curl(t, reference), curl(t, server.address)
			require.Equal(t, g.protocol, got.Flags.Gateway)
			for _, row := range differences() {
				if row.applies(g.protocol) {
					row.level(rawRequest{}, &want, &got)
				}
			}
			require.Equal(t, want, got)
		})
	}
}

func curl(t *testing.T, address string) app.Echo {
	t.Helper()
	output, err := exec.Command("curl", "--silent", "--show-error", "--fail", "--noproxy", "*", "--path-as-is",
		"--header", "X-Probe: one", "--header", "X-Probe: two", "--cookie", "a=1; b=2", "--data", "x=1&y=2",
		"http://"+address+"/echo/a%2Fb?q=%20").Output()
	require.NoError(t, err)
	var e app.Echo
	require.NoError(t, json.Unmarshal(output, &e))
	e.RemoteAddr = "" // each connection has its own
	return e
}
