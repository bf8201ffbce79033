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
func onFreePort(t *testing.T, b brand, launch func(address string) *webServer) *webServer {
	t.Helper()
	for range portAttempts {
		l := listenLoopback(t)
		address := l.Addr().String()
		require.NoError(t, l.Close())
		s := launch(address)
		waitFor(t, b.name+" listens or ends", func() bool { return !s.running() || b.up(s) })
		if s.running() {
			return s
		}
		require.Contains(t, strings.ToLower(s.logs(t)), "address already in use", "%s ended", b.name)
		s.forgiven = true
	}
	t.Fatalf("no port was free %d times", portAttempts)
	return nil
}
