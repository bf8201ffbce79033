package validate_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/postern-go/postern/validate"
	"github.com/stretchr/testify/require"
)

// copyOf copies a source, which has no WriteTo, by ReadFrom where there is one.
func copyOf(src func() io.Reader) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) { io.Copy(w, struct{ io.Reader }{src()}) }
}

func copyString(s string) http.HandlerFunc {
	return copyOf(func() io.Reader { return strings.NewReader(s) })
}

// copyFailing copies a source of which only the first part can be read.
func copyFailing(part string) http.HandlerFunc {
	return copyOf(func() io.Reader { return &failing{part} })
}

// What ReadFrom copies is checked as what Write writes.
func TestReadFromIsChecked(t *testing.T) {
	runRows(t, []row{
		{rule: "content-type-missing", fires: do(copyString("a")), quiet: do(copyString(""))},
		{rule: "body-not-allowed", fires: do(204, copyString("a")), quiet: do(204, copyString(""))},
		{rule: "content-length-exceeded", fires: do(text, set{"Content-Length", "1"}, copyString("ab")), quiet: do(text, set{"Content-Length", "2"}, copyString("ab"))},
		{rule: "content-length-short", fires: do(text, set{"Content-Length", "3"}, copyString("ab")), quiet: do(text, set{"Content-Length", "2"}, copyString("ab"))},
		{rule: "content-length-short", fires: do(text, set{"Content-Length", "3"}, copyFailing("ab")), quiet: do(text, set{"Content-Length", "2"}, copyFailing("ab"))},
		{rule: "write-header-twice", fires: do(text, copyFailing("ab"), 502), quiet: do(text, copyFailing(""), 502)},
		{rule: "etag-malformed", fires: do(text, set{"Etag", "a"}, copyString("a")), quiet: do(text, set{"Etag", "a"}, copyString(""), set{"Etag", `"a"`}, 204)},
	})
}

// A source without a byte fixes nothing, and one may still answer otherwise.
func TestNothingIsCopied(t *testing.T) {
	directory := func(w http.ResponseWriter, r *http.Request) {
		d, err := os.Open(t.TempDir())
		if err != nil {
			panic(err)
		}
		defer d.Close()
		if _, err := io.Copy(w, d); err != nil {
			http.Error(w, "cannot read", http.StatusInternalServerError)
		}
	}
	for why, h := range map[string]http.HandlerFunc{
		"a directory":                  directory,
		"an empty source":              do(copyString(""), set{"X-A", "1"}, 204),
		"a source that fails at once":  do(copyFailing(""), text8, 502, "bad gateway"),
		"two sources, and one is none": do(text8, copyString(""), copyString("a")),
	} {
		for _, way := range []way{overRecorder, overServer, overGateway} {
			t.Run(why+" over "+way.name, func(t *testing.T) {
				var n notebook
				way.run(t, ask{}, validate.Handler(h, n.strict()))
				requireNothing(t, &n)
			})
		}
	}
}

var text8 = set{"Content-Type", "text/plain; charset=utf-8"}

// A copying is what a server makes of a copy, and whether its client has gone meanwhile.
type copying struct {
	gone     bool
	readFrom func(src io.Reader) (int64, error)
}

// A copier is a server with a ReadFrom of its own.
type copier struct {
	http.ResponseWriter
	copying
	leave func()
}

func (c copier) ReadFrom(src io.Reader) (int64, error) {
	if c.gone {
		c.leave()
	}
	return c.readFrom(src)
}

func takesAll(src io.Reader) (int64, error) { return io.Copy(io.Discard, src) }

// returns is a ReadFrom that only returns.
func returns(n int64, err error) func(io.Reader) (int64, error) {
	return func(io.Reader) (int64, error) { return n, err }
}

var errReset = errors.New("connection reset")

// copierRows are about the server's side of a copy, and about clients that leave meanwhile.
var copierRows = []struct {
	rule, why    string
	handler      http.HandlerFunc
	fires, quiet copying
}{
	{"writer-body-accepted", "a status without a body", do(204, copyString("a")),
		copying{false, takesAll}, copying{false, returns(0, http.ErrBodyNotAllowed)}},
	{"writer-overrun-accepted", "more than is declared", do(text, set{"Content-Length", "1"}, copyString("ab")),
		copying{false, takesAll}, copying{false, returns(0, http.ErrContentLength)}},
	{"writer-count", "fewer than no bytes", do(text, copyString("a")),
		copying{false, returns(-1, nil)}, copying{false, returns(0, nil)}},
	{"write-error-ignored", "a write after a copy to a client that is gone", do(text, copyString("ab"), "c"),
		copying{true, returns(1, errReset)}, copying{false, returns(1, errReset)}},
	{"write-error-ignored", "an error of the context is the source's", do(text, copyString("ab"), "c"),
		copying{true, returns(1, errReset)}, copying{true, returns(1, context.Canceled)}},
	{"write-error-ignored", "a copy after a copy", do(text, copyString("ab"), copyString("c")),
		copying{true, returns(0, errReset)}, copying{true, returns(1, nil)}},
	{"content-length-short", "the source fails, or the client is gone", do(text, set{"Content-Length", "3"}, copyString("ab")),
		copying{false, returns(1, errReset)}, copying{true, returns(1, errReset)}},
}

func TestCopiers(t *testing.T) {
	for _, row := range copierRows {
		for c, fires := range map[*copying]bool{&row.fires: true, &row.quiet: false} {
			var n notebook
			ctx, leave := context.WithCancel(t.Context())
			w := copier{httptest.NewRecorder(), *c, leave}
			validate.Handler(row.handler, n.strict()).ServeHTTP(w, request("GET", "/", "").WithContext(ctx))
			leave()
			requireRule(t, &n, row.rule, fires, row.why)
		}
	}
}

// Of what is copied a finding shows how much it is, and does not take what comes next for the beginning.
func TestCopiedBytesAreCounted(t *testing.T) {
	var n notebook
	h := do(text, set{"Content-Length", "5"}, copyString("hello"), "more")
	validate.Handler(h, n.strict()).ServeHTTP(copier{httptest.NewRecorder(), copying{false, takesAll}, nil}, request("GET", "/", ""))
	require.Contains(t, n.find(t, "content-length-exceeded").Response, "\n\n(9 bytes)\n")
}

// A reading source calls something before each Read.
type reading struct {
	io.Reader
	before func()
}

func (r reading) Read(p []byte) (int, error) {
	r.before()
	return r.Reader.Read(p)
}

// A source may use the writer, in the goroutine that copies it. Another goroutine may not meanwhile.
func TestUseDuringACopy(t *testing.T) {
	for _, other := range []bool{true, false} {
		var n notebook
		h := func(w http.ResponseWriter, r *http.Request) {
			text8.on(w)
			use := func() { http.NewResponseController(w).Flush() }
			if other {
				use = func() {
					done := make(chan bool)
					go func() { http.NewResponseController(w).Flush(); close(done) }()
					<-done
				}
			}
			io.Copy(w, reading{strings.NewReader("a"), use})
		}
		viaServer(t, ask{}, validate.Handler(http.HandlerFunc(h), n.strict()))
		requireRule(t, &n, "writer-concurrent", other, "")
	}
}
