package address

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var spellings = []struct {
	spelling string
	want     Address
	why      string
}{
	{"auto", Address{Protocol: Auto}, "what the process was started with"},
	{"cgi:", Address{Protocol: CGI}, "one request on stdio"},
	{"fastcgi://127.0.0.1:9000", Address{Protocol: FastCGI, Network: TCP, Host: "127.0.0.1:9000"}, "an IPv4 address"},
	{"scgi://127.0.0.1:4000", Address{Protocol: SCGI, Network: TCP, Host: "127.0.0.1:4000"}, "each protocol has TCP"},
	{"http://0.0.0.0:8080", Address{Protocol: HTTP, Network: TCP, Host: "0.0.0.0:8080"}, "every interface is said in words"},
	{"http://[::1]:8080", Address{Protocol: HTTP, Network: TCP, Host: "[::1]:8080"}, "IPv6 stands in brackets"},
	{"http://[fe80::1%eth0]:80", Address{Protocol: HTTP, Network: TCP, Host: "[fe80::1%eth0]:80"}, "a zone stands in the brackets as it is"},
	{"http://localhost:0", Address{Protocol: HTTP, Network: TCP, Host: "localhost:0"}, "a name, and port 0 for the system to choose"},
	{"http://app_1.example-host:65535", Address{Protocol: HTTP, Network: TCP, Host: "app_1.example-host:65535"}, "the highest port and all that names are made of"},
	{"fastcgi+unix:///run/app.sock", Address{Protocol: FastCGI, Network: Unix, Host: "/run/app.sock"}, "a socket file"},
	{"scgi+unix:///run/a b%20?c#d", Address{Protocol: SCGI, Network: Unix, Host: "/run/a b%20?c#d"}, "a path is taken as it stands"},
	{"http+unix:///@name", Address{Protocol: HTTP, Network: Unix, Host: "/@name"}, "a file whose name begins with @"},
	{"fastcgi+unix:@name", Address{Protocol: FastCGI, Network: Unix, Host: "@name"}, "an abstract socket"},
	{"http+unix:///" + strings.Repeat("x", 106), Address{Protocol: HTTP, Network: Unix, Host: "/" + strings.Repeat("x", 106)}, "the longest path that fits a socket address"},
	{"fastcgi+fd:0", Address{Protocol: FastCGI, Network: FD, FD: 0}, "the descriptor of FastCGI 1.0, section 2.2"},
	{"scgi+fd:3", Address{Protocol: SCGI, Network: FD, FD: 3}, "a descriptor handed over"},
	{"http+fd:1023", Address{Protocol: HTTP, Network: FD, FD: 1023}, "a descriptor of several digits"},
}

func TestParse(t *testing.T) {
	for _, row := range spellings {
		got, err := Parse(row.spelling)
		require.NoError(t, err, row.why)
		require.Equal(t, row.want, got, row.why)
		require.Equal(t, row.spelling, row.want.String(), row.why)
	}
}

func TestParseRefuses(t *testing.T) {
	const known = `unknown protocol: expected "auto", "cgi:", or fastcgi, scgi or http`
	for _, row := range []struct{ spelling, want, why string }{
		{"", known, "nothing at all"},
		{"127.0.0.1:9000", known, "no protocol"},
		{"/run/app.sock", known, "a bare path"},
		{"https://127.0.0.1:443", known, "a protocol that is not served"},
		{"unix:///run/app.sock", known, "a transport in the place of the protocol"},
		{"FastCGI://127.0.0.1:9000", known, "protocols are lower case"},
		{"http", known, "a protocol and nothing else"},
		{"auto:", `takes nothing more: expected auto`, "auto has no colon"},
		{"cgi", `takes nothing more: expected cgi:`, "cgi has a colon"},
		{"cgi:/usr/bin/env", `takes nothing more: expected cgi:`, "a back end in the place of an address"},
		{"cgi+fd:0", `takes nothing more: expected cgi:`, "CGI has no listening socket"},
		{"http:127.0.0.1:80", `no // after http:: expected http://host:port`, "the slashes are missing"},
		{"fastcgi://127.0.0.1", `no port: expected fastcgi://host:port`, "the port is missing"},
		{"fastcgi://127.0.0.1:", `no port: expected fastcgi://host:port`, "the port is empty"},
		{"fastcgi://", `no port: expected fastcgi://host:port`, "neither host nor port"},
		{"http://[::1]", `no port: expected http://host:port`, "brackets and no port"},
		{"http://:8080", `no host: expected http://127.0.0.1:8080, or 0.0.0.0 for every interface`, "no host would be a silent every interface"},
		{"http://::1:8080", `an IPv6 address without brackets, or too many colons: expected http://[::1]:port`, "IPv6 without brackets"},
		{"http://[::1:8080", `no ] after the IPv6 address`, "an open bracket"},
		{"http://[127.0.0.1]:80", `"127.0.0.1" in brackets is no IPv6 address`, "brackets around IPv4"},
		{"http://[]:80", `no host`, "brackets around nothing"},
		{"http://127.0.0.1:65536", `port "65536": expected http://host:port with a port from 0 to 65535`, "a port out of range"},
		{"http://127.0.0.1:+80", `port "+80"`, "a sign is no digit"},
		{"http://127.0.0.1:080", `port "080"`, "one spelling for one port"},
		{"http://127.0.0.1:http", `port "http"`, "a service name"},
		{"http://127.0.0.256:80", `"127.0.0.256" is no host`, "a mistyped address is not looked up as a name"},
		{"http://user@host:80", `"user@host" is no host`, "a user"},
		{"http://a b:80", `"a b" is no host`, "a blank"},
		{"http://127.0.0.1:80/", `"/" is too much`, "a path"},
		{"http://127.0.0.1?a:80", `"?a:80" is too much`, "a query"},
		{"http+unix://run/app.sock", `the path is not absolute: expected http+unix:///run/app.sock`, "two slashes make a host of the first segment"},
		{"http+unix:/run/app.sock", `no socket path: expected http+unix:///path, or http+unix:@name for an abstract socket`, "one slash"},
		{"http+unix:///", `no socket path`, "the root is no socket"},
		{"http+unix://@name", `no socket path`, "an abstract socket has no slashes"},
		{"http+unix:@", `no socket path`, "an abstract socket without a name"},
		{"http+unix:///" + strings.Repeat("x", 107), `a socket path of 108 bytes: expected at most 107`, "one byte more than fits"},
		{"http+unix:///a\x00b", `a control character`, "NUL would cut the path"},
		{"http://[fe80::1%\n]:80", `a control character`, "a zone takes anything"},
		{"http+fd:", `"" is no descriptor: expected http+fd:N`, "no number"},
		{"http+fd:-1", `"-1" is no descriptor`, "a negative number"},
		{"http+fd:03", `"03" is no descriptor`, "one spelling for one descriptor"},
		{"http+fd://3", `"//3" is no descriptor`, "slashes"},
		{"http+tcp://127.0.0.1:80", `unknown transport "tcp": expected http+unix:///path or http+fd:3`, "a transport that is not known"},
		{"http+://127.0.0.1:80", `unknown transport ""`, "a plus and no transport"},
	} {
		got, err := Parse(row.spelling)
		require.ErrorContains(t, err, row.want, row.why)
		require.Zero(t, got, row.why)
		require.NotContains(t, err.Error(), "\n", "an error is one line: "+row.why)
	}
}

func FuzzParse(f *testing.F) {
	for _, row := range spellings {
		f.Add(row.spelling)
	}
	f.Fuzz(func(t *testing.T, s string) {
		a, err := Parse(s)
		if err != nil {
			require.Zero(t, a)
			return
		}
		require.Equal(t, s, a.String(), "what is accepted is printed as it was")
	})
}
