package gateway_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/postern-go/postern/gateway"
	"github.com/stretchr/testify/require"
)

// allowed is all that leaves of a decision to allow, but for variables.
const allowed = "Status: 200 OK\r\n\r\n"

func TestAuthorizer(t *testing.T) {
	large := file(t, strings.Repeat("x", 5000))
	for _, row := range []struct {
		why     string
		handler http.HandlerFunc
		want    string
		reason  error
	}{
		{"a handler that does nothing allows", func(http.ResponseWriter, *http.Request) {}, allowed, nil},
		{"a body is dropped, and so is every field but the variables, whose spelling stays", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			w.Header().Set("Set-Cookie", "a=b")
			w.Header()["Variable-AUTHN_1"] = []string{"one", "two"}
			w.Header()["variable-b"] = []string{"three"}
			w.Header()["Variable-"] = []string{"no name"}
			io.WriteString(w, "welcome")
		}, "Status: 200 OK\r\nVariable-AUTHN_1: one\r\nVariable-AUTHN_1: two\r\nvariable-b: three\r\n\r\n", nil},
		{"a large body is dropped, too, and so is a file", func(w http.ResponseWriter, _ *http.Request) {
			w.Write(make([]byte, 10000))
			n, err := w.(io.ReaderFrom).ReadFrom(large)
			require.NoError(t, err)
			require.EqualValues(t, 5000, n)
		}, allowed, nil},
		{"a length that the body does not have is no matter", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "9")
			io.WriteString(w, "short")
		}, allowed, nil},
		{"another status is the whole response, but for variables", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Www-Authenticate", "Basic")
			w.Header().Set("Variable-SECRET", "not for the client")
			http.Error(w, "who are you?", http.StatusUnauthorized)
		}, "Status: 401 Unauthorized\r\nContent-Type: text/plain; charset=utf-8\r\nWww-Authenticate: Basic\r\n" +
			"X-Content-Type-Options: nosniff\r\nContent-Length: 13\r\n\r\nwho are you?\n", nil},
		{"no other status of success allows", func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusNoContent)
		}, "Status: 204 No Content\r\n\r\n", nil},
		{"a panic after it was flushed does not allow", func(w http.ResponseWriter, _ *http.Request) {
			io.WriteString(w, "welcome")
			require.NoError(t, http.NewResponseController(w).Flush())
			panic("boom")
		}, "Status: 500 Internal Server Error\r\nContent-Type: text/plain\r\nContent-Length: 59\r\n\r\n" +
			"A server error occurred.  Please contact the administrator.", gateway.ErrPanic},
		{"nor does http.ErrAbortHandler: there is no response at all", func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusOK)
			panic(http.ErrAbortHandler)
		}, "", gateway.ErrAborted},
	} {
		t.Run(row.why, func(t *testing.T) {
			c := &copier{originMemory: originMemory{memory: newMemory(vars(get), "")}}
			err := (&gateway.Engine{Authorizer: true}).Run(t.Context(), c, row.handler)
			require.ErrorIs(t, err, row.reason)
			require.Equal(t, row.want, c.out.String())
		})
	}
}

func TestAuthorizerErrorPage(t *testing.T) {
	e := &gateway.Engine{Authorizer: true, ErrorHandler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		io.WriteString(w, "sorry")
	})}
	m, err := serve(t, e, get, func(http.ResponseWriter, *http.Request) { panic("boom") })
	require.ErrorIs(t, err, gateway.ErrPanic)
	require.Equal(t, "Status: 500 Internal Server Error\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 5\r\n\r\nsorry", m.out.String(),
		"the status of the page would allow")
}

func TestAuthorizerRequest(t *testing.T) {
	for _, row := range []struct{ why, lines string }{
		{"no CONTENT_LENGTH, as it should be: nothing is read to find out", get},
		{"a length is none of an authorizer's", get + "CONTENT_LENGTH=5\n"},
		{"also one that is no number", get + "CONTENT_LENGTH=+5\n"},
		{"a transfer coding tells of the client's body", get + "HTTP_TRANSFER_ENCODING=chunked\n"},
	} {
		t.Run(row.why, func(t *testing.T) {
			x := &gateway.Streams{Input: untouched{}, Environ: vars(row.lines)}
			e := &gateway.Engine{Authorizer: true, BodyEnds: true}
			ran := false
			require.NoError(t, e.Run(t.Context(), x, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				ran = true
				require.Equal(t, http.NoBody, r.Body)
				require.Zero(t, r.ContentLength)
				require.Empty(t, r.TransferEncoding)
				require.Empty(t, gateway.Vars(r).Get("CONTENT_LENGTH"))
			})))
			require.True(t, ran)
		})
	}
}

// untouched is a body that must not be read.
type untouched struct{}

func (untouched) Read([]byte) (int, error) { return 0, errors.New("read") }

func TestAuthorizerIsAsked(t *testing.T) {
	m, err := serve(t, &gateway.Engine{Authorizer: true}, "REQUEST_METHOD=OPTIONS\nREQUEST_URI=*\nHTTP_HOST=h.test\n",
		func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(http.StatusForbidden)
			fmt.Fprint(w, "no ", r.Method)
		})
	require.NoError(t, err)
	require.Contains(t, m.out.String(), "Status: 403 Forbidden\r\n", "OPTIONS * has no answer of its own")
	require.Contains(t, m.out.String(), "no OPTIONS")
}
