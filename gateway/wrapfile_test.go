package gateway_test

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/postern-go/postern/env"
	"github.com/postern-go/postern/gateway"
	"github.com/stretchr/testify/require"
)

func TestWrapFile(t *testing.T) {
	var out bytes.Buffer
	x := &gateway.Streams{Output: &out, Environ: env.Parse([]string{"REQUEST_METHOD=GET"})}
	file := &closable{Reader: strings.NewReader("content")}
	require.NoError(t, new(gateway.Engine).Run(t.Context(), x, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		wrapped := gateway.WrapFile(r, file, 100)
		require.Equal(t, &env.FileWrapper{Reader: file, BlockSize: 100}, wrapped, "the one of package env")
		_, err := io.Copy(w, wrapped)
		require.NoError(t, err)
		require.NoError(t, wrapped.Close())
	})))
	require.True(t, strings.HasSuffix(out.String(), "\r\n\r\ncontent"), out.String())
	require.True(t, file.closed)
}

func TestWrapFileOfTheEngine(t *testing.T) {
	own := func(file io.Reader, blockSize int) io.ReadCloser {
		return io.NopCloser(io.LimitReader(file, int64(blockSize)))
	}
	x := &gateway.Streams{Environ: env.Parse([]string{"REQUEST_METHOD=GET"})}
	ran := false
	require.NoError(t, (&gateway.Engine{FileWrapper: own}).Run(t.Context(), x, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		ran = true
		b, err := io.ReadAll(gateway.WrapFile(r, strings.NewReader("content"), 4))
		require.NoError(t, err)
		require.Equal(t, "cont", string(b))
	})))
	require.True(t, ran)
}

func TestWrapFileWithoutEngine(t *testing.T) {
	wrapped := gateway.WrapFile(httptest.NewRequest("GET", "/", nil), strings.NewReader("content"), 0)
	require.IsType(t, new(env.FileWrapper), wrapped)
}

type closable struct {
	io.Reader
	closed bool
}

func (c *closable) Close() error {
	c.closed = true
	return nil
}
