package validate_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/postern-go/postern/validate"
	"github.com/stretchr/testify/require"
)

// Third parties of the standard library, at the strictest level.
func TestStandardHandlers(t *testing.T) {
	backend := httptest.NewServer(http.HandlerFunc(faultless))
	defer backend.Close()
	u, err := url.Parse(backend.URL)
	require.NoError(t, err)
	proxy := httputil.NewSingleHostReverseProxy(u)
	proxy.ErrorLog = quietLog
	files := http.FileServerFS(fstest.MapFS{"a.txt": {Data: []byte("Hello, world\n"), ModTime: time.Unix(1e9, 0)}})
	for _, row := range []struct {
		why     string
		handler http.Handler
		ask     ask
		target  string
		want    []string
	}{
		{"a file", files, ask{}, "/a.txt", nil},
		{"a part of it", files, ask{fields: "Range: bytes=1-2"}, "/a.txt", nil},
		{"several parts", files, ask{fields: "Range: bytes=1-2,4-5"}, "/a.txt", nil},
		{"none of it", files, ask{fields: "Range: bytes=99-"}, "/a.txt", nil},
		{"a file that is known", files, ask{fields: "If-Modified-Since: Sun, 09 Sep 2001 01:46:40 GMT"}, "/a.txt", nil},
		{"its head", files, head, "/a.txt", nil},
		{"a directory", files, ask{}, "/", nil},
		{"a redirect to it, by a relative Location", files, ask{}, "/index.html", []string{"location-relative"}},
		{"no file", files, ask{}, "/b", nil},
		{"a proxy", proxy, ask{}, "/", nil},
		{"a proxy and a body", proxy, post, "/", nil},
		{"a proxy and HEAD", proxy, head, "/", nil},
		{"http.TimeoutHandler", http.TimeoutHandler(http.HandlerFunc(faultless), time.Minute, ""), ask{}, "/", nil},
		{"http.MaxBytesHandler", http.MaxBytesHandler(http.HandlerFunc(faultless), 9), post, "/", nil},
		{"http.StripPrefix", http.StripPrefix("/a", http.HandlerFunc(faultless)), ask{}, "/a/b", nil},
	} {
		t.Run(row.why, func(t *testing.T) {
			var n notebook
			s := httptest.NewServer(validate.Handler(row.handler, n.strict()))
			defer s.Close()
			r, err := http.NewRequest(row.ask.verb(), s.URL+row.target, strings.NewReader(row.ask.body))
			require.NoError(t, err)
			row.ask.each(r.Header.Add)
			res, err := s.Client().Transport.RoundTrip(r)
			require.NoError(t, err)
			io.Copy(io.Discard, res.Body)
			res.Body.Close()
			s.Close()
			require.Equal(t, row.want, n.ids(), "%v", n.list())
		})
	}
}
