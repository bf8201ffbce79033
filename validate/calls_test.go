package validate_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strconv"
	"testing"

	"github.com/postern-go/postern/validate"
	"github.com/stretchr/testify/require"
)

var quietLog = log.New(io.Discard, "", 0)

func itoa(n int) string { return strconv.Itoa(n) }

func handler(h http.Handler, o validate.Options) http.Handler { return validate.Handler(h, o) }

func requireNothing(t *testing.T, n *notebook) {
	t.Helper()
	require.Empty(t, n.list())
}

// do makes a handler of steps: a number is WriteHeader, a string is Write,
// "Name: value" in a pair sets a field, a function is called.
func do(steps ...any) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		for _, step := range steps {
			switch s := step.(type) {
			case int:
				w.WriteHeader(s)
			case string:
				io.WriteString(w, s)
			case set:
				w.Header().Set(s.name, s.value)
			case http.HandlerFunc:
				s(w, r)
			default:
				panic(fmt.Sprintf("no step: %T", step))
			}
		}
	}
}

type set struct{ name, value string }

func step(f func(w http.ResponseWriter, r *http.Request)) http.HandlerFunc { return f }

var (
	text    = set{"Content-Type", "text/plain"}
	flush   = step(func(w http.ResponseWriter, r *http.Request) { w.(http.Flusher).Flush() })
	flushRC = step(func(w http.ResponseWriter, r *http.Request) { http.NewResponseController(w).Flush() })
	readAll = step(func(w http.ResponseWriter, r *http.Request) { io.Copy(io.Discard, r.Body) })
	shut    = step(func(w http.ResponseWriter, r *http.Request) { r.Body.Close() })
	hijack  = step(func(w http.ResponseWriter, r *http.Request) {
		c, _, err := http.NewResponseController(w).Hijack()
		if err == nil {
			c.Close()
		}
	})
	invalid = step(func(w http.ResponseWriter, r *http.Request) {
		defer func() { recover() }()
		w.WriteHeader(99)
	})
	post = ask{method: "POST", body: "body"}
	head = ask{method: "HEAD"}

	connect = ask{method: "CONNECT"}
)

var callRows = []row{
	{rule: "status-invalid", fires: do(invalid, 204), quiet: do(204)},
	{rule: "response-implicit", fires: do(), quiet: do(200)},
	{rule: "write-header-twice", fires: do(200, 204), quiet: do(204)},
	{rule: "write-header-twice", fires: do(text, "a", 200), quiet: do(text, 200, "a")},
	{rule: "write-header-twice", fires: do(flush, 200), quiet: do(200, flush)},
	{rule: "write-header-twice", fires: do(flushRC, 200), quiet: do(200, flushRC)},
	{rule: "header-after-head", fires: do(204, set{"X-A", "1"}), quiet: do(set{"X-A", "1"}, 204)},
	{rule: "header-after-head", fires: do(set{"X-A", "1"}, 200, set{"X-A", "2"}), quiet: do(set{"X-A", "2"}, 200, set{"X-A", "2"})},
	{rule: "header-after-head", fires: do(text, "a", set{"X-A", "1"}), quiet: do(text, set{"Trailer", "X-A"}, "a", set{"X-A", "1"})},
	{rule: "header-after-head", fires: do(text, "a", set{"X-A", "1"}), quiet: do(text, "a", set{http.TrailerPrefix + "X-A", "1"})},
	{rule: "body-not-allowed", fires: do(204, "a"), quiet: do(204, "")},
	{rule: "body-not-allowed", fires: do(304, "a"), quiet: do(text, 200, "a")},
	{rule: "body-not-allowed", fires: do(text, 205, "a"), quiet: do(text, 205)},
	{rule: "body-on-head", ask: head, fires: do(text, "a"), quiet: do(text, 200)},
	{rule: "content-length-exceeded", fires: do(text, set{"Content-Length", "1"}, "ab"), quiet: do(text, set{"Content-Length", "2"}, "ab")},
	{rule: "content-length-short", fires: do(text, set{"Content-Length", "3"}, "ab"), quiet: do(text, set{"Content-Length", "2"}, "ab")},
	{rule: "content-length-short", fires: do(text, set{"Content-Length", "3"}, 200), quietAsk: &head},
	{rule: "content-length-short", fires: say("content-length: 3", "ab"), quiet: say("content-length: 2", "ab")},
	{rule: "trailer-unset", fires: do(text, set{"Trailer", "X-A"}, "a"), quiet: do(text, set{"Trailer", "X-A"}, "a", set{"X-A", "1"})},
	{rule: "trailer-unset", fires: do(text, set{"Trailer", "X-A"}, "a"), quiet: do(text, set{"Trailer", "X-A"}, "a", set{http.TrailerPrefix + "X-A", "1"})},
	{rule: "write-after-hijack", fires: do(hijack, "a"), quiet: do(hijack), ways: []way{overServer}},
	{rule: "unauthorized-without-challenge", fires: do(hijack, 401), quiet: do(hijack, set{"Www-Authenticate", "Basic"}, 401), ways: []way{overGateway}},
	{rule: "body-read-after-close", ask: post, fires: do(shut, readAll, 204), quiet: do(readAll, shut, 204)},
	{rule: "body-closed", ask: post, fires: do(readAll, shut, 204), quiet: do(readAll, 204)},
	{rule: "body-unread", ask: post, fires: do(204), quiet: do(readAll, 204)},
	{rule: "body-unread", ask: post, fires: do(204), quiet: do(403)},
	{rule: "informational-after-head", fires: do(200, 103), quiet: do(103, 200)},
	{rule: "informational-not-carried", fires: do(103, 200), ways: []way{overGateway}, quietWay: overRecorder},
	{rule: "informational-to-http10", fires: do(103, 200), ways: []way{overHTTP10}, quietWay: overRecorder},
	{rule: "continue-unasked", ask: post, fires: do(100, readAll, 204), quietAsk: &ask{method: "POST", fields: "Expect: 100-continue", body: "body"}},
	{rule: "early-hints-empty", fires: do(103, 200), quiet: do(set{"Link", "</a>; rel=preload"}, 103, 200)},
	{rule: "request-modified", fires: do(step(func(w http.ResponseWriter, r *http.Request) { r.Header.Set("X-A", "1") }), 204),
		quiet: do(step(func(w http.ResponseWriter, r *http.Request) { r.Clone(r.Context()).Header.Set("X-A", "1") }), 204)},
	{rule: "request-modified", fires: do(step(func(w http.ResponseWriter, r *http.Request) { r.Method = "PUT" }), 204), quiet: do(204)},
	{rule: "request-modified", fires: do(step(func(w http.ResponseWriter, r *http.Request) { r.Host = "a" }), 204), quiet: do(204)},
	{rule: "request-modified", fires: do(step(func(w http.ResponseWriter, r *http.Request) { r.URL.Path = "/a" }), 204), quiet: do(204)},
	{rule: "request-modified", fires: do(step(func(w http.ResponseWriter, r *http.Request) { r.URL.RawQuery = "a" }), 204), quiet: do(204)},
	{rule: "request-modified", fires: do(step(func(w http.ResponseWriter, r *http.Request) { r.RemoteAddr = "a" }), 204), quiet: do(204)},
	{rule: "request-modified", fires: do(step(func(w http.ResponseWriter, r *http.Request) { r.ContentLength = 5 }), 204), quiet: do(204)},
	{rule: "request-modified", fires: do(step(func(w http.ResponseWriter, r *http.Request) { r.Proto = "a" }), 204), quiet: do(204)},
}

func TestCalls(t *testing.T) { runRows(t, callRows) }

// lateRows use what they got when the handler has returned.
var lateRows = []struct {
	rule, why string
	use       http.HandlerFunc
}{
	{"write-after-return", "WriteHeader", do(204)},
	{"write-after-return", "Write", do(text, "a")},
	{"write-after-return", "Header", do(text)},
	{"write-after-return", "Flush", do(flush)},
	{"read-after-return", "Read", do(readAll)},
}

func TestAfterReturn(t *testing.T) {
	for _, row := range lateRows {
		t.Run(row.why, func(t *testing.T) {
			for _, late := range []bool{true, false} {
				var n notebook
				var after func()
				h := validate.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					after = func() { row.use(w, r) }
					if !late {
						after()
					}
				}), n.strict())
				h.ServeHTTP(httptest.NewRecorder(), request("POST", "/", "body"))
				if late {
					after()
				}
				requireRule(t, &n, row.rule, late, row.why)
			}
		})
	}
}

// Who returns because the client is gone need not answer, nor read.
func TestReturnForAGoneClient(t *testing.T) {
	for _, gone := range []bool{true, false} {
		var n notebook
		ctx, leave := context.WithCancel(t.Context())
		validate.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if gone {
				leave()
			}
		}), n.strict()).ServeHTTP(httptest.NewRecorder(), request("POST", "/", "body").WithContext(ctx))
		leave()
		requireRule(t, &n, "response-implicit", !gone, "")
		requireRule(t, &n, "body-unread", !gone, "")
	}
}

// Nor need a trailer be set for it.
func TestTrailerForAGoneClient(t *testing.T) {
	for _, gone := range []bool{true, false} {
		var n notebook
		ctx, leave := context.WithCancel(t.Context())
		validate.Handler(do(text, set{"Trailer", "X-A"}, "a", step(func(w http.ResponseWriter, r *http.Request) {
			if gone {
				leave()
			}
		})), n.strict()).ServeHTTP(httptest.NewRecorder(), request("GET", "/", "").WithContext(ctx))
		leave()
		requireRule(t, &n, "trailer-unset", !gone, "")
	}
}

// A swapping server changes the header with the head, as middleware that compresses does.
type swapping struct{ *httptest.ResponseRecorder }

func (s swapping) WriteHeader(code int) {
	s.Header().Del("Content-Length")
	s.Header().Set("Content-Encoding", "gzip")
	s.ResponseRecorder.WriteHeader(code)
}

// What the server changes in the header is no change of the handler's.
func TestHeaderChangedByTheServer(t *testing.T) {
	for _, late := range []bool{true, false} {
		var n notebook
		steps := []any{text, set{"Content-Length", "1"}, 200, "a"}
		if late {
			steps = append(steps, set{"Content-Encoding", "br"})
		}
		validate.Handler(do(steps...), n.strict()).ServeHTTP(swapping{httptest.NewRecorder()}, request("GET", "/", ""))
		requireRule(t, &n, "header-after-head", late, "")
	}
}

// A server stands in for a ResponseWriter that misbehaves.
type server struct {
	http.ResponseWriter
	write func(p []byte) (int, error)
}

func (s *server) Write(p []byte) (int, error) { return s.write(p) }
func (s *server) Flush()                      {}

type headless struct{ http.ResponseWriter }

func (headless) Header() http.Header         { return nil }
func (headless) WriteHeader(int)             {}
func (headless) Write(p []byte) (int, error) { return len(p), nil }

// bare is a ResponseWriter without anything optional.
type bare struct{ http.ResponseWriter }

// unwrapping is one of middleware.
type unwrapping struct{ http.ResponseWriter }

func (u unwrapping) Unwrap() http.ResponseWriter { return u.ResponseWriter }

func writing(f func(p []byte) (int, error)) func(w http.ResponseWriter) http.ResponseWriter {
	return func(w http.ResponseWriter) http.ResponseWriter { return &server{w, f} }
}

var (
	whole   = writing(func(p []byte) (int, error) { return len(p), nil })
	half    = writing(func(p []byte) (int, error) { return len(p) / 2, nil })
	refused = writing(func(p []byte) (int, error) { return 0, http.ErrBodyNotAllowed })
	overrun = writing(func(p []byte) (int, error) { return 0, http.ErrContentLength })
	gone    = writing(func(p []byte) (int, error) { return 0, errors.New("client gone") })
)

// unflushed can do nothing but write.
func unflushed(w http.ResponseWriter) http.ResponseWriter { return bare{w} }

type wrap = func(w http.ResponseWriter) http.ResponseWriter

var writerRows = []struct {
	rule         string
	fires, quiet wrap
	handler      http.HandlerFunc
	quietHandler http.HandlerFunc
}{
	{"writer-count", half, whole, do(text, "ab"), nil},
	{"writer-body-accepted", whole, refused, do(204, "a"), nil},
	{"writer-overrun-accepted", whole, overrun, do(text, set{"Content-Length", "1"}, "ab"), nil},
	{"writer-header-missing", func(w http.ResponseWriter) http.ResponseWriter { return headless{w} }, whole, do(204), nil},
	{"writer-flusher-missing", func(w http.ResponseWriter) http.ResponseWriter { return bare{w} },
		func(w http.ResponseWriter) http.ResponseWriter { return unwrapping{w} }, do(204), nil},
	{"write-error-ignored", gone, whole, do(text, "a", "b"), nil},
	{"write-error-ignored", gone, gone, do(text, "a", "b"), do(text, "a")},
	{"write-error-ignored", gone, unflushed, do(text, "a", "b"), do(text, "a", flushRC, "b")},
}

func TestWriters(t *testing.T) {
	for _, row := range writerRows {
		t.Run(row.rule, func(t *testing.T) {
			var fires, quiet notebook
			validate.Handler(row.handler, fires.strict()).ServeHTTP(row.fires(httptest.NewRecorder()), request("GET", "/", ""))
			requireRule(t, &fires, row.rule, true, "")
			h := row.handler
			if row.quietHandler != nil {
				h = row.quietHandler
			}
			validate.Handler(h, quiet.strict()).ServeHTTP(row.quiet(httptest.NewRecorder()), request("GET", "/", ""))
			requireRule(t, &quiet, row.rule, false, "")
		})
	}
}

// meetingRows are about two goroutines that meet, or do not.
var meetingRows = []string{"writer-concurrent", "body-concurrent"}

// A crossing is a place that goroutines enter and stay in until they are released.
type crossing struct{ entered, release chan bool }

func newCrossing() crossing { return crossing{make(chan bool, 2), make(chan bool, 2)} }

func (c crossing) pass() {
	c.entered <- true
	<-c.release
}

// twice has two goroutines pass, together or one after the other.
func (c crossing) twice(together bool, call func()) {
	done := make(chan bool, 2)
	leave := func() { c.release <- true; <-done }
	for range 2 {
		go func() { call(); done <- true }()
		<-c.entered
		if !together {
			leave()
		}
	}
	if together {
		c.release <- true
		leave()
		<-done
	}
}

func TestConcurrentWrites(t *testing.T) {
	for _, together := range []bool{true, false} {
		var n notebook
		c := newCrossing()
		w := &server{httptest.NewRecorder(), func(p []byte) (int, error) {
			c.pass()
			return len(p), nil
		}}
		validate.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			text.on(w)
			c.twice(together, func() { io.WriteString(w, "a") })
		}), n.strict()).ServeHTTP(w, request("GET", "/", ""))
		requireRule(t, &n, "writer-concurrent", together, "")
	}
}

func (s set) on(w http.ResponseWriter) { w.Header().Set(s.name, s.value) }

// A slow body is read at a crossing.
type slow struct{ crossing }

func (s slow) Read(p []byte) (int, error) {
	s.pass()
	return 0, io.EOF
}
func (slow) Close() error { return nil }

func TestConcurrentReads(t *testing.T) {
	for _, together := range []bool{true, false} {
		var n notebook
		body := slow{newCrossing()}
		r := request("POST", "/", "")
		r.Body, r.ContentLength = body, -1
		validate.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			body.twice(together, func() { r.Body.Read(make([]byte, 1)) })
			w.WriteHeader(204)
		}), n.strict()).ServeHTTP(httptest.NewRecorder(), r)
		requireRule(t, &n, "body-concurrent", together, "")
	}
}
