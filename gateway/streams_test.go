package gateway_test

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/postern-go/postern/env"
	"github.com/postern-go/postern/gateway"
	"github.com/stretchr/testify/require"
)

func TestStreams(t *testing.T) {
	variables := env.Parse([]string{"REQUEST_METHOD=POST", "REQUEST_URI=/", "CONTENT_LENGTH=5", "HTTP_A=1", "HTTP_A=2"})
	var sent, errs bytes.Buffer
	out := bufio.NewWriter(&sent)
	x := &gateway.Streams{Input: strings.NewReader("hello, next"), Output: out, Errors: &errs, Environ: variables}
	err := new(gateway.Engine).Run(t.Context(), x, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		require.Equal(t, []string{"1", "2"}, r.Header["A"], "a variable that comes twice")
		gateway.Vars(r).Set("HTTP_A", "3")
		body, err := io.ReadAll(r.Body)
		require.NoError(t, err)
		io.WriteString(gateway.Stderr(r), "noted")
		w.Header()["Content-Type"] = nil
		w.Write(body)
		require.Empty(t, sent.String(), "Output buffers")
		require.NoError(t, http.NewResponseController(w).Flush())
		require.Equal(t, "Status: 200 OK\r\n\r\nhello", sent.String(), "Flush is passed on")
		io.WriteString(w, "!")
	}))
	require.NoError(t, err)
	require.Equal(t, "Status: 200 OK\r\n\r\nhello", sent.String(), "the end is the caller's to flush")
	require.NoError(t, x.Flush())
	require.Equal(t, "Status: 200 OK\r\n\r\nhello!", sent.String())
	require.Equal(t, "noted", errs.String())
	require.Equal(t, "1, 2", variables.Get("HTTP_A"), "the request has a copy")
}

// fullPipe cannot be written.
type fullPipe struct{}

func (fullPipe) Write([]byte) (int, error) { return 0, errFull }
func (fullPipe) Flush() error              { return errFull }

var errFull = errors.New("full")

func TestStreamsThatFail(t *testing.T) {
	x := &gateway.Streams{Output: fullPipe{}, Environ: env.Parse([]string{"REQUEST_METHOD=GET"})}
	err := new(gateway.Engine).Run(t.Context(), x, http.NotFoundHandler())
	require.ErrorIs(t, err, gateway.ErrPeerGone)
	require.ErrorIs(t, err, errFull)
	require.ErrorIs(t, x.Flush(), errFull)
}

func TestStreamsLeftOut(t *testing.T) {
	x := &gateway.Streams{Environ: env.Parse([]string{"REQUEST_METHOD=POST", "CONTENT_LENGTH=1"})}
	require.NoError(t, new(gateway.Engine).Run(t.Context(), x, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, err := r.Body.Read(make([]byte, 1))
		require.Equal(t, io.ErrUnexpectedEOF, err, "an empty body")
		_, err = io.WriteString(gateway.Stderr(r), "dropped")
		require.NoError(t, err)
		_, err = io.WriteString(w, "dropped")
		require.NoError(t, err)
		require.NoError(t, http.NewResponseController(w).Flush())
	})))
	err := new(gateway.Engine).Run(t.Context(), new(gateway.Streams), http.NotFoundHandler())
	require.ErrorIs(t, err, gateway.ErrBadRequest, "no variables, no request")
}
