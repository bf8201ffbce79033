package fastcgi_test

import (
	"net/netip"
	"testing"

	"github.com/postern-go/postern/fastcgi"
	"github.com/stretchr/testify/require"
)

func TestWebServerAddrs(t *testing.T) {
	for _, row := range []struct {
		why, value string
		want       []netip.Prefix
	}{
		{"the specification's example", "199.170.183.28,199.170.183.71",
			[]netip.Prefix{netip.MustParsePrefix("199.170.183.28/32"), netip.MustParsePrefix("199.170.183.71/32")}},
		{"one address", "127.0.0.1", []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}},
		{"IPv6, which came later", "::1,127.0.0.1", []netip.Prefix{netip.MustParsePrefix("::1/128"), netip.MustParsePrefix("127.0.0.1/32")}},
		{"empty", "", nil},
		{"a comma too much", "127.0.0.1,", nil},
		{"a space", "127.0.0.1, 127.0.0.2", nil},
		{"a name", "localhost", nil},
		{"a number over 255", "127.0.0.256", nil},
		{"leading zeros, which may be octal", "127.0.0.01", nil},
		{"three numbers", "127.0.1", nil},
		{"a network", "127.0.0.0/8", nil},
		{"a zone", "fe80::1%eth0", nil},
	} {
		t.Run(row.why, func(t *testing.T) {
			got, err := fastcgi.WebServerAddrs(row.value)
			require.Equal(t, row.want, got)
			if row.want == nil {
				require.ErrorContains(t, err, "fastcgi: FCGI_WEB_SERVER_ADDRS is \""+row.value+"\": expected IP addresses such as")
				return
			}
			require.NoError(t, err)
		})
	}
}
