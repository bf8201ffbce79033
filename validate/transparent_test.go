package validate_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/postern-go/postern/gateway"
	"github.com/postern-go/postern/origin"
	"github.com/postern-go/postern/validate"
	"github.com/stretchr/testify/require"
)

// silent checks and reports to nobody.
var silent = validate.Options{Level: validate.Strict, Report: func(validate.Finding) {}}

var dateLine = regexp.MustCompile(`Date: [^\r]*\r\n`)

// wireServers start a server on l that has to be closed.
var wireServers = map[string]func(l net.Listener, h http.Handler) io.Closer{
	"net/http": func(l net.Listener, h http.Handler) io.Closer {
		s := &http.Server{Handler: h, ErrorLog: quietLog}
		go s.Serve(l)
		return s
	},
	"origin": func(l net.Listener, h http.Handler) io.Closer {
		s := &origin.Server{Handler: h, ErrorLog: slog.New(slog.DiscardHandler)}
		go s.Serve(l)
		return s
	},
}

// wire returns the bytes that a server answers with, but for the date.
func wire(t *testing.T, server string, a ask, h http.Handler) string {
	t.Helper()
	return wireOf(t, server, a.bytes(), h)
}

// wireOf is wire for the bytes of a request.
func wireOf(t *testing.T, server, request string, h http.Handler) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer wireServers[server](l, h).Close()
	c, err := net.Dial("tcp", l.Addr().String())
	require.NoError(t, err)
	defer c.Close()
	require.NoError(t, c.SetDeadline(time.Now().Add(time.Minute))) // the server is to close
	_, err = io.WriteString(c, request)
	require.NoError(t, err)
	answer, err := io.ReadAll(c)
	if err != nil {
		require.ErrorContains(t, err, "reset") // a write after a Hijack, or a deadline that is over
	}
	return dateLine.ReplaceAllString(string(answer), "")
}

// Whatever a handler does, right or wrong, the response is the same.
func TestSameBytes(t *testing.T) {
	for server := range wireServers {
		for _, row := range slices.Concat(wildRows(t), fieldRows, headRows, callRows) {
			t.Run(row.rule+" over "+server, func(t *testing.T) {
				require.Equal(t, wire(t, server, row.ask, row.fires), wire(t, server, row.ask, validate.Handler(row.fires, silent)))
			})
		}
	}
}

// The engine's response is the same, too.
func TestSameBytesFromGateway(t *testing.T) {
	for _, row := range slices.Concat(wildRows(t), fieldRows, headRows, callRows) {
		t.Run(row.rule, func(t *testing.T) {
			run := func(h http.Handler) (string, error) {
				x := &exchange{stdin: strings.NewReader(row.ask.body)}
				change(&x.vars, variables+"REQUEST_METHOD="+row.ask.verb()+"\nCONTENT_LENGTH="+itoa(len(row.ask.body)))
				e := gateway.Engine{Flags: fastcgi, BodyEnds: true, LogPanic: func(*http.Request, any, []byte) {}}
				err := e.Run(context.Background(), x, h)
				return x.response.String(), err
			}
			want, wantErr := run(row.fires)
			got, err := run(validate.Handler(row.fires, silent))
			require.Equal(t, want, got)
			require.Equal(t, wantErr, err)
		})
	}
}

// Whether the server reads what is left of a body depends on the type that the handler has given it.
func TestSameBytesOfALimit(t *testing.T) {
	const next = "GET / HTTP/1.1\r\nHost: h.test\r\nConnection: close\r\n\r\n"
	h := do(limited, text, 403, many(30, much))
	for server := range wireServers {
		raw := eager.bytes() + next
		require.Equal(t, wireOf(t, server, raw, h), wireOf(t, server, raw, validate.Handler(h, silent)), server)
	}
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

// Trailers of a request show when its body has been read, or closed, whether
// the client has announced them or not.
func TestRequestTrailers(t *testing.T) {
	for why, end := range map[string]http.HandlerFunc{"read": readAll, "closed": shut} {
		h := func(w http.ResponseWriter, r *http.Request) {
			end(w, r)
			fmt.Fprint(w, r.Trailer)
		}
		for _, announced := range []string{"Trailer: X-A\r\n", ""} {
			raw := "POST / HTTP/1.1\r\nHost: h.test\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n" + announced +
				"\r\n2\r\nab\r\n0\r\nX-A: 1\r\n\r\n"
			for server := range wireServers {
				got := wireOf(t, server, raw, validate.Handler(http.HandlerFunc(h), silent))
				require.Equal(t, wireOf(t, server, raw, http.HandlerFunc(h)), got)
				if why == "read" {
					require.Contains(t, got, "map[X-A:[1]]", server)
				}
			}
		}
	}
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
