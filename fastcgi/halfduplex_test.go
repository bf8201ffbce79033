package fastcgi_test

import (
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/postern-go/postern/fastcgi"
	"github.com/stretchr/testify/require"
)

// A web server may send the whole body before it reads, as Caddy and Apache do. A handler that leaves a large body and writes a large
// response would wait for it, and it for the handler.
func TestHalfDuplexPeer(t *testing.T) {
	const size = 8 << 20
	path := serve(t, &fastcgi.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Write(make([]byte, size))
	})})
	c, err := net.Dial("unix", path)
	require.NoError(t, err)
	defer c.Close()
	require.NoError(t, c.SetDeadline(time.Now().Add(time.Minute))) // or else it would wait for ever
	request := bytesOf(postLast(1, size)...)
	for part := strings.Repeat("x", 1<<15); len(request) < size; {
		request = append(request, bytesOf(stdin(1, part))...)
	}
	_, err = c.Write(request)
	require.NoError(t, err, "all of it is taken before anything is read")
	answer, err := io.Copy(io.Discard, c)
	require.NoError(t, err)
	require.Greater(t, answer, int64(size))
}
