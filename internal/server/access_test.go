package server

import (
	"bytes"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/postern-go/postern/internal/memconn"
	"github.com/stretchr/testify/require"
)

func prefixes(list ...string) (found []netip.Prefix) {
	for _, s := range list {
		found = append(found, netip.MustParsePrefix(s))
	}
	return found
}

func TestAccessOfAddresses(t *testing.T) {
	for _, row := range []struct {
		why  string
		list []netip.Prefix
		peer string
		want bool
	}{
		{"an address", prefixes("192.0.2.1/32"), "192.0.2.1", true},
		{"another one", prefixes("192.0.2.1/32"), "192.0.2.2", false},
		{"one of several", prefixes("192.0.2.1/32", "198.51.100.0/24"), "198.51.100.255", true},
		{"just outside the network", prefixes("198.51.100.0/24"), "198.51.101.0", false},
		{"bits beyond the prefix mean nothing", prefixes("198.51.100.7/24"), "198.51.100.9", true},
		{"IPv6", prefixes("2001:db8::/32"), "2001:db8::5", true},
		{"a zone is not part of the address", prefixes("fe80::/10"), "fe80::1%eth0", true},
		{"an IPv4 peer of an IPv6 socket is an IPv4 peer", prefixes("192.0.2.0/24"), "::ffff:192.0.2.1", true},
		{"a network of such peers is one of IPv4", prefixes("::ffff:192.0.2.0/120"), "192.0.2.1", true},
		{"all of IPv6 is none of IPv4", prefixes("::/0"), "192.0.2.1", false},
		{"all of IPv4 is none of IPv6", prefixes("0.0.0.0/0"), "2001:db8::5", false},
		{"the zero prefix holds nobody", []netip.Prefix{{}}, "192.0.2.1", false},
	} {
		t.Run(row.why, func(t *testing.T) {
			peer := netip.MustParseAddr(row.peer)
			server, client := memconn.Pipe(8)
			defer client.Close()
			f := &netForm{Conn: addressed{server, net.TCPAddrFromAddrPort(netip.AddrPortFrom(peer, 5))}}
			l := &Loop{Access: Access{Addrs: row.list}, ErrorLog: quiet()}
			require.Equal(t, row.want, l.admit(f))
			f.Close()
		})
	}
}

// addressed is a connection from wherever it says.
type addressed struct {
	net.Conn
	remote net.Addr
}

func (c addressed) RemoteAddr() net.Addr { return c.remote }

func TestAccessOfSockets(t *testing.T) {
	uid, gid := uint32(os.Geteuid()), uint32(os.Getegid())
	for _, row := range []struct {
		why  string
		nets []string
		list Access
		want bool
	}{
		{"without a list everybody may connect", forms("unix", "tcp"), Access{}, true},
		{"a user", forms("unix"), Access{UIDs: []uint32{uid + 1, uid}}, true},
		{"another user", forms("unix"), Access{UIDs: []uint32{uid + 1}}, false},
		{"a group", forms("unix"), Access{GIDs: []uint32{gid}}, true},
		{"another group", forms("unix"), Access{GIDs: []uint32{gid + 1}}, false},
		{"a group makes up for the user", forms("unix"), Access{UIDs: []uint32{uid + 1}, GIDs: []uint32{gid}}, true},
		{"a user is no group", forms("unix"), Access{UIDs: []uint32{gid + 1}, GIDs: []uint32{uid + 1}}, false},
		{"a list of addresses has nobody on a unix socket", forms("unix"), Access{Addrs: prefixes("0.0.0.0/0", "::/0")}, false},
		{"a list of users has nobody on TCP", forms("tcp"), Access{UIDs: []uint32{uid}, GIDs: []uint32{gid}}, false},
		{"an address", forms("tcp"), Access{UIDs: []uint32{uid + 1}, Addrs: prefixes("127.0.0.0/8")}, true},
		{"another address", forms("tcp"), Access{Addrs: prefixes("192.0.2.0/24")}, false},
	} {
		for _, network := range row.nets {
			t.Run(network+"/"+row.why, func(t *testing.T) {
				c, peer := accepted(t, network)
				l := &Loop{Access: row.list, ErrorLog: quiet()}
				require.Equal(t, row.want, l.admit(c.form))
				if !row.want {
					_, err := peer.Read(make([]byte, 1))
					require.Equal(t, io.EOF, err, "the connection is closed")
				}
			})
		}
	}
}

func TestAccessOfNoSocket(t *testing.T) {
	server, client := memconn.Pipe(8)
	defer client.Close()
	l := &Loop{Access: Access{Addrs: prefixes("0.0.0.0/0", "::/0"), UIDs: []uint32{uint32(os.Geteuid())}}, ErrorLog: quiet()}
	require.False(t, l.Admit(server), "nobody knows who it is")
	_, err := client.Read(make([]byte, 1))
	require.Equal(t, io.EOF, err)
}

// A refused peer is never handled, and accepting goes on after it.
func TestLoopRefusesPeers(t *testing.T) {
	for _, network := range []string{"tcp", "unix"} {
		t.Run(network, func(t *testing.T) {
			ln, err := net.Listen(network, map[string]string{"tcp": "127.0.0.1:0", "unix": t.TempDir() + "/s"}[network])
			require.NoError(t, err)
			var log bytes.Buffer
			l := &Loop{
				Name:     "fastcgi",
				Handle:   func(c *Conn) { t.Error("handled"); c.Close() },
				Access:   Access{Addrs: prefixes("192.0.2.1/32"), UIDs: []uint32{1 << 31}},
				ErrorLog: slog.New(slog.NewTextHandler(&log, nil)),
			}
			served := gone(func() error { return l.Serve(ln) })
			for range 3 {
				peer, err := net.Dial(network, ln.Addr().String())
				require.NoError(t, err)
				_, err = peer.Read(make([]byte, 1))
				require.Equal(t, io.EOF, err)
				peer.Close()
			}
			require.NoError(t, l.Close())
			require.ErrorIs(t, <-served, http.ErrServerClosed)
			first, _, _ := strings.Cut(log.String(), "\n")
			require.Contains(t, first, `level=WARN msg="fastcgi: peer is not allowed to connect" peer=`)
			require.Contains(t, first, map[string]string{"tcp": " peer=127.0.0.1:", "unix": " uid="}[network])
		})
	}
}

func TestRefusalsAreLoggedOnceASecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var r refusals
		var told []int
		for range 25 {
			if more, now := r.tell(time.Now()); now {
				told = append(told, more)
			}
			time.Sleep(100 * time.Millisecond)
		}
		require.Equal(t, []int{0, 9, 9}, told, "each line says how many have had none")
	})
}
