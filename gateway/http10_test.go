package gateway_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/postern-go/postern/env"
	"github.com/postern-go/postern/gateway"
	"github.com/stretchr/testify/require"
)

func TestHTTP10(t *testing.T) {
	for _, row := range []struct {
		why    string
		fields http.Header
		h      http.HandlerFunc
		want   string
	}{
		{"a length, as ever", nil, func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "hello") },
			"HTTP/1.0 200 OK\r\nContent-Length: 5\r\n"},
		{"no chunks", nil, func(w http.ResponseWriter, _ *http.Request) {
			w.(http.Flusher).Flush()
			io.WriteString(w, "hello")
		}, "HTTP/1.0 200 OK\r\n"},
		{"no informational response", nil, func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusEarlyHints)
			io.WriteString(w, "hello")
		}, "HTTP/1.0 200 OK\r\nContent-Length: 5\r\n"},
		{"no 100 Continue", http.Header{"Expect": {"100-continue"}}, func(w http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			w.Write(body)
		}, "HTTP/1.0 200 OK\r\nContent-Length: 5\r\n"},
		{"nor from the handler", nil, func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusContinue)
			io.WriteString(w, "hello")
		}, "HTTP/1.0 200 OK\r\nContent-Length: 5\r\n"},
		{"the end of the connection is understood without a field", http.Header{"Connection": {"keep-alive"}}, func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "hello") },
			"HTTP/1.0 200 OK\r\nContent-Length: 5\r\n"},
	} {
		t.Run(row.why, func(t *testing.T) {
			r := httptest.NewRequest("POST", "/", strings.NewReader("hello"))
			for name, values := range row.fields {
				r.Header[name] = values
			}
			m := newMemory(env.FromRequest(r), "hello")
			x := &parsedMemory{originMemory{m, r}}
			err := (&gateway.Engine{Origin: true, HTTP10: true}).Run(t.Context(), x, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				require.True(t, r.ProtoAtLeast(1, 1), "the request is what it is")
				w.Header()["Content-Type"], w.Header()["Date"] = nil, nil
				row.h(w, r)
			}))
			require.NoError(t, err)
			require.Equal(t, row.want+"\r\nhello", m.out.String())
			require.True(t, m.closing, "the connection ends")
		})
	}
}

func TestLastResponse(t *testing.T) {
	for _, last := range []bool{false, true} {
		r := httptest.NewRequest("GET", "/", nil)
		m := newMemory(env.FromRequest(r), "")
		m.last = last
		require.NoError(t, (&gateway.Engine{Origin: true}).Run(t.Context(), &parsedMemory{originMemory{m, r}}, http.NotFoundHandler()))
		require.Equal(t, last, strings.Contains(m.out.String(), "\r\nConnection: close\r\n"), "a response that no other follows says so")
		require.Equal(t, last, m.closing)
	}
}
