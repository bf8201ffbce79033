package validate_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/postern-go/postern/validate"
)

// FuzzExchange looks for bytes that the checker does not survive.
func FuzzExchange(f *testing.F) {
	f.Add("GET", "/a%20b?c", "h.test", "X-A", "1", 200, "Set-Cookie", "a=1; Path=/; Max-Age=5")
	f.Add("OPTIONS", "*", "[::1]:80", "Content-Length", "3", 204, "Location", "//a/b?c#d")
	f.Add("CONNECT", "h.test:443", "h.test:443", "X_A", "1", 302, "Content-Type", "text/plain; charset=a")
	f.Add("GET", "http://h.test", "h.test", "Range", "bytes=0-", 206, "Trailer", "X-A, , Content-Length")
	f.Add("", "?", "]:[", "", "\x00", 100, "", "\xff")
	f.Add("HEAD", "/", "", "x.y", "", 304, "Etag", "W/\"")
	f.Fuzz(func(t *testing.T, method, target, host, name, value string, status int, field, text string) {
		r := &http.Request{Method: method, RequestURI: target, Host: host, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
			URL: &url.URL{Path: target, RawPath: value}, Header: http.Header{name: {value, text}, "Accept": nil}, Body: io.NopCloser(strings.NewReader(text))}
		o := validate.Options{Level: validate.Strict, Report: func(f validate.Finding) {
			if strings.ContainsAny(f.Request+f.Response, "\x00\r\x1b") {
				t.Fatalf("a control character got through: %q", f)
			}
		}}
		validate.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			io.Copy(io.Discard, r.Body)
			w.Header()[field] = []string{text, value}
			if 100 <= status && status <= 999 {
				w.WriteHeader(status)
			}
			io.WriteString(w, text)
		}), o).ServeHTTP(httptest.NewRecorder(), r)
	})
}
