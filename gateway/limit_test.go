package gateway_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/postern-go/postern/gateway"
	"github.com/stretchr/testify/require"
)

func TestMaxBodyBytes(t *testing.T) {
	for _, row := range []struct {
		why, length, body string
		max               int64
		refused           bool
		read              string // what the handler reads
		over              bool   // it finds out that there is more
	}{
		{"declared and within it", "4", "body", 4, false, "body", false},
		{"declared larger: the handler does not run", "5", "body!", 4, true, "", false},
		{"declared larger than any body", "9223372036854775807", "body", 4, true, "", false},
		{"of unknown length and within it", "", "body", 4, false, "body", false},
		{"of unknown length and larger: what is within it can be read", "", "body!", 4, false, "body", true},
		{"of unknown length and much larger", "-1", strings.Repeat("body", 5000), 4, false, "body", true},
		{"of unknown length, with a limit of one byte", "", "bo", 1, false, "b", true},
		{"of unknown length and empty", "", "", 4, false, "", false},
		{"no bound", "5", "body!", 0, false, "body!", false},
		{"no bound, and of unknown length", "", "body!", -1, false, "body!", false},
	} {
		t.Run(row.why, func(t *testing.T) {
			e := &gateway.Engine{MaxBodyBytes: row.max, BodyEnds: true}
			m := newMemory(vars(fmt.Sprintf("REQUEST_METHOD=POST\nREQUEST_URI=/\nCONTENT_LENGTH=%s\n", row.length)), row.body)
			ran := false
			err := e.Run(t.Context(), m, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				ran = true
				body, err := io.ReadAll(r.Body)
				require.Equal(t, row.read, string(body))
				if !row.over {
					require.NoError(t, err)
					return
				}
				var over *http.MaxBytesError
				require.ErrorAs(t, err, &over)
				require.Equal(t, row.max, over.Limit)
				_, again := r.Body.Read(make([]byte, 1))
				require.Equal(t, err, again, "the error stays")
			}))
			require.Equal(t, row.refused, !ran)
			if row.refused {
				require.ErrorIs(t, err, gateway.ErrBadRequest)
				require.False(t, gateway.Broken(err))
				require.True(t, strings.HasPrefix(m.out.String(), "Status: 413 Request Entity Too Large\r\n"), "%q", m.out.String())
				require.Contains(t, m.errs.String(), "request body too large")
				return
			}
			require.NoError(t, err)
		})
	}
}

func TestMaxBodyBytesOfHead(t *testing.T) {
	m := newMemory(vars("REQUEST_METHOD=HEAD\nREQUEST_URI=/\nCONTENT_LENGTH=5\n"), "")
	err := (&gateway.Engine{MaxBodyBytes: 4}).Run(t.Context(), m, http.NotFoundHandler())
	require.ErrorIs(t, err, gateway.ErrBadRequest)
	require.True(t, strings.HasSuffix(m.out.String(), "\r\n\r\n"), "HEAD has no body: %q", m.out.String())
}

func TestLargeHead(t *testing.T) {
	fields := func(n int) func(h http.Header) {
		return func(h http.Header) {
			for i := range n {
				h.Add("X", fmt.Sprint(i))
			}
		}
	}
	for _, row := range []struct {
		why    string
		origin bool
		set    func(h http.Header)
		told   string
	}{
		{"100 fields are what HAProxy takes", false, fields(97), ""},
		{"101 are told", false, fields(98), "754 bytes, 101 fields"},
		{"4096 bytes are what nginx takes", false, func(h http.Header) { h.Set("X", strings.Repeat("x", 4013)) }, ""},
		{"4097 are told", false, func(h http.Header) { h.Set("X", strings.Repeat("x", 4014)) }, "4097 bytes, 4 fields"},
		{"in origin mode there is no web server", true, fields(200), ""},
	} {
		t.Run(row.why, func(t *testing.T) {
			told := ""
			e := &gateway.Engine{Origin: row.origin, LargeHead: func(r *http.Request, size, fields int) {
				require.Equal(t, "/", r.RequestURI)
				told += fmt.Sprintf("%d bytes, %d fields", size, fields)
			}}
			_, err := serve(t, e, get, func(w http.ResponseWriter, _ *http.Request) {
				row.set(w.Header())
				io.WriteString(w, "body")
			})
			require.NoError(t, err)
			require.Equal(t, row.told, told)
		})
	}
}

// A hook may ask for what is known of its request, also while the head leaves.
func TestLargeHeadAsks(t *testing.T) {
	large := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X", strings.Repeat("x", 5000))
		io.WriteString(w, "body")
	}
	for _, row := range []struct {
		why     string
		handler http.HandlerFunc
		told    string
	}{
		{"of a response", large, "/app <nil> /app/x"},
		{"of the page of a handler that has panicked", func(http.ResponseWriter, *http.Request) { panic("probe") }, "/app probe /app/x"},
	} {
		t.Run(row.why, func(t *testing.T) {
			told := ""
			e := &gateway.Engine{Mount: "/app", ErrorHandler: http.HandlerFunc(large), LargeHead: func(r *http.Request, _, _ int) {
				told = fmt.Sprint(gateway.Mount(r), " ", gateway.PanicValue(r), " ", gateway.Vars(r).Get("REQUEST_URI"))
			}}
			serve(t, e, "REQUEST_METHOD=GET\nREQUEST_URI=/app/x\n", row.handler)
			require.Equal(t, row.told, told)
		})
	}
}
