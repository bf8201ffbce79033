package validate_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/postern-go/postern/validate"
	"github.com/stretchr/testify/require"
)

// A fakeTest is a test that is told of errors.
type fakeTest struct {
	helpers int
	errors  []string
}

func (f *fakeTest) Helper() { f.helpers++ }
func (f *fakeTest) Errorf(format string, args ...any) {
	f.errors = append(f.errors, fmt.Sprintf(format, args...))
}

// suiteRows have a handler with which TestHandler finds the rule, and one with
// which it does not.
var suiteRows = []struct {
	rule         string
	fires, quiet http.HandlerFunc
}{
	{"handler-panicked", func(http.ResponseWriter, *http.Request) { panic("no") }, func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }},
	{"head-status-differs", only(http.MethodGet), only(http.MethodGet, http.MethodHead)},
}

// only answers some methods.
func only(methods ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		for _, m := range methods {
			if r.Method == m {
				faultless(w, r)
				return
			}
		}
		w.Header().Set("Allow", strings.Join(methods, ", "))
		w.WriteHeader(http.StatusMethodNotAllowed)
	}
}

func TestSuite(t *testing.T) {
	for _, row := range suiteRows {
		t.Run(row.rule, func(t *testing.T) {
			for h, fires := range map[*http.HandlerFunc]bool{&row.fires: true, &row.quiet: false} {
				var n notebook
				var f fakeTest
				validate.TestHandlerOptions(&f, *h, n.strict())
				requireRule(t, &n, row.rule, fires, "")
				require.Empty(t, f.errors, "the findings go to Report")
			}
		})
	}
}

func TestSuiteOfGoodHandlers(t *testing.T) {
	files := http.FileServerFS(fstest.MapFS{"a.txt": {Data: []byte("Hello, world\n")}})
	mux := http.NewServeMux()
	mux.HandleFunc("GET /a", faultless)
	for _, row := range []struct {
		why     string
		handler http.Handler
		targets []string
	}{
		{"a handler that reads and answers", http.HandlerFunc(faultless), nil},
		{"the standard file server", files, []string{"/", "/a.txt", "/missing"}},
		{"the standard mux", mux, []string{"/a", "/missing"}},
		{"http.Error", http.NotFoundHandler(), []string{"/a%20b?c=d%20e"}},
		{"a redirect", http.RedirectHandler("/a", http.StatusFound), nil},
		{"the parser of forms", http.HandlerFunc(parse), nil},
		{"events without end", http.HandlerFunc(events), nil},
	} {
		t.Run(row.why, func(t *testing.T) {
			validate.TestHandler(t, row.handler, row.targets...)
		})
	}
}

func parse(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		http.Error(w, "malformed", http.StatusBadRequest)
		return
	}
	faultless(w, r)
}

func TestSuiteFails(t *testing.T) {
	for _, row := range []struct {
		why     string
		handler http.HandlerFunc
		want    string
	}{
		{"a panic", func(http.ResponseWriter, *http.Request) { panic("no such luck") }, "no such luck"},
		{"a body that depends on its length", lengthOnly, "content-length-exceeded"},
		{"writing for a client that left", chatty, "write-error-ignored"},
		{"a late status", do(text, "a", 200), "write-header-twice"},
	} {
		t.Run(row.why, func(t *testing.T) {
			var f fakeTest
			validate.TestHandler(&f, row.handler)
			require.NotEmpty(t, f.errors)
			require.Contains(t, strings.Join(f.errors, "\n"), row.want)
			require.Contains(t, strings.Join(f.errors, "\n"), "validate/")
			require.NotZero(t, f.helpers)
		})
	}
}

// lengthOnly echoes a body under a length that is one short.
func lengthOnly(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/plain")
	b, _ := io.ReadAll(r.Body)
	if len(b) > 0 {
		w.Header().Set("Content-Length", itoa(len(b)-1))
	}
	w.Write(b)
}

func chatty(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/plain")
	for range 100 {
		io.WriteString(w, strings.Repeat("a", 1000))
	}
}

func TestSuiteRefusesTargets(t *testing.T) {
	for target, want := range map[string]string{
		"a":     `validate: target "a" does not begin with a slash`,
		"/%zz":  `validate: target "/%zz" never came to the handler: it is malformed`,
		"/a b":  `validate: target "/a b" never came to the handler: it is malformed`,
		"/\x01": `validate: target "/\x01" never came to the handler: it is malformed`,
	} {
		var f fakeTest
		validate.TestHandler(&f, http.HandlerFunc(faultless), target)
		require.Equal(t, []string{want}, f.errors)
	}
}

func TestSuiteSurvivesPanic(t *testing.T) {
	var f fakeTest
	validate.TestHandlerOptions(&f, do(204, "a"), validate.Options{Report: validate.Panic})
	require.NotEmpty(t, f.errors)
	require.Contains(t, f.errors[0], "body-not-allowed")
}

// events goes on until its client leaves.
func events(w http.ResponseWriter, r *http.Request) {
	io.Copy(io.Discard, r.Body)
	w.Header().Set("Content-Type", "text/event-stream")
	for r.Context().Err() == nil {
		io.WriteString(w, "data: a\n\n")
		http.NewResponseController(w).Flush()
	}
}
