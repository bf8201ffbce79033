package postern

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/netip"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-go/postern/fastcgi"
	"github.com/postern-go/postern/internal/address"
	"github.com/postern-go/postern/scgi"
)

// greeted reports whether somebody who connects to addr gets an answer, over the protocol of addr.
func greeted(t *testing.T, addr string) bool {
	t.Helper()
	a, err := address.Parse(addr)
	require.NoError(t, err)
	dial := func(context.Context) (net.Conn, error) { return net.Dial(a.Network, a.Host) }
	client := map[string]http.RoundTripper{
		address.FastCGI: &fastcgi.Transport{Dial: dial},
		address.SCGI:    &scgi.Transport{Dial: dial},
		address.HTTP: &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return dial(ctx)
		}},
	}[a.Protocol]
	body, err := get(client)
	return err == nil && body == "hello"
}

// opened are the addresses of a server under way, until the end of the test.
func opened(t *testing.T, s *Server) (addrs []string) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	open, ended := make(chan struct{}), make(chan error, 1)
	s.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "hello") })
	s.Listening = func(addr string) {
		if addrs = append(addrs, addr); len(addrs) == len(s.Addrs) {
			close(open)
		}
	}
	go func() { ended <- s.Serve(ctx) }()
	select {
	case <-open:
	case err := <-ended:
		require.NoError(t, err)
	}
	t.Cleanup(func() { cancel(); require.NoError(t, <-ended) })
	return addrs
}

func TestAllow(t *testing.T) {
	uid, gid := uint32(os.Geteuid()), uint32(os.Getegid())
	loopback := []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
	elsewhere := []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}
	onTCP := []string{"fastcgi://127.0.0.1:0", "scgi://127.0.0.1:0", "http://127.0.0.1:0"}
	for _, row := range []struct {
		why       string
		server    Server
		environ   string // FCGI_WEB_SERVER_ADDRS, unless "-"
		tcp, unix []bool // FastCGI, SCGI, HTTP
	}{
		{"everybody", Server{}, "-", []bool{true, true, true}, []bool{true, true, true}},
		{"an address", Server{AllowAddrs: loopback}, "-", []bool{true, true, true}, []bool{false, false, false}},
		{"another address", Server{AllowAddrs: elsewhere}, "-", []bool{false, false, false}, []bool{false, false, false}},
		{"a user", Server{AllowUIDs: []uint32{uid}}, "-", []bool{false, false, false}, []bool{true, true, true}},
		{"a group", Server{AllowGIDs: []uint32{gid}}, "-", []bool{false, false, false}, []bool{true, true, true}},
		{"an address and a user", Server{AllowAddrs: loopback, AllowUIDs: []uint32{uid}}, "-", []bool{true, true, true}, []bool{true, true, true}},
		{"the environment holds for FastCGI alone, and unix sockets are not in it", Server{}, "192.0.2.1,127.0.0.1", []bool{true, true, true}, []bool{false, true, true}},
		{"nor are others", Server{}, "192.0.2.1", []bool{false, true, true}, []bool{false, true, true}},
		{"the environment and the list are both asked", Server{AllowAddrs: loopback}, "127.0.0.2,192.0.2.1", []bool{false, true, true}, []bool{false, false, false}},
		{"the environment takes a user away again", Server{AllowUIDs: []uint32{uid}, AllowAddrs: loopback}, "127.0.0.1", []bool{true, true, true}, []bool{false, true, true}},
	} {
		t.Run(row.why, func(t *testing.T) {
			if row.environ != "-" {
				t.Setenv(webServerAddrs, row.environ)
			}
			s := row.server
			s.Addrs = append(onTCP, addrs(t.TempDir())...)
			var got []bool
			for _, addr := range opened(t, &s) {
				got = append(got, greeted(t, addr))
			}
			require.Equal(t, append(row.tcp, row.unix...), got, "%v", s.Addrs)
		})
	}
}

func TestWebServerAddrsRefused(t *testing.T) {
	for _, row := range []struct {
		why, value, want string
		server           Server
	}{
		{"empty", "", `postern: fastcgi: FCGI_WEB_SERVER_ADDRS is "": expected IP addresses`, Server{}},
		{"malformed", "localhost", `postern: fastcgi: FCGI_WEB_SERVER_ADDRS is "localhost": expected IP addresses`, Server{}},
		{"nobody is left", "192.0.2.1", `postern: FCGI_WEB_SERVER_ADDRS is "192.0.2.1": expected an address that may connect otherwise, too`,
			Server{AllowAddrs: []netip.Prefix{netip.MustParsePrefix("192.0.2.2/32")}}},
		{"nor is anybody where users alone may connect", "192.0.2.1", `expected an address that may connect otherwise, too`, Server{AllowUIDs: []uint32{0}}},
	} {
		t.Run(row.why, func(t *testing.T) {
			t.Setenv(webServerAddrs, row.value)
			dir := t.TempDir()
			row.server.Addrs = addrs(dir)
			require.ErrorContains(t, row.server.Serve(t.Context()), row.want)
			left, err := os.ReadDir(dir)
			require.NoError(t, err)
			require.Empty(t, left, "before anything is opened")
		})
	}
}
