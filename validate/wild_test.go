package validate_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// A failing is a body of which half can be read.
type failing struct{ left string }

func (f *failing) Read(p []byte) (int, error) {
	if f.left == "" {
		return 0, errors.New("no more")
	}
	n := copy(p, f.left)
	f.left = f.left[n:]
	return n, nil
}

// survive calls f, and writes what it panics with.
func survive(f http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		defer func() { fmt.Fprint(w, recover()) }()
		f(w, r)
	}
}

var (
	waited  = ask{method: "POST", fields: "Expect: 100-continue", body: "body"}
	eager   = ask{method: "POST", fields: "Expect: 100-continue", body: "body", kept: true}
	large   = ask{method: "POST", body: strings.Repeat("b", 200<<10)}
	unsent  = ask{method: "POST", fields: "Content-Length: 1000000", kept: true}
	much    = strings.Repeat("a", 10000)
	boom    = step(func(http.ResponseWriter, *http.Request) { panic("no") })
	echo    = step(func(w http.ResponseWriter, r *http.Request) { io.Copy(w, r.Body) })
	limited = step(func(w http.ResponseWriter, r *http.Request) { r.Body = http.MaxBytesReader(w, r.Body, 1<<20) })
	inner   = step(func(w http.ResponseWriter, r *http.Request) {
		if u, ok := w.(interface{ Unwrap() http.ResponseWriter }); ok {
			w = u.Unwrap()
		}
		io.WriteString(w, "inner")
		w.(http.Flusher).Flush()
	})
	taken = step(func(w http.ResponseWriter, r *http.Request) {
		h, ok := w.(http.Hijacker)
		if !ok {
			return
		}
		c, rw, err := h.Hijack()
		if err != nil {
			fmt.Fprint(w, err)
			return
		}
		defer c.Close()
		rw.WriteString("HTTP/1.1 200 OK\r\n\r\nhijacked")
		rw.Flush()
		_, _, again := h.Hijack()
		_, late := io.WriteString(w, "late")
		w.WriteHeader(204)
		fmt.Fprint(c, again, late)
	})
	fromOther = step(func(w http.ResponseWriter, r *http.Request) {
		done := make(chan bool)
		for range 8 {
			go func() { io.WriteString(w, "a"); done <- true }()
			<-done
		}
	})
)

// from is io.Copy, by ReadFrom where there is one.
func from(src func() io.Reader) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		n, err := io.Copy(w, src())
		fmt.Fprint(w, n, err)
	}
}

// many is n times a step.
func many(n int, step any) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		for range n {
			do(step)(w, r)
		}
	}
}

// wildRows are handlers that do what they can, in order and not.
func wildRows(t *testing.T) []row {
	path := t.TempDir() + "/file"
	require.NoError(t, os.WriteFile(path, bytes.Repeat([]byte("0123456789"), 1<<17), 0o600))
	serveFile := func(w http.ResponseWriter, r *http.Request) { http.ServeFile(w, r, path) }
	fields := func(n int) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			for i := range n {
				w.Header().Set("X-"+itoa(i), strings.Repeat("v", 100))
			}
		}
	}
	return []row{
		{rule: "nothing", fires: do()},
		{rule: "a body", fires: do(text, "a", "b")},
		{rule: "an empty write", fires: do("", text, 204)},
		{rule: "chunks", fires: do(text, "a", flush, "b", flushRC, "c")},
		{rule: "a large body", fires: many(300, much)},
		{rule: "HEAD", ask: head, fires: many(300, much)},
		{rule: "HEAD flushed", ask: head, fires: do("a", flush, "b")},
		{rule: "HEAD of a file", ask: head, fires: serveFile},
		{rule: "HEAD turned into GET", ask: head, fires: do(step(func(w http.ResponseWriter, r *http.Request) { r.Method = "GET" }), text, "a")},
		{rule: "HEAD with a body turned into GET, for a large answer", ask: ask{method: "HEAD", body: "body"},
			fires: do(step(func(w http.ResponseWriter, r *http.Request) { r.Method = "GET" }), text, many(30, much))},
		{rule: "204 with a body", fires: do(204, "a", flush, "b")},
		{rule: "304 with a body and a length", fires: do(set{"Content-Length", "5"}, 304, "hello")},
		{rule: "304 with a large body", fires: do(304, many(300, much))},
		{rule: "205 with a body", fires: do(205, "a")},
		{rule: "informational responses", fires: do(set{"Link", "</a>"}, 103, 103, text, "a")},
		{rule: "many of them", fires: do(many(200, 103), many(5, 102), 100, text, "a", many(5, 103))},
		{rule: "one that nobody knows", fires: do(199, 204)},
		{rule: "101", fires: do(set{"Upgrade", "x"}, 101, "a")},
		{rule: "statuses that there are not", fires: do(999, 42)},
		{rule: "statuses that are none", fires: do(survive(do(0)), survive(do(1000)), survive(do(-1)))},
		{rule: "trailers", fires: do(text, set{"Trailer", "X-A"}, "a", flush, set{"X-A", "1"}, set{http.TrailerPrefix + "X-B", "2"})},
		{rule: "trailers that come to nothing", fires: do(text, set{"Trailer", "X-A, X-B"}, "a", flush)},
		{rule: "huge fields", fires: do(set{"X-A", strings.Repeat("v", 1<<20)}, text, "a")},
		{rule: "many fields", fires: do(fields(2000), text, "a")},
		{rule: "no date", fires: do(step(func(w http.ResponseWriter, r *http.Request) { w.Header()["Date"] = nil }), text, "a")},
		{rule: "a header that changes", fires: do(text, "a", fields(5), flush, fields(9), set{"Content-Type", "b/c"}, "b")},
		{rule: "a file", fires: serveFile},
		{rule: "a part of a file", ask: ask{fields: "Range: bytes=5-9"}, fires: serveFile},
		{rule: "ReadFrom", fires: from(func() io.Reader { return strings.NewReader(much) })},
		{rule: "ReadFrom a source that fails", fires: from(func() io.Reader { return &failing{much} })},
		{rule: "ReadFrom a source that panics", fires: survive(from(func() io.Reader { return nil }))},
		{rule: "ReadFrom for HEAD", ask: head, fires: from(func() io.Reader { return strings.NewReader(much) })},
		{rule: "ReadFrom beyond the length", fires: do(set{"Content-Length", "3"}, from(func() io.Reader { return strings.NewReader(much) }))},
		{rule: "ReadFrom without a status for it", fires: do(204, from(func() io.Reader { return strings.NewReader("a") }))},
		{rule: "too much", fires: do(set{"Content-Length", "3"}, "hello", flush)},
		{rule: "too little", fires: do(set{"Content-Length", "300"}, "hello", flush)},
		{rule: "a body that is echoed", ask: post, fires: do(echo)},
		{rule: "a body that is closed and read", ask: post, fires: do(shut, echo, "a")},
		{rule: "a large body that is closed", ask: large, fires: do(shut, text, "a")},
		{rule: "a large body that nobody reads", ask: large, fires: do(text, 403, "a")},
		{rule: "a larger body that nobody reads", ask: unsent, fires: do(text, 403, "a")},
		{rule: "a larger body that nobody reads, for a large answer", ask: unsent, fires: many(30, much)},
		{rule: "a large body with a limit", ask: large, fires: do(limited, readAll, 204)},
		{rule: "a large body with a limit that nobody reads", ask: large, fires: do(limited, 204)},
		{rule: "a body that is waited for", ask: waited, fires: do(echo)},
		{rule: "a body that is waited for, and nobody reads", ask: eager, fires: do(text, 403, "a")},
		{rule: "a body that is waited for, and nobody reads, for a large answer", ask: eager, fires: many(30, much)},
		{rule: "full duplex", ask: post, fires: func(w http.ResponseWriter, r *http.Request) {
			fmt.Fprint(w, http.NewResponseController(w).EnableFullDuplex())
			do(flush, echo)(w, r)
		}},
		{rule: "deadlines", ask: post, fires: func(w http.ResponseWriter, r *http.Request) {
			c := http.NewResponseController(w)
			fmt.Fprint(w, c.SetReadDeadline(time.Now().Add(time.Hour)), c.SetWriteDeadline(time.Now().Add(time.Hour)))
		}},
		{rule: "a deadline that is over", fires: func(w http.ResponseWriter, r *http.Request) {
			http.NewResponseController(w).SetWriteDeadline(time.Unix(1, 0))
			many(30, much)(w, r)
		}},
		{rule: "writes of other goroutines", fires: do(fromOther)},
		{rule: "Hijack", fires: do(taken)},
		{rule: "Hijack with a body", ask: post, fires: do(readAll, taken)},
		{rule: "Hijack after an answer", fires: do(text, "a", taken)},
		{rule: "Unwrap", fires: do(text, inner)},
		{rule: "Unwrap after a write", fires: do(text, "a", inner, "b", set{"X-A", "1"})},
		{rule: "a panic", fires: do(boom)},
		{rule: "a panic with a body", ask: post, fires: do(boom)},
		{rule: "a panic after a status", fires: do(text, 202, boom)},
		{rule: "a panic in the middle", fires: do(text, set{"Content-Length", "9"}, "a", boom)},
		{rule: "a late panic", fires: do(text, "a", flush, boom)},
		{rule: "an abort", fires: func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }},
		{rule: "a late abort", fires: do("a", flush, step(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }))},
		{rule: "a nil panic", fires: func(http.ResponseWriter, *http.Request) { panic(nil) }},
	}
}
