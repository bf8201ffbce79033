package validate_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/postern-go/postern/gateway"
	"github.com/postern-go/postern/validate"
	"github.com/stretchr/testify/require"
)

// silent checks and reports to nobody.
var silent = validate.Options{Level: validate.Strict, Report: func(validate.Finding) {}}

var dateLine = regexp.MustCompile(`Date: [^\r]*\r\n`)

// wire returns the bytes that net/http.Server answers with, but for the date.
func wire(t *testing.T, a ask, h http.Handler) string {
	t.Helper()
	s := httptest.NewUnstartedServer(h)
	s.Config.ErrorLog = quietLog
	s.Start()
	defer s.Close()
	c, err := net.Dial("tcp", s.Listener.Addr().String())
	require.NoError(t, err)
	defer c.Close()
	_, err = io.WriteString(c, a.bytes())
	require.NoError(t, err)
	answer, err := io.ReadAll(c)
	if err != nil && len(answer) == 0 {
		require.ErrorContains(t, err, "reset")
	}
	return dateLine.ReplaceAllString(string(answer), "")
}

// Whatever a handler does, right or wrong, the response is the same.
func TestSameBytes(t *testing.T) {
	path := t.TempDir() + "/file"
	require.NoError(t, os.WriteFile(path, bytes.Repeat([]byte("0123456789"), 1000), 0o600))
	rows := []row{
		{rule: "nothing", fires: do()},
		{rule: "a body", fires: do(text, "a", "b")},
		{rule: "chunks", fires: do(text, "a", flush, "b", flushRC, "c")},
		{rule: "informational responses", fires: do(set{"Link", "</a>"}, 103, 103, text, "a")},
		{rule: "trailers", fires: do(text, set{"Trailer", "X-A"}, "a", flush, set{"X-A", "1"}, set{http.TrailerPrefix + "X-B", "2"})},
		{rule: "a file", fires: func(w http.ResponseWriter, r *http.Request) { http.ServeFile(w, r, path) }},
		{rule: "a part of a file", ask: ask{fields: "Range: bytes=5-9"}, fires: func(w http.ResponseWriter, r *http.Request) { http.ServeFile(w, r, path) }},
		{rule: "ReadFrom", fires: func(w http.ResponseWriter, r *http.Request) {
			w.(io.ReaderFrom).ReadFrom(strings.NewReader(strings.Repeat("a", 10000)))
		}},
		{rule: "io.Copy without a status for it", fires: func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(204)
			io.Copy(w, strings.NewReader("a"))
		}},
		{rule: "a body that is echoed", ask: post, fires: func(w http.ResponseWriter, r *http.Request) { io.Copy(w, r.Body) }},
		{rule: "a body that is waited for", ask: ask{method: "POST", fields: "Expect: 100-continue", body: "body"},
			fires: func(w http.ResponseWriter, r *http.Request) { io.Copy(w, r.Body) }},
		{rule: "full duplex", ask: post, fires: func(w http.ResponseWriter, r *http.Request) {
			fmt.Fprint(w, http.NewResponseController(w).EnableFullDuplex())
			io.Copy(w, r.Body)
		}},
		{rule: "Hijack", fires: func(w http.ResponseWriter, r *http.Request) {
			c, rw, err := w.(http.Hijacker).Hijack()
			if err == nil {
				rw.WriteString("HTTP/1.1 200 OK\r\n\r\nhijacked")
				rw.Flush()
				c.Close()
			}
		}},
		{rule: "a panic", fires: func(w http.ResponseWriter, r *http.Request) { panic("no") }},
		{rule: "a late panic", fires: do(text, "a", flush, step(func(http.ResponseWriter, *http.Request) { panic("no") }))},
		{rule: "an abort", fires: func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }},
	}
	for _, list := range [][]row{rows, fieldRows, headRows, callRows} {
		for _, row := range list {
			t.Run(row.rule, func(t *testing.T) {
				require.Equal(t, wire(t, row.ask, row.fires), wire(t, row.ask, validate.Handler(row.fires, silent)))
			})
		}
	}
}

// The engine's response is the same, too.
func TestSameBytesFromGateway(t *testing.T) {
	for _, list := range [][]row{fieldRows, headRows, callRows} {
		for _, row := range list {
			t.Run(row.rule, func(t *testing.T) {
				run := func(h http.Handler) string {
					x := &exchange{stdin: strings.NewReader(row.ask.body)}
					change(&x.vars, variables+"REQUEST_METHOD="+row.ask.verb())
					e := gateway.Engine{Flags: fastcgi, BodyEnds: true}
					e.Run(context.Background(), x, h)
					return x.response.String()
				}
				require.Equal(t, run(row.fires), run(validate.Handler(row.fires, silent)))
			})
		}
	}
}

// What ReadFrom copies is checked as what Write writes.
func TestReadFromIsChecked(t *testing.T) {
	copyOf := func(s string) http.HandlerFunc {
		return step(func(w http.ResponseWriter, r *http.Request) { io.Copy(w, strings.NewReader(s)) })
	}
	runRows(t, []row{
		{rule: "content-type-missing", fires: do(copyOf("a")), quiet: do(copyOf(""))},
		{rule: "body-not-allowed", fires: do(204, copyOf("a")), quiet: do(204, copyOf(""))},
		{rule: "content-length-exceeded", fires: do(text, set{"Content-Length", "1"}, copyOf("ab")), quiet: do(text, set{"Content-Length", "2"}, copyOf("ab"))},
		{rule: "content-length-short", fires: do(text, set{"Content-Length", "3"}, copyOf("ab")), quiet: do(text, set{"Content-Length", "2"}, copyOf("ab"))},
	})
}

// A handler that takes the server's own writer is left alone.
func TestUnwrap(t *testing.T) {
	var n notebook
	h := validate.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		inner := w.(interface{ Unwrap() http.ResponseWriter }).Unwrap()
		inner.Header().Set("Content-Length", "3")
		io.WriteString(inner, "abc")
	}), n.strict())
	w := httptest.NewRecorder()
	h.ServeHTTP(w, request("GET", "/", ""))
	require.Equal(t, "abc", w.Body.String())
	requireNothing(t, &n)
}

// The request that outer middleware holds is the one that the mux marks.
func TestSameRequest(t *testing.T) {
	mux := http.NewServeMux()
	mux.HandleFunc("/a/{id}", func(w http.ResponseWriter, r *http.Request) {
		require.NoError(t, r.ParseMultipartForm(0))
		w.WriteHeader(http.StatusNoContent)
	})
	r := request("POST", "/a/1", "--b\r\nContent-Disposition: form-data; name=f; filename=f\r\n\r\ncontent\r\n--b--\r\n")
	r.Header.Set("Content-Type", "multipart/form-data; boundary=b")
	validate.Handler(mux, silent).ServeHTTP(httptest.NewRecorder(), r)
	require.Equal(t, "/a/{id}", r.Pattern)
	require.NotNil(t, r.MultipartForm, "so that the server removes the files")
	require.NoError(t, r.MultipartForm.RemoveAll())
}
