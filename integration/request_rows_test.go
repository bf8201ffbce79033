package integration

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"path/filepath"
	"strings"

	"github.com/stretchr/testify/require"

	"github.com/postern-go/postern/integration/testapp/app"
)

// requestRows are about what the handler sees of a request.
func requestRows() []row {
	return []row{
		{"echo", "method, target, query, host and gate arrive", echoSimple},
		{"echo", "anything below the first segment is the same path", echoBelow},
		{"echo", "escaped bytes of the path are decoded once and the target stays as it was sent", echoEscaped},
		{"echo", "a query that looks like arguments of a program is a query", echoArguments},
		{"echo", "repeated header fields stay apart or are joined, and none is lost", echoRepeated},
		{"echo", "a body arrives whole", echoBody},
		{"echo", "an unusual method arrives", echoMethod},
		{"echo", "a HEAD request has no body in its answer", echoHead},
		{"upload", "a body of known length arrives whole by POST", uploadBy(http.MethodPost, false)},
		{"upload", "a body of known length arrives whole by PUT", uploadBy(http.MethodPut, false)},
		{"upload", "a body of unknown length arrives whole", uploadBy(http.MethodPost, true)},
		{"upload", "an empty body is a body of no bytes", uploadEmpty},
		{"upload", "other methods are not allowed", uploadGet},
		{"upload", "the answer is written to the marked file too", uploadMark},
		{"read-some", "the rest of the body may stay unread", readSome},
		{"read-some", "a body shorter than asked for is read to its end", readAll},
		{"nowhere", "any other path is a 404", nowhere},
	}
}

func echoSimple(t require.TestingT, g gate, o *opened) {
	r := o.request(t, http.MethodGet, "/echo?a=b%20c&d=1;2&e", nil)
	r.Host = "site.test"
	r.Header.Set("X-Probe", "some value")
	e := o.do(t, r).echo(t)
	require.Equal(t, "GET", e.Method)
	require.Equal(t, o.mount+"/echo?a=b%20c&d=1;2&e", e.URI)
	require.Equal(t, "/echo", e.Path)
	require.Equal(t, "a=b%20c&d=1;2&e", e.Query)
	require.Equal(t, "site.test", e.Host)
	require.Equal(t, "http", e.Scheme)
	require.Equal(t, []string{"some value"}, e.Headers["X-Probe"])
	require.Equal(t, g.protocol, e.Flags.Gateway)
	require.Zero(t, e.BodyLen)
	require.Equal(t, "GET", e.Environ["REQUEST_METHOD"])
	require.Equal(t, "a=b%20c&d=1;2&e", e.Environ["QUERY_STRING"])
	require.Equal(t, "some value", e.Environ["HTTP_X_PROBE"])
}

func echoBelow(t require.TestingT, _ gate, o *opened) {
	for _, path := range []string{"/echo/", "/echo/anything", "/echo/any/thing/"} {
		require.Equal(t, path, o.get(t, path).echo(t).Path)
	}
}

func echoEscaped(t require.TestingT, _ gate, o *opened) {
	target := "/echo/%7Eu/y%20z/caf%C3%A9/a%2Fb/%2525;v=1"
	e := o.get(t, target).echo(t)
	require.Equal(t, o.mount+target, e.URI)
	require.Equal(t, "/echo/~u/y z/café/a/b/%25;v=1", e.Path)
}

// echoArguments: a web server makes arguments of a query without "=" (RFC 3875, section 4.4).
func echoArguments(t require.TestingT, _ gate, o *opened) {
	for _, query := range []string{"--help", "--listen+http://127.0.0.1:1", "-x"} {
		require.Equal(t, query, o.get(t, "/echo?"+query).echo(t).Query)
	}
}

func echoRepeated(t require.TestingT, _ gate, o *opened) {
	r := o.request(t, http.MethodGet, "/echo", nil)
	r.Header["X-Probe"] = []string{"one", "two"}
	e := o.do(t, r).echo(t)
	require.Equal(t, "one, two", strings.Join(e.Headers["X-Probe"], ", "))
	require.Equal(t, "one, two", e.Environ["HTTP_X_PROBE"])
}

func echoBody(t require.TestingT, _ gate, o *opened) {
	r := o.request(t, http.MethodPost, "/echo", app.Pattern(70000))
	r.ContentLength = 70000
	r.Header.Set("Content-Type", "text/x-probe")
	e := o.do(t, r).echo(t)
	require.EqualValues(t, 70000, e.BodyLen)
	require.Equal(t, patternSum(t, 70000), e.BodySHA256)
	require.Equal(t, []string{"text/x-probe"}, e.Headers["Content-Type"])
	require.Equal(t, "text/x-probe", e.Environ["CONTENT_TYPE"])
	require.Equal(t, "70000", e.Environ["CONTENT_LENGTH"])
}

func echoMethod(t require.TestingT, _ gate, o *opened) {
	for _, method := range []string{"DELETE", "OPTIONS", "PROPFIND", "PATCH"} {
		require.Equal(t, method, o.do(t, o.request(t, method, "/echo", nil)).echo(t).Method)
	}
}

func echoHead(t require.TestingT, _ gate, o *opened) {
	a := o.do(t, o.request(t, http.MethodHead, "/echo", nil))
	a.want(t, http.StatusOK, "")
	require.Equal(t, "application/json", a.Header.Get("Content-Type"))
}

func uploadBy(method string, chunked bool) func(require.TestingT, gate, *opened) {
	return func(t require.TestingT, _ gate, o *opened) {
		const n = 300000
		r := o.request(t, method, "/upload", app.Pattern(n))
		if !chunked {
			r.ContentLength = n
		}
		u := o.do(t, r).upload(t)
		require.Equal(t, app.Upload{BodyLen: n, BodySHA256: patternSum(t, n)}, u)
	}
}

func uploadEmpty(t require.TestingT, _ gate, o *opened) {
	u := o.do(t, o.request(t, http.MethodPost, "/upload", nil)).upload(t)
	require.Equal(t, app.Upload{BodySHA256: patternSum(t, 0)}, u)
}

func uploadGet(t require.TestingT, _ gate, o *opened) {
	a := o.get(t, "/upload")
	a.wantStatus(t, http.StatusMethodNotAllowed)
	require.Equal(t, "POST, PUT", a.Header.Get("Allow"))
}

func uploadMark(t require.TestingT, _ gate, o *opened) {
	path := filepath.Join(o.marks, "upload")
	r := o.request(t, http.MethodPost, "/upload?mark="+path, strings.NewReader("body"))
	u := o.do(t, r).upload(t)
	var marked app.Upload
	require.NoError(t, json.Unmarshal(waitForFile(t, "the mark is written", path), &marked))
	require.Equal(t, u, marked)
}

func readSome(t require.TestingT, _ gate, o *opened) {
	r := o.request(t, http.MethodPost, "/read-some?n=5", app.Pattern(300000))
	r.ContentLength = 300000
	o.do(t, r).want(t, http.StatusOK, "read 5\n")
	o.get(t, "/slow").want(t, http.StatusOK, "slept\n")
}

func readAll(t require.TestingT, _ gate, o *opened) {
	r := o.request(t, http.MethodPost, "/read-some?n=50", strings.NewReader("short"))
	o.do(t, r).want(t, http.StatusOK, "read 5\n")
}

func nowhere(t require.TestingT, _ gate, o *opened) {
	for _, path := range []string{"/nowhere", "/", "/echoes", "/ec/ho"} {
		o.get(t, path).wantStatus(t, http.StatusNotFound)
	}
}

func patternSum(t require.TestingT, n int64) string {
	sum := sha256.New()
	_, err := io.Copy(sum, app.Pattern(n))
	require.NoError(t, err)
	return hex.EncodeToString(sum.Sum(nil))
}
