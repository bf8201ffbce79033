package integration

import (
	"net"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// portAttempts bounds how often another port is chosen because somebody took the last one.
const portAttempts = 10

// listenLoopback opens a loopback port that the system chooses.
func listenLoopback(t *testing.T) *net.TCPListener {
	t.Helper()
	l, err := net.ListenTCP("tcp", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)})
	require.NoError(t, err)
	return l
}

// onFreePort starts a server that opens its port itself: it chooses one, and another when it was taken meanwhile.
// The server is up when its pid file is there, since it is written after the port was opened.
func onFreePort(t *testing.T, pidFile string, launch func(address string) *process) (*process, string) {
	t.Helper()
	for range portAttempts {
		l := listenLoopback(t)
		address := l.Addr().String()
		require.NoError(t, l.Close())
		p := launch(address)
		waitFor(t, p.name+" listens or ends", func() bool { return exists(pidFile) || !p.running() })
		if p.running() {
			return p, address
		}
		require.Contains(t, strings.ToLower(p.logs(t)), "address already in use", "%s ended", p.name)
		p.forgiven = true
	}
	t.Fatalf("no port was free %d times", portAttempts)
	return nil, ""
}
