package env_test

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"testing"

	"github.com/postern-go/postern/env"
	"github.com/stretchr/testify/require"
)

// requireRoundTrip checks that a request survives the way through variables,
// apart from what they cannot carry.
func requireRoundTrip(t *testing.T, r *http.Request) {
	t.Helper()
	back, err := env.FromRequest(r).Request()
	require.NoError(t, err)
	if r.ContentLength == 0 && back.ContentLength < 0 { // no body, no CONTENT_LENGTH
		back.ContentLength = 0
	}
	want, got := facts(r), facts(back)
	want["coding"], got["coding"] = "", "" // CGI has no transfer codings
	if a, err := netip.ParseAddrPort(r.RemoteAddr); (err != nil || a.Addr().Zone() != "") && r.RemoteAddr != "@" {
		want["remote"], got["remote"] = "", "" // not what net/http would say of a client
	}
	if r.ContentLength > 0 { // compared as a number
		want["Content-Length"], got["Content-Length"] = "", ""
	}
	for name, values := range r.Header {
		if len(values) > 1 || strings.Contains(name, ".") { // repeats are merged, and a dot may pass for a hyphen
			want[name], got[name] = "", ""
		}
	}
	require.Equal(t, listing(want), listing(got))
}

func TestRoundTrip(t *testing.T) {
	for _, row := range []struct{ why, vars string }{
		{"nginx over FastCGI", nginxFastCGI},
		{"nginx over SCGI", nginxSCGI},
		{"Apache", apacheProxyFCGI},
		{"CGI", apacheCGI},
		{"lighttpd", lighttpd},
		{"HAProxy", haproxy},
		{"Caddy", caddy},
		{"a body", plain + "CONTENT_LENGTH=5\nCONTENT_TYPE=a/b\n"},
		{"an empty body that was declared", plain + "REQUEST_METHOD=POST\nCONTENT_LENGTH=0\n"},
		{"an escaped path", plain + "REQUEST_URI=/a%2Fb%20c?d%20e\nQUERY_STRING=d%20e\n"},
		{"header fields", plain + "HTTP_X_A=1\nHTTP_COOKIE=a=1; b=2\nHTTP_REFERER=http://r.test/\n"},
		{"TLS", plain + "HTTPS=on\n"},
		{"IPv6 on both sides", plain + "REMOTE_ADDR=::1\nHTTP_HOST=[::1]:8080\n"},
		{"a unix client", plain + "REMOTE_ADDR=unix:\nREMOTE_PORT=\n"},
		{"an asterisk", plain + "REQUEST_METHOD=OPTIONS\nREQUEST_URI=*\n"},
		{"another protocol", plain + "SERVER_PROTOCOL=HTTP/2.0\n"},
	} {
		t.Run(row.why, func(t *testing.T) {
			r, err := lines(row.vars).Request()
			require.NoError(t, err)
			requireRoundTrip(t, r)
		})
	}
}

func TestFromRequest(t *testing.T) {
	local := context.WithValue(t.Context(), http.LocalAddrContextKey, &net.TCPAddr{IP: net.IPv4(192, 0, 2, 1), Port: 8080})
	for _, row := range []struct {
		why  string
		r    *http.Request
		name string
		want string
	}{
		{"the gateway is CGI/1.1", get("http://h.test/"), "GATEWAY_INTERFACE", "CGI/1.1"},
		{"there is no mount point", get("http://h.test/a"), "SCRIPT_NAME", ""},
		{"the whole path is PATH_INFO, decoded", get("http://h.test/a%20b"), "PATH_INFO", "/a b"},
		{"the query is as it came", get("http://h.test/?a=%20"), "QUERY_STRING", "a=%20"},
		{"the target of a client's request", get("http://h.test/a%20b?c"), "REQUEST_URI", "/a%20b?c"},
		{"the target of a server's request", with(get("http://h.test/"), func(r *http.Request) { r.RequestURI = "/x?" }), "REQUEST_URI", "/x?"},
		{"no method means GET", with(get("http://h.test/"), func(r *http.Request) { r.Method = "" }), "REQUEST_METHOD", "GET"},
		{"the server's name has no port", get("http://h.test:81/"), "SERVER_NAME", "h.test"},
		{"the port is beside it", get("http://h.test:81/"), "SERVER_PORT", "81"},
		{"the standard port is there, too", get("http://h.test/"), "SERVER_PORT", "80"},
		{"that of TLS is another", with(get("http://h.test/"), func(r *http.Request) { r.TLS = new(tls.ConnectionState) }), "SERVER_PORT", "443"},
		{"an IPv6 name has brackets", get("http://[::1]:81/"), "SERVER_NAME", "[::1]"},
		{"the connection knows the true port", get("http://h.test:81/").WithContext(local), "SERVER_PORT", "8080"},
		{"and the address", get("http://h.test:81/").WithContext(local), "SERVER_ADDR", "192.0.2.1"},
		{"which is the name when there is no other", with(get("http://h.test/").WithContext(local), func(r *http.Request) { r.Host, r.URL.Host = "", "" }), "SERVER_NAME", "192.0.2.1"},
		{"the host of the URL when the request has none", with(get("http://h.test/"), func(r *http.Request) { r.Host = "" }), "HTTP_HOST", "h.test"},
		{"the client's address", with(get("http://h.test/"), func(r *http.Request) { r.RemoteAddr = "[::1]:5" }), "REMOTE_ADDR", "::1"},
		{"the client's name is its address", with(get("http://h.test/"), func(r *http.Request) { r.RemoteAddr = "[::1]:5" }), "REMOTE_HOST", "::1"},
		{"the client's port", with(get("http://h.test/"), func(r *http.Request) { r.RemoteAddr = "[::1]:5" }), "REMOTE_PORT", "5"},
		{"a client on a unix socket, in nginx's word", with(get("http://h.test/"), func(r *http.Request) { r.RemoteAddr = "@" }), "REMOTE_ADDR", "unix:"},
		{"no TLS, no HTTPS", get("http://h.test/"), "HTTPS", ""},
		{"the scheme", get("http://h.test/"), "REQUEST_SCHEME", "http"},
		{"repeats are merged", header("X-A", "1", "2"), "HTTP_X_A", "1, 2"},
		{"cookies are merged as cookies", header("Cookie", "a=1", "b=2"), "HTTP_COOKIE", "a=1; b=2"},
		{"Content-Type has its own variable", header("Content-Type", "a/b"), "CONTENT_TYPE", "a/b"},
		{"and no other", header("Content-Type", "a/b"), "HTTP_CONTENT_TYPE", ""},
		{"no length, no variable", header("X", "1"), "CONTENT_LENGTH", ""},
		{"Proxy has none (httpoxy)", header("Proxy", "evil"), "HTTP_PROXY", ""},
		{"in no spelling", header("proxy", "evil"), "HTTP_PROXY", ""},
		{"an underscore alone passes", header("X_A", "1"), "HTTP_X_A", "1"},
		{"an underscore does not pass for the length", header("Content_Length", "9"), "HTTP_CONTENT_LENGTH", ""},
		{"an underscore does not pass for a transfer coding", header("Transfer_Encoding", "chunked"), "HTTP_TRANSFER_ENCODING", ""},
	} {
		require.Equal(t, row.want, env.FromRequest(row.r).Get(row.name), row.why)
	}
}

// Programs see "-" and "." as "_": a client must not be able to pass one field
// for another that a proxy before us has checked.
func TestFromRequestShadows(t *testing.T) {
	for _, row := range []struct {
		why    string
		fields http.Header
		want   []string
	}{
		{"the hyphen wins over the underscore", http.Header{"X-User": {"good"}, "X_user": {"evil"}}, []string{"HTTP_X_USER=good"}},
		{"and over the dot", http.Header{"X-User": {"good"}, "X.user": {"evil"}}, []string{"HTTP_X_USER=good"}},
		{"without it neither is taken", http.Header{"X_user": {"evil"}, "X.user": {"worse"}}, nil},
		{"two underscores in other letters", http.Header{"X_user": {"evil"}, "x_User": {"worse"}}, nil},
		{"names apart stay apart", http.Header{"X_a": {"1"}, "X-B": {"2"}}, []string{"HTTP_X_B=2", "HTTP_X_A=1"}},
	} {
		r := get("http://h.test/")
		r.Header = row.fields
		var got []string
		for name, value := range env.FromRequest(r).Pairs() {
			if len(name) > 5 && name[:6] == "HTTP_X" {
				got = append(got, name+"="+value)
			}
		}
		require.Equal(t, row.want, got, row.why)
	}
}

func get(target string) *http.Request {
	u, err := url.Parse(target)
	if err != nil {
		panic(err)
	}
	return &http.Request{Method: "GET", URL: u, Host: u.Host, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: http.Header{}}
}

func with(r *http.Request, change func(r *http.Request)) *http.Request {
	change(r)
	return r
}

func header(name string, values ...string) *http.Request {
	r := get("http://h.test/")
	r.Header[name] = values
	return r
}
