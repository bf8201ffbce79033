package cgi

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"strings"
	"testing"

	"github.com/postern-go/postern/gateway"
	"github.com/stretchr/testify/require"
)

var get = []string{"GATEWAY_INTERFACE=CGI/1.1", "REQUEST_METHOD=GET", "REQUEST_URI=/a?b", "SERVER_PROTOCOL=HTTP/1.1"}

func with(environ []string, more ...string) []string {
	return append(environ[:len(environ):len(environ)], more...)
}

// serve runs a program and returns what it wrote.
func serve(t *testing.T, environ []string, stdin io.Reader, h http.HandlerFunc) (stdout, stderr string, err error) {
	var out, errs bytes.Buffer
	p := &Program{Stdin: stdin, Stdout: &out, Stderr: &errs, Environ: environ}
	err = p.Serve(t.Context(), h)
	return out.String(), errs.String(), err
}

func TestBody(t *testing.T) {
	for _, row := range []struct {
		why     string
		environ []string
		length  int64
		want    string
		left    string
	}{
		{"as long as CONTENT_LENGTH says, and no further", []string{"CONTENT_LENGTH=3"}, 3, `"abc" <nil>`, "def"},
		{"no length, no body", nil, 0, `"" <nil>`, "abcdef"},
		{"an empty length is none", []string{"CONTENT_LENGTH="}, 0, `"" <nil>`, "abcdef"},
		{"length 0", []string{"CONTENT_LENGTH=0"}, 0, `"" <nil>`, "abcdef"},
		{"to the end when only a transfer coding was announced", []string{"HTTP_TRANSFER_ENCODING=chunked"}, -1, `"abcdef" <nil>`, ""},
		{"the length counts when there are both", []string{"CONTENT_LENGTH=2", "HTTP_TRANSFER_ENCODING=chunked"}, 2, `"ab" <nil>`, "cdef"},
		{"shorter than its length", []string{"CONTENT_LENGTH=9"}, 9, `"abcdef" unexpected EOF`, ""},
	} {
		stdin := strings.NewReader("abcdef")
		out, _, err := serve(t, with(get, row.environ...), stdin, func(w http.ResponseWriter, r *http.Request) {
			require.Equal(t, row.length, r.ContentLength, row.why)
			body, err := io.ReadAll(r.Body)
			fmt.Fprintf(w, "%q %v", body, err)
		})
		require.NoError(t, err, row.why)
		require.Contains(t, out, "\r\n\r\n"+row.want, row.why)
		left, err := io.ReadAll(stdin)
		require.NoError(t, err)
		require.Equal(t, row.left, string(left), row.why)
	}
}

type unreadable struct{ t *testing.T }

func (u unreadable) Read([]byte) (int, error) {
	require.Fail(u.t, "standard input was read")
	return 0, io.EOF
}

func TestBodyIsReadOnDemand(t *testing.T) {
	for _, environ := range [][]string{get, with(get, "CONTENT_LENGTH=10"), with(get, "HTTP_TRANSFER_ENCODING=chunked")} {
		_, _, err := serve(t, environ, unreadable{t}, func(http.ResponseWriter, *http.Request) {})
		require.NoError(t, err)
	}
}

func TestEnvironment(t *testing.T) {
	environ := with(get, "HTTP_PROXY=http://evil", "PATH=/bin", "EMPTY=", "EQUALS=a=b", "=x", "nothing", "HTTP_X=1")
	var vars []string
	_, _, err := serve(t, environ, nil, func(_ http.ResponseWriter, r *http.Request) {
		vars = gateway.Vars(r).Environ()
		require.Equal(t, http.Header{"X": {"1"}}, r.Header)
	})
	require.NoError(t, err)
	require.Equal(t, with(get, "PATH=/bin", "EMPTY=", "EQUALS=a=b", "HTTP_X=1"), vars, "all there is, less HTTP_PROXY")
}

func TestFlagsAndMount(t *testing.T) {
	_, _, err := serve(t, with(get, "SCRIPT_NAME=/cgi-bin/p", "PATH_INFO=/x", "REQUEST_URI=/cgi-bin/p/x"), nil, func(_ http.ResponseWriter, r *http.Request) {
		require.Equal(t, gateway.Flags{Multiprocess: true, RunOnce: true, Protocol: "cgi"}, gateway.FlagsOf(r))
		require.Equal(t, "/cgi-bin/p", gateway.Mount(r), "SCRIPT_NAME is the mount point")
		require.Equal(t, "/cgi-bin/p/x", r.URL.Path)
	})
	require.NoError(t, err)
}

// writes keeps every write apart.
type writes []string

func (w *writes) Write(p []byte) (int, error) {
	*w = append(*w, string(p))
	return len(p), nil
}

func TestWrites(t *testing.T) {
	block := strings.Repeat("x", 1<<10)
	for _, row := range []struct {
		why    string
		blocks int
		flush  bool
		want   []int
	}{
		{"no body", 0, false, []int{0}},
		{"what fits leaves in one write", 30, false, []int{30 << 10}},
		{"what does not fit leaves in large ones", 60, false, []int{30 << 10, 30 << 10}},
		{"what is flushed leaves at once", 2, true, []int{1 << 10, 1 << 10}},
	} {
		var out writes
		p := &Program{Stdout: &out, Environ: get}
		require.NoError(t, p.Serve(t.Context(), http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "a/b")
			for range row.blocks {
				io.WriteString(w, block)
				if row.flush {
					w.(http.Flusher).Flush()
				}
			}
		})))
		var sizes []int
		for _, o := range out {
			sizes = append(sizes, strings.Count(o, "x"))
		}
		require.Equal(t, row.want, sizes, row.why)
	}
}

func TestLargeWrite(t *testing.T) {
	var out writes
	p := &Program{Stdout: &out, Environ: get}
	large := strings.Repeat("x", 1<<20)
	require.NoError(t, p.Serve(t.Context(), http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, large) })))
	require.Len(t, out, 2, "the head, then what the handler wrote as it is")
	require.Equal(t, large, out[1])
}

func TestOutcomes(t *testing.T) {
	const head = "Status: 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\n"
	const page = "Status: 500 Internal Server Error\r\nContent-Type: text/plain\r\nContent-Length: 59\r\n\r\n" +
		"A server error occurred.  Please contact the administrator."
	for _, row := range []struct {
		why     string
		environ []string
		handler http.HandlerFunc
		out     string
		log     string
		err     error
	}{
		{"a response", get, func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "hi") },
			head + "Content-Length: 2\r\n\r\nhi", "", nil},
		{"a panic before the head", get, func(http.ResponseWriter, *http.Request) { panic("probe") },
			page, "panic serving GET /a?b: probe\n", gateway.ErrPanic},
		{"a panic after the head was sent", get, func(w http.ResponseWriter, _ *http.Request) {
			io.WriteString(w, "partial")
			w.(http.Flusher).Flush()
			io.WriteString(w, strings.Repeat("never sent", 1000))
			panic("probe")
		}, head + "\r\npartial", "panic serving GET /a?b: probe\n", gateway.ErrPanic},
		{"http.ErrAbortHandler says nothing", get, func(w http.ResponseWriter, _ *http.Request) {
			io.WriteString(w, strings.Repeat("never sent", 1000))
			panic(http.ErrAbortHandler)
		}, "", "", gateway.ErrAborted},
		{"a body shorter than its length", get, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100")
			io.WriteString(w, "hi")
		}, "", "gateway: handler declared Content-Length 100 and wrote 2 bytes\n", gateway.ErrShortBody},
		{"no method", []string{"GATEWAY_INTERFACE=CGI/1.1"}, func(http.ResponseWriter, *http.Request) {},
			"Status: 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\nX-Content-Type-Options: nosniff\r\nContent-Length: 12\r\n\r\nBad Request\n",
			"gateway: request refused: env: REQUEST_METHOD is missing\n", gateway.ErrBadRequest},
	} {
		out, log, err := serve(t, row.environ, nil, row.handler)
		require.ErrorIs(t, err, row.err, row.why)
		require.Equal(t, row.out, out, row.why)
		require.True(t, strings.HasPrefix(log, row.log), "%s: %s", row.why, log)
		require.Equal(t, row.log == "", log == "", row.why)
	}
}

// A redirect is never one that the web server follows or answers itself (RFC 3875, sections 6.2.2 and 6.2.3): a handler decides about status,
// fields and body, so that every redirect is one with a document (section 6.2.4).
func TestRedirects(t *testing.T) {
	for _, row := range []struct {
		why, location string
		handler       http.HandlerFunc
		want          string
	}{
		{"to a path", "/x", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusFound) },
			"Status: 302 Found\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n"},
		{"to an absolute URI", "http://h/x", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusFound) },
			"Status: 302 Found\r\nLocation: http://h/x\r\nContent-Length: 0\r\n\r\n"},
		{"with other fields and a body", "/x", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X-Probe", "1")
			w.Header().Set("Content-Type", "text/plain")
			w.WriteHeader(http.StatusSeeOther)
			io.WriteString(w, "there")
		}, "Status: 303 See Other\r\nLocation: /x\r\nContent-Type: text/plain\r\nX-Probe: 1\r\nContent-Length: 5\r\n\r\nthere"},
		{"without a status of a redirect it is none", "/x", func(http.ResponseWriter, *http.Request) {},
			"Status: 200 OK\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n"},
	} {
		out, _, err := serve(t, get, nil, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Location", row.location)
			row.handler(w, r)
		})
		require.NoError(t, err)
		require.Equal(t, row.want, out, row.why)
	}
}

func TestHandlerEndsItsGoroutine(t *testing.T) {
	var out, errs bytes.Buffer
	ended, over := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		p := &Program{Stdout: &out, Stderr: &errs, Environ: get}
		p.Serve(t.Context(), http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			context.AfterFunc(r.Context(), func() { close(over) })
			io.WriteString(w, strings.Repeat("never sent", 1000))
			runtime.Goexit()
		}))
		require.Fail(t, "Serve returned")
	}()
	<-ended
	<-over // the end of the context
	require.Empty(t, out.String(), "the response is broken off")
	require.Contains(t, errs.String(), "panic serving GET /a?b: runtime.Goexit called by the handler\n")
}

type broken struct{}

var errBroken = errors.New("broken")

func (broken) Write([]byte) (int, error) { return 0, errBroken }

func TestStdoutFails(t *testing.T) {
	p := &Program{Stdout: broken{}, Environ: get}
	err := p.Serve(t.Context(), http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "hi") }))
	require.ErrorIs(t, err, errBroken)
	require.ErrorContains(t, err, "cgi: response not delivered: ")

	err = p.Serve(t.Context(), http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		require.ErrorIs(t, http.NewResponseController(w).Flush(), gateway.ErrPeerGone)
		<-r.Context().Done()
	}))
	require.ErrorIs(t, err, gateway.ErrPeerGone, "a write that fails ends the context")
}

func TestWithoutStreams(t *testing.T) {
	err := (&Program{Environ: with(get, "CONTENT_LENGTH=1")}).Serve(t.Context(), http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, err := r.Body.Read(make([]byte, 1))
		require.Equal(t, io.ErrUnexpectedEOF, err)
		io.WriteString(gateway.Stderr(r), "dropped")
		io.WriteString(w, "dropped")
	}))
	require.NoError(t, err)
	require.NoError(t, (&Program{Environ: get}).Serve(t.Context(), nil), "http.DefaultServeMux answers")
}

func TestContextOfTheCaller(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	p := &Program{Environ: get}
	err := p.Serve(ctx, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		cancel()
		<-r.Context().Done()
		_, err := io.WriteString(w, "done")
		require.NoError(t, err)
	}))
	require.NoError(t, err, "its end asks to come to an end, and the response is delivered")
}

func TestOrigin(t *testing.T) {
	for _, row := range []struct {
		why, protocol string
		size          int
		want          []string
	}{
		{"the end of the connection is announced", "HTTP/1.1", 2, []string{"HTTP/1.1 200 OK\r\n", "Content-Length: 2\r\n", "Connection: close\r\n\r\nxx"}},
		{"a body of unknown length comes in chunks", "HTTP/1.1", 5000, []string{"HTTP/1.1 200 OK\r\n", "Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n1388\r\nxx"}},
		{"where the client knows them", "HTTP/1.0", 5000, []string{"HTTP/1.0 200 OK\r\n", "\r\n\r\nxx"}},
	} {
		var out bytes.Buffer
		p := &Program{Stdout: &out, Environ: with(get, "SERVER_PROTOCOL="+row.protocol), Engine: NewEngine()}
		p.Engine.Origin = true
		require.NoError(t, p.Serve(t.Context(), http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			io.WriteString(w, strings.Repeat("x", row.size))
		})))
		for _, want := range row.want {
			require.Contains(t, out.String(), want, row.why)
		}
		require.NotContains(t, out.String(), "Status:", row.why)
		require.NotContains(t, out.String(), "keep-alive", row.why)
	}
}
