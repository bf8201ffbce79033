package env_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"unsafe"

	"github.com/postern-go/postern/env"
	"github.com/stretchr/testify/require"
)

// plain is the least that makes a request.
const plain = "REQUEST_METHOD=GET\nREMOTE_ADDR=192.0.2.7\nREMOTE_PORT=50123\nHTTP_HOST=h.test\n"

// What no web server sends in one piece, but programs, tests and older servers do.
func TestRequestShapes(t *testing.T) {
	testRows(t, []requestRow{
		{"the path comes from SCRIPT_NAME and PATH_INFO when there is no REQUEST_URI", plain + "SCRIPT_NAME=/app\nPATH_INFO=/x\n", "GET /app/x HTTP/1.1\nHost: h.test\n", ""},
		{"they are decoded, and escaped again", plain + "SCRIPT_NAME=/a b\nPATH_INFO=/é?\n", "GET /a%20b/%C3%A9%3F HTTP/1.1\nHost: h.test\n", ""},
		{"control characters in them are escaped", plain + "PATH_INFO=/a\x00\rb\n", "GET /a%00%0Db HTTP/1.1\nHost: h.test\n", ""},
		{"the query comes from QUERY_STRING then", plain + "PATH_INFO=/x\nQUERY_STRING=a=%20\n", "GET /x?a=%20 HTTP/1.1\nHost: h.test\n", ""},
		{"no path at all is the root", plain, "GET / HTTP/1.1\nHost: h.test\n", ""},
		{"a path without a slash gets one", plain + "PATH_INFO=x\n", "GET /x HTTP/1.1\nHost: h.test\n", ""},
		{"PATH_INFO may be the asterisk", plain + "REQUEST_METHOD=OPTIONS\nPATH_INFO=*\n", "OPTIONS * HTTP/1.1\nHost: h.test\n", ""},
		{"server-side includes say INCLUDED", plain + "SERVER_PROTOCOL=INCLUDED\n", "GET / HTTP/1.0\nHost: h.test\n", "proto INCLUDED 1.0\n"},
		{"no protocol counts as HTTP/1.1", plain + "-SERVER_PROTOCOL\n", "GET / HTTP/1.1\nHost: h.test\n", ""},
		{"HTTPS=1 is TLS", plain + "HTTPS=1\n", "GET / HTTP/1.1\nHost: h.test\n", "tls true\n"},
		{"HTTPS=YES is TLS", plain + "HTTPS=YES\n", "GET / HTTP/1.1\nHost: h.test\n", "tls true\n"},
		{"HTTPS=off is what IIS says without TLS", plain + "HTTPS=off\n", "GET / HTTP/1.1\nHost: h.test\n", ""},
		{"REQUEST_SCHEME alone is TLS, too", plain + "REQUEST_SCHEME=HTTPS\n", "GET / HTTP/1.1\nHost: h.test\n", "tls true\n"},
		{"no port of the client is port 0", plain + "REMOTE_PORT=\n", "GET / HTTP/1.1\nHost: h.test\n", "remote 192.0.2.7:0\n"},
		{"no client is nothing", plain + "REMOTE_ADDR=\n", "GET / HTTP/1.1\nHost: h.test\n", "remote \n"},
		{"brackets around an IPv6 client are not doubled", plain + "REMOTE_ADDR=[::1]\n", "GET / HTTP/1.1\nHost: h.test\n", "remote [::1]:50123\n"},
		{"a named unix client", plain + "REMOTE_ADDR=/run/c.sock\n", "GET / HTTP/1.1\nHost: h.test\n", "remote /run/c.sock\n"},
		{"the standard port of TLS is left out of the host", plain + "-HTTP_HOST\nHTTPS=on\nSERVER_NAME=s.test\nSERVER_PORT=443\n", "GET / HTTP/1.1\nHost: s.test\n", "tls true\n"},
		{"port 80 under TLS is not", plain + "-HTTP_HOST\nHTTPS=on\nSERVER_NAME=s.test\nSERVER_PORT=80\n", "GET / HTTP/1.1\nHost: s.test:80\n", "tls true\n"},
		{"an IPv6 server without brackets", plain + "-HTTP_HOST\nSERVER_NAME=::1\n", "GET / HTTP/1.1\nHost: [::1]\n", ""},
		{"HTTP_CONTENT_TYPE alone makes no field: CONTENT_TYPE is the place", plain + "HTTP_CONTENT_TYPE=a/b\n", "GET / HTTP/1.1\nHost: h.test\n", ""},
		{"HTTP_CONTENT_LENGTH alone declares nothing", plain + "HTTP_CONTENT_LENGTH=5\n", "GET / HTTP/1.1\nHost: h.test\n", ""},
		{"names that are much alike are kept apart, and repeats put together", plain + "HTTP_X_1A=1\nHTTP_X_2A=2\n+HTTP_X_1A=3\n+HTTP_X_2A=4\n", "GET / HTTP/1.1\nHost: h.test\nX-1A: 1\nX-1A: 3\nX-2A: 2\nX-2A: 4\n", ""},
		{"the same length twice is one length", plain + "CONTENT_LENGTH=5\n+CONTENT_LENGTH=5\n", "GET / HTTP/1.1\nHost: h.test\nContent-Length: 5\n\n12345", ""},
		{"a length and an empty one is one length", plain + "CONTENT_LENGTH=5\n+CONTENT_LENGTH=\n", "GET / HTTP/1.1\nHost: h.test\nContent-Length: 5\n\n12345", ""},
		{"a name with hyphens in a variable", plain + "HTTP_X-A=1\n", "GET / HTTP/1.1\nHost: h.test\nX-A: 1\n", ""},
		{"two dots and a hyphen are two fields under net/http, too", plain + "HTTP_X.A=1\nHTTP_X_A=2\n", "GET / HTTP/1.1\nHost: h.test\nX.A: 1\nX-A: 2\n", ""},
		{"a Trailer field without chunks", plain + "HTTP_TRAILER=X-Sum\n", "GET / HTTP/1.1\nHost: h.test\nTrailer: X-Sum\n", ""},
	})
}

func TestRequestRefused(t *testing.T) {
	for _, row := range []struct{ why, vars, err string }{
		{"no method is no request", "REQUEST_URI=/\n", "env: REQUEST_METHOD is missing"},
		{"an empty method equals none", "REQUEST_METHOD=\n", "env: REQUEST_METHOD is missing"},
		{"a method is a token", plain + "REQUEST_METHOD=GET /\n", `env: REQUEST_METHOD "GET /" is not a method`},
		{"a protocol that nobody speaks", plain + "SERVER_PROTOCOL=FTP/1.0\n", `env: SERVER_PROTOCOL "FTP/1.0" is not understood`},
		{"a version that is none", plain + "SERVER_PROTOCOL=HTTP/1\n", `env: SERVER_PROTOCOL "HTTP/1" is not understood`},
		{"a target without a slash", plain + "REQUEST_URI=x\n", `env: REQUEST_URI "x" is not a request target`},
		{"a target of another kind", plain + "REQUEST_URI=mailto:x\n", `env: REQUEST_URI "mailto:x" is not a request target`},
		{"a bad escape", plain + "REQUEST_URI=/%zz\n", `env: REQUEST_URI "/%zz" is not a request target`},
		{"a space in the path", plain + "REQUEST_URI=/a b\n", `env: REQUEST_URI "/a b" is not a request target`},
		{"a space in the query", plain + "REQUEST_URI=/?a b\n", `env: REQUEST_URI "/?a b" is not a request target`},
		{"a line end in the target", plain + "REQUEST_URI=/\r\n", `env: REQUEST_URI "/\r" is not a request target`},
		{"the authority form", plain + "REQUEST_METHOD=CONNECT\nREQUEST_URI=h.test:443\n", `env: REQUEST_URI "h.test:443" is not a request target`},
		{"a line end in the query", plain + "QUERY_STRING=a\rb\n", `env: QUERY_STRING "a\rb" is not a query`},
		{"a length with a sign", plain + "CONTENT_LENGTH=+5\n", `env: length "+5" is not a number of bytes`},
		{"a length below zero that is not -1", plain + "CONTENT_LENGTH=-5\n", `env: length "-5" is not a number of bytes`},
		{"a length that is no number", plain + "CONTENT_LENGTH=abc\n", `env: length "abc" is not a number of bytes`},
		{"a length beyond all memory", plain + "CONTENT_LENGTH=99999999999999999999\n", `env: length "99999999999999999999" is not a number of bytes`},
		{"two lengths", plain + "CONTENT_LENGTH=5\n+CONTENT_LENGTH=6\n", `env: two values of CONTENT_LENGTH, "5" and "6"`},
		{"a length and an unknown one", plain + "CONTENT_LENGTH=5\n+CONTENT_LENGTH=-1\n", `env: two values of CONTENT_LENGTH, "5" and "-1"`},
		{"a transfer coding that is still on the body", plain + "HTTP_TRANSFER_ENCODING=gzip, chunked\n", `env: transfer coding "gzip, chunked" is not supported`},
		{"a host with a slash", plain + "HTTP_HOST=a/b\n", `env: host "a/b" is malformed`},
		{"a host with a line end", plain + "HTTP_HOST=a\rb\n", `env: value of HTTP_HOST has a control character: "a\rb"`},
		{"a host outside ASCII", plain + "HTTP_HOST=é\n", `env: host "é" is malformed`},
		{"a host in the target that is none", plain + "REQUEST_URI=http://\"/\n", `env: host "\"" is malformed`},
		{"a line end in a field", plain + "HTTP_X=a\rb\n", `env: value of HTTP_X has a control character: "a\rb"`},
		{"NUL in a field", plain + "HTTP_X=a\x00b\n", `env: value of HTTP_X has a control character: "a\x00b"`},
		{"a field without a name", plain + "HTTP_=x\n", `env: variable "HTTP_" does not name a header field`},
		{"a field whose name has a space", plain + "HTTP_A B=x\n", `env: variable "HTTP_A B" does not name a header field`},
		{"two spellings of one field", plain + "HTTP_X_A=1\nHTTP_X-A=2\n", `env: variables "HTTP_X_A" and "HTTP_X-A" name the same header field`},
		{"a host in small letters", plain + "HTTP_host=x\n", `env: variable "HTTP_host" passes for another one`},
		{"a length behind a hyphen", plain + "HTTP_CONTENT-LENGTH=5\n", `env: variable "HTTP_CONTENT-LENGTH" passes for another one`},
	} {
		t.Run(row.why, func(t *testing.T) {
			_, err := lines(row.vars).Request()
			require.EqualError(t, err, row.err)
		})
	}
}

func TestRequestLengthUnknown(t *testing.T) {
	for _, row := range []struct {
		why, vars string
		length    int64
	}{
		{"missing is unknown", plain, -1},
		{"empty equals missing", plain + "CONTENT_LENGTH=\n", -1},
		{"Caddy's -1 is unknown", plain + "CONTENT_LENGTH=-1\n", -1},
		{"zero is known", plain + "CONTENT_LENGTH=0\n", 0},
	} {
		r, err := lines(row.vars).Request()
		require.NoError(t, err, row.why)
		require.Equal(t, row.length, r.ContentLength, row.why)
		require.Nil(t, r.Body, "the body is the caller's")
	}
}

// A path of any single byte, plain or escaped, is what net/http makes of it.
func TestRequestTargetBytes(t *testing.T) {
	for c := range 256 {
		for _, uri := range []string{"/a" + string([]byte{byte(c)}) + "b", "/?" + string([]byte{byte(c)}), "/%" + hex(byte(c)), "/?%" + hex(byte(c))} {
			want, wantErr := url.ParseRequestURI(uri)
			v := list("REQUEST_METHOD=GET")
			v.Add("REQUEST_URI", uri)
			r, err := v.Request()
			if wantErr != nil || strings.ContainsRune(uri, ' ') {
				require.Error(t, err, "%q", uri)
				continue
			}
			require.NoError(t, err, "%q", uri)
			require.Equal(t, *want, *r.URL, "%q", uri)
			require.Equal(t, want.EscapedPath(), r.URL.EscapedPath(), "%q", uri)
		}
	}
}

func hex(c byte) string {
	const digits = "0123456789abcdef"
	return string([]byte{digits[c>>4], digits[c&15]})
}

// The names that cost no allocation are spelled as http.Header has them, and
// every other name, too.
func TestHeaderNames(t *testing.T) {
	for name := range strings.FieldsSeq(`Host User-Agent Accept Accept-Encoding Accept-Language Accept-Charset Authorization Cache-Control Connection
		Content-Encoding Cookie DNT Expect Forwarded If-Match If-Modified-Since If-None-Match If-Range If-Unmodified-Since Keep-Alive Origin Pragma
		Priority Range Referer Sec-CH-UA Sec-CH-UA-Mobile Sec-CH-UA-Platform Sec-Fetch-Dest Sec-Fetch-Mode Sec-Fetch-Site Sec-Fetch-User TE Upgrade
		Upgrade-Insecure-Requests Via X-Forwarded-For X-Forwarded-Host X-Forwarded-Proto X-Real-IP X-Request-ID X-Requested-With
		WWW-Authenticate Git-Protocol SOAPAction If X-Amz-Date`) {
		v := list("REQUEST_METHOD=GET")
		v.Add("HTTP_"+strings.ToUpper(strings.ReplaceAll(name, "-", "_")), "value")
		r, err := v.Request()
		require.NoError(t, err, name)
		if name == "Host" {
			require.Equal(t, "value", r.Host)
			continue
		}
		require.Equal(t, http.Header{http.CanonicalHeaderKey(name): {"value"}}, r.Header, name)
	}
}

// Values of one field never share memory that an append could overwrite.
func TestRequestHeaderIndependent(t *testing.T) {
	r, err := lines(plain + "HTTP_A=1\nHTTP_B=2\nHTTP_C=3\n").Request()
	require.NoError(t, err)
	r.Header.Add("A", "4")
	require.Equal(t, http.Header{"A": {"1", "4"}, "B": {"2"}, "C": {"3"}}, r.Header)
}

// build adds v to b and fills r and u.
func build(b *env.RequestBuilder, v *env.Vars, r *http.Request, u *url.URL) error {
	for name, value := range v.Pairs() {
		b.Add(name, value)
	}
	return b.Fill(r, u)
}

func TestFillKeepsContext(t *testing.T) {
	r := new(http.Request).WithContext(t.Context())
	u := new(url.URL)
	require.NoError(t, build(new(env.RequestBuilder), lines(plain), r, u))
	require.Equal(t, t.Context(), r.Context(), "the context is the caller's")
	require.Same(t, u, r.URL, "the memory is the caller's")
}

// nginx's stock parameters and five header fields: the map, the memory of the
// values, and what the map needs for more than eight names.
func TestFillAllocations(t *testing.T) {
	v := lines(nginxFastCGI + "HTTP_USER_AGENT=curl\nHTTP_ACCEPT=*/*\nHTTP_ACCEPT_LANGUAGE=de\nHTTP_COOKIE=a=b\n")
	var b env.RequestBuilder
	var r http.Request
	var u url.URL
	n := testing.AllocsPerRun(100, func() {
		if err := build(&b, v, &r, &u); err != nil {
			t.Fatal(err)
		}
		b.Reset()
	})
	require.LessOrEqual(t, n, float64(4))
}

// requestOfLent makes a request of variables whose memory is used for something
// else afterwards.
func requestOfLent(text string) (*http.Request, error) {
	memory := []byte(text)
	var b env.RequestBuilder
	for line := range strings.SplitSeq(unsafe.String(unsafe.SliceData(memory), len(memory)), "\n") {
		name, value, _ := strings.Cut(line, "=")
		b.Add(name, value)
	}
	b.Own()
	r := new(http.Request)
	err := b.Fill(r, new(url.URL))
	for i := range memory {
		memory[i] = '!'
	}
	return r, err
}

// Nothing of a request stays in memory that was lent for it: whole requests of
// every server, of a client with fields that no table knows, and a derived target.
func TestOwn(t *testing.T) {
	for _, text := range []string{
		nginxFastCGI + "HTTP_X_ODD_ONE=1\nHTTP_1=one\nHTTP_-=dash\nHTTP_COOKIE=a=b\nHTTP_COOKIE=c=d\n",
		nginxSCGI, apacheProxyFCGI, apacheSCGI, apacheCGI, lighttpd, haproxy, caddy, plain,
		"REQUEST_METHOD=BREW\nSERVER_PROTOCOL=INCLUDED\nSCRIPT_NAME=/a\nPATH_INFO=/b\nQUERY_STRING=q\nSERVER_NAME=[::1]\nSERVER_PORT=81\n" +
			"REMOTE_ADDR=/run/socket\nCONTENT_LENGTH=7\nCONTENT_TYPE=text/x\n",
		"REQUEST_METHOD=GET\nSERVER_PROTOCOL=HTTP/1.0\nSCRIPT_NAME=/only\nSERVER_NAME=h.test\nREMOTE_ADDR=@name\n",
		"REQUEST_METHOD=GET\nREQUEST_URI=/a\nQUERY_STRING=apart\nHTTPS=on\nSSL_TLS_SNI=sni.test\nSSL_PROTOCOL=TLSv1.3\nHTTP_TRANSFER_ENCODING=chunked\n",
	} {
		r, err := requestOfLent(text)
		require.NoError(t, err)
		want := new(env.Vars)
		for line := range strings.SplitSeq(text, "\n") {
			name, value, _ := strings.Cut(line, "=")
			want.Add(name, value)
		}
		expected, err := want.Request()
		require.NoError(t, err)
		require.Equal(t, expected, r)
	}
}

func FuzzRequest(f *testing.F) {
	for _, seed := range []string{nginxFastCGI, nginxSCGI, apacheProxyFCGI, apacheSCGI, apacheCGI, lighttpd, haproxy, caddy, plain} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		v := new(env.Vars)
		for line := range strings.SplitSeq(text, "\n") {
			name, value, _ := strings.Cut(line, "=")
			v.Add(name, value)
		}
		r, err := v.Request()
		lent, lentErr := requestOfLent(text)
		require.Equal(t, err, lentErr)
		if err != nil {
			require.True(t, strings.HasPrefix(err.Error(), "env: "), "%v", err)
			return
		}
		require.Equal(t, r, lent)
		require.NotEmpty(t, r.Method)
		require.NotEmpty(t, r.URL.Path)
		require.False(t, strings.ContainsAny(r.RequestURI+r.URL.RawQuery+r.Host, " \r\n\x00"), "%q", r.RequestURI)
		require.GreaterOrEqual(t, r.ContentLength, int64(-1))
		for name, values := range r.Header {
			require.Equal(t, http.CanonicalHeaderKey(name), name)
			require.NotEmpty(t, values)
		}
		requireRoundTrip(t, r)
	})
}
