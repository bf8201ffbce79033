package validate_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/postern-go/postern/validate"
	"github.com/stretchr/testify/require"
)

// A bent request is what a server made of GET /a%20b?c=d, or of POST with the
// body "body".
type bend func(r *http.Request)

var requestRows = []struct {
	rule         string
	fires, quiet bend
}{
	{"request-method-malformed", func(r *http.Request) { r.Method = "GE T" }, func(r *http.Request) { r.Method = "GE-T" }},
	{"request-method-unknown", func(r *http.Request) { r.Method = "get" }, func(r *http.Request) { r.Method = "PATCH" }},
	{"request-uri-missing", func(r *http.Request) { r.RequestURI = "" }, nil},
	{"request-uri-malformed", func(r *http.Request) { r.RequestURI = "/a b?c=d" }, nil},
	{"request-uri-malformed", func(r *http.Request) { r.RequestURI = "a%20b?c=d" }, nil},
	{"request-uri-malformed", func(r *http.Request) { r.RequestURI = "?c=d" }, nil},
	{"request-url-missing", func(r *http.Request) { r.URL = nil }, nil},
	{"request-url-absolute", func(r *http.Request) { r.URL.Scheme, r.URL.Host = "http", "example.com" }, func(r *http.Request) {
		r.URL.Scheme, r.URL.Host, r.RequestURI = "http", "example.com", "http://example.com/a%20b?c=d"
	}},
	{"request-path-relative", func(r *http.Request) { r.URL.Path = "a b" }, nil},
	{"request-path-relative", func(r *http.Request) { r.URL.Path = "" }, func(r *http.Request) {
		r.URL.Path, r.RequestURI = "", "http://example.com?c=d"
	}},
	{"request-path-differs", func(r *http.Request) { r.URL.Path = "/a%20b" }, nil},
	{"request-query-differs", func(r *http.Request) { r.URL.RawQuery = "" }, nil},
	{"request-raw-path-contradicts", func(r *http.Request) { r.URL.RawPath = "/a%20c" }, func(r *http.Request) { r.URL.RawPath = "/a%20%62" }},
	{"request-host-missing", func(r *http.Request) { r.Host = "" }, func(r *http.Request) {
		r.Host, r.Proto, r.ProtoMinor = "", "HTTP/1.0", 0
	}},
	{"request-host-malformed", func(r *http.Request) { r.Host = "user@example.com" }, func(r *http.Request) { r.Host = "example.com:80" }},
	{"request-host-malformed", func(r *http.Request) { r.Host = "[::1" }, func(r *http.Request) { r.Host = "[::1]" }},
	{"request-host-field", field("Host", "example.com"), field("X-Host", "example.com")},
	{"request-host-differs", func(r *http.Request) { r.RequestURI = "http://other.test/a%20b?c=d" }, func(r *http.Request) {
		r.RequestURI = "http://EXAMPLE.com/a%20b?c=d"
	}},
	{"request-proto-contradicts", func(r *http.Request) { r.ProtoMinor = 0 }, func(r *http.Request) { r.Proto, r.ProtoMinor = "INCLUDED", 0 }},
	{"request-remote-addr-malformed", func(r *http.Request) { r.RemoteAddr = "192.0.2.1" }, func(r *http.Request) { r.RemoteAddr = "@" }},
	{"request-remote-addr-malformed", func(r *http.Request) { r.RemoteAddr = "[unix:]:0" }, func(r *http.Request) { r.RemoteAddr = "[::1]:0" }},
	{"request-header-missing", func(r *http.Request) { r.Header = nil }, nil},
	{"request-field-name-malformed", field("X A", "1"), field("X-A", "1")},
	{"request-field-name-not-canonical", field("x-a", "1"), field("X-A", "1")},
	{"request-field-value-malformed", field("X-A", "1\r\n2"), field("X-A", "1\t2")},
	{"request-field-aliased", field("X-A", "1", "X_a", "2"), field("X-A", "1", "Xa", "2")},
	{"request-field-repeated", field("Content-Type", "a/b", "Content-Type", "a/b"), field("Accept", "a/b", "Accept", "a/b")},
	{"request-proxy-field", field("Proxy", "http://evil.test"), field("Proxy-Authorization", "x")},
	{"request-content-length-malformed", field("Content-Length", "4x"), field("Content-Length", "4")},
	{"request-content-length-malformed", field("Content-Length", "4", "Content-Length", "5"), field("Content-Length", "4", "Content-Length", "4")},
	{"request-content-length-differs", field("Content-Length", "5"), field("Content-Length", "4")},
	{"request-content-length-and-coding", func(r *http.Request) {
		r.Header.Set("Content-Length", "4")
		r.TransferEncoding, r.ContentLength = []string{"chunked"}, -1
	}, func(r *http.Request) { r.TransferEncoding, r.ContentLength = []string{"chunked"}, -1 }},
	{"request-transfer-encoding-field", field("Transfer-Encoding", "chunked"), field("Accept-Encoding", "chunked")},
	{"request-body-missing", func(r *http.Request) { r.Body = nil }, func(r *http.Request) { r.Body = http.NoBody; r.ContentLength = 0 }},
	{"request-body-empty", func(r *http.Request) { r.Body = http.NoBody }, func(r *http.Request) { r.Body = http.NoBody; r.ContentLength = 0 }},
	{"request-body-short", func(r *http.Request) { r.ContentLength = 5 }, func(r *http.Request) { r.ContentLength = -1 }},
	{"request-body-short", func(r *http.Request) { r.ContentLength = 5 }, func(r *http.Request) {
		r.ContentLength = 5
		r.Body = script("body", io.ErrUnexpectedEOF)
	}},
	{"request-body-long", func(r *http.Request) { r.ContentLength = 3 }, nil},
	{"request-body-count", func(r *http.Request) { r.Body = broken{} }, nil},
	{"request-body-after-end", func(r *http.Request) { r.Body = script("bo", io.EOF, "dy", io.EOF) }, func(r *http.Request) {
		r.Body = script("bo", "dy", io.EOF)
	}},
}

// field adds fields to the header without touching their names.
func field(pairs ...string) bend {
	return func(r *http.Request) {
		for i := 0; i < len(pairs); i += 2 {
			r.Header[pairs[i]] = append(r.Header[pairs[i]], pairs[i+1])
		}
	}
}

// A scripted body returns one step for each Read: bytes, an error, or both.
type scripted struct{ steps []any }

func script(steps ...any) io.ReadCloser { return &scripted{steps} }

func (s *scripted) Read(p []byte) (n int, err error) {
	if len(s.steps) == 0 {
		return 0, io.EOF
	}
	if text, ok := s.steps[0].(string); ok {
		n, s.steps = copy(p, text), s.steps[1:]
	}
	if len(s.steps) > 0 {
		if e, ok := s.steps[0].(error); ok {
			err, s.steps = e, s.steps[1:]
		}
	}
	return n, err
}

func (s *scripted) Close() error { return nil }

type broken struct{}

func (broken) Read(p []byte) (int, error) { return len(p) + 1, io.EOF }
func (broken) Close() error               { return nil }

// reader reads the body and then once more, and never more than it was told.
func reader(w http.ResponseWriter, r *http.Request) {
	if r.Body != nil {
		var p [16]byte
		for range 4 {
			if _, err := r.Body.Read(p[:]); err != nil && !errors.Is(err, io.EOF) {
				break
			}
		}
	}
	w.WriteHeader(http.StatusNoContent)
}

func TestRequests(t *testing.T) {
	for _, row := range requestRows {
		t.Run(row.rule, func(t *testing.T) {
			quiet := row.quiet
			if quiet == nil {
				quiet = func(*http.Request) {}
			}
			for _, b := range []struct {
				bend  bend
				fires bool
			}{{row.fires, true}, {quiet, false}} {
				var n notebook
				r := request("POST", "/a%20b?c=d", "body")
				b.bend(r)
				validate.Handler(http.HandlerFunc(reader), n.strict()).ServeHTTP(httptest.NewRecorder(), r)
				requireRule(t, &n, row.rule, b.fires, "")
			}
		})
	}
}

// What the request targets of servers look like.
func TestRequestTargets(t *testing.T) {
	for _, row := range []struct{ why, method, target, path string }{
		{"origin-form", "GET", "/a", "/a"},
		{"an escaped slash", "GET", "/a%2Fb", "/a/b"},
		{"two slashes", "GET", "//a/b", "//a/b"},
		{"a colon", "GET", "/a:b", "/a:b"},
		{"a query that is none of a path", "GET", "/?a=%zz", "/"},
		{"bytes outside ASCII", "GET", "/\xff", "/\xff"},
		{"asterisk-form", "OPTIONS", "*", "*"},
		{"absolute-form without a path", "GET", "http://example.com", "/"},
	} {
		t.Run(row.why, func(t *testing.T) {
			var n notebook
			r := request(row.method, "/", "")
			_, query, _ := strings.Cut(row.target, "?")
			r.RequestURI, r.URL = row.target, &url.URL{Path: row.path, RawQuery: query}
			validate.Handler(http.HandlerFunc(reader), n.strict()).ServeHTTP(httptest.NewRecorder(), r)
			require.Empty(t, n.list())
		})
	}
	t.Run("CONNECT", func(t *testing.T) {
		var n notebook
		r := request("GET", "/", "")
		r.Method, r.RequestURI, r.Host, r.URL = "CONNECT", "h.test:443", "h.test:443", &url.URL{Host: "h.test:443"}
		validate.Handler(http.HandlerFunc(reader), n.strict()).ServeHTTP(httptest.NewRecorder(), r)
		require.Empty(t, n.list())
	})
}

// The HTTP Method Registry of IANA, but for the two names that are there so that nobody uses them.
func TestRegisteredMethods(t *testing.T) {
	const registry = "ACL BASELINE-CONTROL BIND CHECKIN CHECKOUT CONNECT COPY DELETE GET HEAD LABEL LINK LOCK MERGE MKACTIVITY MKCALENDAR " +
		"MKCOL MKREDIRECTREF MKWORKSPACE MOVE OPTIONS ORDERPATCH PATCH POST PROPFIND PROPPATCH PUT QUERY REBIND REPORT SEARCH TRACE " +
		"UNBIND UNCHECKOUT UNLINK UNLOCK UPDATE UPDATEREDIRECTREF VERSION-CONTROL"
	unknown := func(method string) bool {
		var n notebook
		r := request("POST", "/", "")
		r.Method = method
		validate.Handler(http.HandlerFunc(faultless), n.strict()).ServeHTTP(httptest.NewRecorder(), r)
		return slices.Contains(n.ids(), "request-method-unknown") && slices.Contains(n.ids(), "unknown-method-accepted")
	}
	for method := range strings.FieldsSeq(registry) {
		require.False(t, unknown(method), method)
	}
	for _, method := range []string{"PRI", "*", "propfind", "MKCOLS", "POSTERN"} {
		require.True(t, unknown(method), method)
	}
}

// What any client can send, and servers in use pass on, is no error of theirs at the level Deployed.
func TestServersPassOn(t *testing.T) {
	for _, fields := range []string{
		"Host: ",
		"Host: [::1",
		"Host: h:x",
		"Host: :80",
		"Host: h.test\r\nAuthorization: a\r\nAuthorization: b",
		"Host: h.test\r\nRange: a\r\nRange: b",
		"Host: h.test\r\nUser-Agent: a\r\nUser-Agent: b",
		"Host: h.test\r\nContent-Type: a/b\r\nContent-Type: c/d",
		"Host: h.test\r\nOrigin: a\r\nOrigin: b",
	} {
		for server := range wireServers {
			var deployed, strict notebook
			h := validate.Handler(validate.Handler(http.HandlerFunc(faultless), strict.strict()), validate.Options{Report: deployed.report})
			answer := wireOf(t, server, "GET / HTTP/1.1\r\n"+fields+"\r\nConnection: close\r\n\r\n", h)
			require.Contains(t, answer, " 200 OK\r\n", "%q over %s", fields, server)
			require.Empty(t, deployed.list(), "%q over %s", fields, server)
			require.NotEmpty(t, strict.list(), "%q over %s", fields, server)
		}
	}
}
