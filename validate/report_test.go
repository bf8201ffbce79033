package validate_test

import (
	"bytes"
	"io"
	"log"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/postern-go/postern/validate"
	"github.com/stretchr/testify/require"
)

// forbidden writes where there is no body, in one place.
func forbidden(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("X-A", "1")
	w.WriteHeader(http.StatusNoContent)
	io.WriteString(w, "forbidden\n")
}

func askOnce(h http.Handler, target string) {
	r := request("POST", target, "a body\x00")
	r.Header.Set("Authorization", "Basic c2VjcmV0")
	r.Header.Set("X-Line", "a\x1b[31m")
	h.ServeHTTP(httptest.NewRecorder(), r)
}

func TestFinding(t *testing.T) {
	var n notebook
	h := validate.Handler(do(readAll, http.HandlerFunc(forbidden)), validate.Options{Report: n.report, Ignore: []string{"request-field-value-malformed"}})
	askOnce(h, "/a?b")
	require.Len(t, n.list(), 1)
	f := n.list()[0]
	require.Equal(t, "body-not-allowed", f.Rule.ID)
	require.Equal(t, validate.Application, f.Rule.Side)
	require.Equal(t, validate.Error, f.Rule.Severity)
	require.Regexp(t, `^validate/report_test\.go:\d+$`, f.Place)
	require.Equal(t, "10 bytes were written with status 204.", f.Detail)
	require.Equal(t, "POST /a?b HTTP/1.1\nHost: example.com\nAuthorization: (14 bytes)\nX-Line: a\\x1b[31m\n\na body\\x00\n", f.Request)
	require.Equal(t, "204 No Content\nX-A: 1\n\nforbidden\\n\n", f.Response)
	require.Contains(t, f.String(), "A body was written for a status that has none.")
}

// shownRows are about what a finding shows.
var shownRows = []struct{ why, target, fields, rule, detail, request, response string }{
	{"no password", "http://u:secret@example.com/a", "", "content-type-missing", "", "GET http://example.com/a HTTP/1.1\n", ""},
	{"nor where the target is quoted", "http://u:secret@h.test/a", "", "request-host-differs", `It is "example.com", and the target "http://h.test/a".`, "", ""},
	{"an @ in a path", "/http://a@b", "", "content-type-missing", "", "GET /http://a@b HTTP/1.1\n", ""},
	{"no key", "/", "X-Api-Key: k", "content-type-missing", "", "X-Api-Key: (1 bytes)\n", ""},
	{"no token", "/", "X-Auth-Token: k", "content-type-missing", "", "X-Auth-Token: (1 bytes)\n", ""},
	{"the bytes that break a rule", "/", "", "content-type-missing", "", "", "200 OK\n\nhello\n"},
}

func TestWhatIsShown(t *testing.T) {
	for _, row := range shownRows {
		var n notebook
		r := request("GET", "/", "")
		r.RequestURI = row.target
		ask{fields: row.fields}.each(r.Header.Add)
		validate.Handler(do("hello"), n.strict()).ServeHTTP(httptest.NewRecorder(), r)
		f := n.find(t, row.rule)
		require.Contains(t, f.Detail, row.detail, row.why)
		require.Contains(t, f.Request, row.request, row.why)
		require.Contains(t, f.Response, row.response, row.why)
		require.NotContains(t, f.Request+f.Detail, "secret", row.why)
	}
}

// logging is middleware with a wrapper that everything passes through.
type logging struct {
	http.ResponseWriter
	status int
}

func (l *logging) WriteHeader(code int) {
	l.status = code
	l.ResponseWriter.WriteHeader(code)
}

func (l *logging) Write(p []byte) (int, error) { return l.ResponseWriter.Write(p) }

// The place is the handler's, not that of what it is wrapped in.
func TestPlaceBehindAWrapper(t *testing.T) {
	var n notebook
	mux := http.NewServeMux()
	mux.HandleFunc("/a", func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "a") })
	mux.HandleFunc("/b", func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "b") })
	mux.HandleFunc("/c", func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(302) })
	h := validate.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { mux.ServeHTTP(&logging{ResponseWriter: w}, r) }), n.strict())
	for _, target := range []string{"/a", "/b", "/c", "/a"} {
		h.ServeHTTP(httptest.NewRecorder(), request("GET", target, ""))
	}
	require.Equal(t, []string{"content-type-missing", "content-type-missing", "redirect-without-location"}, n.ids())
	for _, f := range n.list() {
		require.Regexp(t, `^validate/report_test\.go:\d+$`, f.Place)
	}
}

// A line of net/http does not say whose handler it writes for: the pattern does.
func TestPlaceInTheStandardLibrary(t *testing.T) {
	var n notebook
	mux := http.NewServeMux()
	for _, pattern := range []string{"/a/", "/b/"} {
		mux.Handle(pattern, http.TimeoutHandler(do(set{"Etag", "a"}, 204), time.Minute, ""))
	}
	h := validate.Handler(mux, n.strict())
	for _, target := range []string{"/a/1", "/b/2", "/a/3"} {
		h.ServeHTTP(httptest.NewRecorder(), request("GET", target, ""))
	}
	var places []string
	for _, f := range n.list() {
		places = append(places, f.Place+" "+f.Rule.ID)
	}
	require.Equal(t, []string{"/a/ etag-malformed", "/b/ etag-malformed"}, places)
}

// The stack of a fault that was reported is not taken apart again.
func TestRepeatedFault(t *testing.T) {
	allocations := func(h http.HandlerFunc) float64 {
		checked := validate.Handler(h, validate.Options{Report: func(validate.Finding) {}})
		return testing.AllocsPerRun(100, func() { checked.ServeHTTP(httptest.NewRecorder(), request("GET", "/", "")) })
	}
	require.LessOrEqual(t, allocations(do("a")), allocations(do(text, "a"))+2, "the arguments of the finding")
}

func TestEachPlaceOnce(t *testing.T) {
	var n notebook
	here := func(w http.ResponseWriter, r *http.Request) { forbidden(w, r) }
	mux := http.NewServeMux()
	mux.HandleFunc("/a/", here)
	mux.HandleFunc("/b", do(204, "a"))
	mux.HandleFunc("/c/", do())
	mux.HandleFunc("/d/", do(text, 200))
	h := validate.Handler(mux, validate.Options{Report: n.report, Level: validate.Strict, Ignore: []string{
		"body-unread", "request-field-value-malformed", "request-modified", "content-type-charset-missing"}})
	for _, target := range []string{"/a/1", "/a/2", "/b", "/b", "/c/1", "/c/2", "/d/1"} {
		askOnce(h, target)
	}
	var places []string
	for _, f := range n.list() {
		places = append(places, f.Rule.ID+" "+strings.TrimRight(f.Place, "0123456789"))
	}
	require.Equal(t, []string{
		"body-not-allowed validate/report_test.go:", // of both requests for /a/
		"body-not-allowed validate/calls_test.go:",
		"response-implicit /c/",
	}, places)
}

func TestWhatIsReported(t *testing.T) {
	for _, row := range []struct {
		why  string
		o    validate.Options
		want []string
	}{
		{"deployed rules, unless told otherwise", validate.Options{}, []string{"content-type-missing", "content-length-short"}},
		{"errors only", validate.Options{Severity: validate.Error}, []string{"content-length-short"}},
		{"all but one", validate.Options{Ignore: []string{"content-type-missing"}}, []string{"content-length-short"}},
		{"strict ones, too", validate.Options{Level: validate.Strict}, []string{"content-type-missing", "body-unread", "content-length-short"}},
	} {
		var n notebook
		row.o.Report = n.report
		h := validate.Handler(do(set{"Content-Length", "2"}, "a"), row.o)
		h.ServeHTTP(httptest.NewRecorder(), request("POST", "/", "body"))
		require.ElementsMatch(t, row.want, n.ids(), row.why)
	}
	require.PanicsWithValue(t, `validate: no rule "none"`, func() {
		validate.Handler(http.NotFoundHandler(), validate.Options{Ignore: []string{"none"}})
	})
}

func TestToTest(t *testing.T) {
	var f fakeTest
	askOnce(validate.Handler(do(readAll, http.HandlerFunc(forbidden)), validate.Options{Report: validate.ToTest(&f), Severity: validate.Error,
		Ignore: []string{"request-field-value-malformed"}}), "/a")
	require.Len(t, f.errors, 1)
	require.NotZero(t, f.helpers)
	for _, part := range []string{"body-not-allowed", "RFC 9110, sections 6.4.1 and 15.3.6", "fix: Do not write", "> POST /a HTTP/1.1", "> a body", "< 204 No Content"} {
		require.Contains(t, f.errors[0], part)
	}
}

func TestToLog(t *testing.T) {
	var out bytes.Buffer
	logger := slog.New(slog.NewTextHandler(&out, nil))
	askOnce(validate.Handler(do(readAll, "a"), validate.Options{Report: validate.ToLog(logger), Ignore: []string{"request-field-value-malformed"}}), "/a\"b")
	require.Contains(t, out.String(), `level=WARN msg="A response with a body has no Content-Type, so that somebody has to guess."`)
	require.Contains(t, out.String(), `rule=content-type-missing side=application`)
	require.Contains(t, out.String(), `request="POST /a\"b HTTP/1.1\nHost: example.com\nAuthorization: (14 bytes)\nX-Line: a\\x1b[31m"`)
	require.Equal(t, 1, strings.Count(out.String(), "\n"))
}

func TestDefaultLog(t *testing.T) {
	var out bytes.Buffer
	before := slog.Default()
	defer slog.SetDefault(before)
	slog.SetDefault(slog.New(slog.NewTextHandler(&out, nil)))
	validate.Handler(do(204, "a"), validate.Options{}).ServeHTTP(httptest.NewRecorder(), request("GET", "/", ""))
	require.Contains(t, out.String(), "level=ERROR")
}

func TestPanic(t *testing.T) {
	h := validate.Handler(do(204, "a"), validate.Options{Report: validate.Panic})
	defer func() {
		f, ok := recover().(validate.Finding)
		require.True(t, ok)
		require.Equal(t, "body-not-allowed", f.Rule.ID)
	}()
	h.ServeHTTP(httptest.NewRecorder(), request("GET", "/", ""))
	require.Fail(t, "no panic")
}

// Middleware that recovers can answer: what broke the rule was not sent.
func TestPanicRecovered(t *testing.T) {
	for _, row := range []struct {
		rule, why string
		handler   http.HandlerFunc
	}{
		{"etag-malformed", "a head", answer(http.StatusOK, "Etag: a")},
		{"etag-malformed", "the head of a write", say("Etag: a", "a")},
		{"content-type-missing", "the bytes of the first write", do("<html>")},
		{"content-length-exceeded", "too many bytes in the first write", do(text, set{"Content-Length", "1"}, "ab")},
	} {
		var n notebook
		recovers := func(w http.ResponseWriter, r *http.Request) {
			defer func() {
				f := recover().(validate.Finding)
				clear(w.Header())
				http.Error(w, f.Rule.ID, http.StatusInternalServerError)
			}()
			row.handler(w, r)
		}
		w := httptest.NewRecorder()
		validate.Handler(http.HandlerFunc(recovers), validate.Options{Report: func(f validate.Finding) {
			n.report(f)
			validate.Panic(f)
		}}).ServeHTTP(w, request("GET", "/", ""))
		require.Equal(t, []string{row.rule}, n.ids(), row.why)
		require.Equal(t, http.StatusInternalServerError, w.Code, row.why)
		require.Equal(t, row.rule+"\n", w.Body.String(), row.why)
	}
}

func TestPanicIsTheServers(t *testing.T) {
	var out bytes.Buffer
	s := httptest.NewUnstartedServer(validate.Handler(do(204, "a"), validate.Options{Report: validate.Panic}))
	s.Config.ErrorLog = log.New(&out, "", 0)
	s.Start()
	_, err := s.Client().Get(s.URL)
	s.Close()
	require.Error(t, err)
	for _, part := range []string{"panic serving", "body-not-allowed", "goroutine ", "validate/calls_test.go"} {
		require.Contains(t, out.String(), part, "the server's message, and its traceback")
	}
}

func TestForgetsPlaces(t *testing.T) {
	var n notebook
	h := validate.Handler(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}), n.strict())
	for i := range 4097 {
		h.ServeHTTP(httptest.NewRecorder(), request("GET", "/"+itoa(i), ""))
	}
	h.ServeHTTP(httptest.NewRecorder(), request("GET", "/0", ""))
	require.Len(t, n.list(), 4098, "the first place is new again")
}

func TestConcurrentRequests(t *testing.T) {
	var n notebook
	s := httptest.NewServer(validate.Handler(do(readAll, "a"), n.strict()))
	defer s.Close()
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 20 {
				res, err := s.Client().Post(s.URL, "text/plain", strings.NewReader("body"))
				if err == nil {
					io.Copy(io.Discard, res.Body)
					res.Body.Close()
				}
			}
		})
	}
	all.Wait()
	require.Equal(t, []string{"content-type-missing"}, n.ids())
}

func TestManySubjects(t *testing.T) {
	var n notebook
	h := validate.Handler(http.HandlerFunc(faultless), validate.Options{Report: n.report})
	r := request("GET", "/", "")
	for i := range 100 {
		r.Header[strings.Repeat("x", i+1)] = []string{"1"}
	}
	h.ServeHTTP(httptest.NewRecorder(), r)
	require.Len(t, n.list(), 16, "a client chooses how many names a rule is about")
}
