package httpbin

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

// gateField names the address at which the client waits for the handler's flushes.
const gateField = "X-Gate"

// inLockstep lets a handler go on after a flush only when the client has got what was flushed. It applies to requests with gateField,
// which the handler does not see.
func inLockstep(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		address := r.Header.Get(gateField)
		if address == "" {
			h.ServeHTTP(w, r)
			return
		}
		r.Header.Del(gateField)
		gate, err := net.Dial("tcp", address)
		if err != nil {
			panic(err)
		}
		defer gate.Close()
		h.ServeHTTP(&lockstep{ResponseWriter: w, gate: gate}, r)
	})
}

type lockstep struct {
	http.ResponseWriter
	gate    net.Conn
	written int // bytes of the body
	seen    int // of those, when the last flush returned
}

func (l *lockstep) Write(p []byte) (int, error) {
	n, err := l.ResponseWriter.Write(p)
	l.written += n
	return n, err
}

// Flush waits for the client's byte, which says that it has what the line announces. A client that is gone ends the request.
func (l *lockstep) Flush() {
	l.ResponseWriter.(http.Flusher).Flush()
	_, err := fmt.Fprintln(l.gate, l.written-l.seen)
	if err == nil {
		_, err = l.gate.Read(make([]byte, 1))
	}
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	l.seen = l.written
}

// TestLockstep wants every flush of a streaming route to reach the client before the handler goes on, and the same pieces through every
// front end.
func TestLockstep(t *testing.T) {
	for _, target := range []string{
		"/stream/4?a=b",
		"/stream-bytes/1000?seed=7&chunk_size=300",
		"/sse?count=3&duration=2ns",
		"/jsonl?count=4",
		"/drip?numbytes=5&duration=4ns&delay=0",
		"/trailers",
	} {
		t.Run(target, func(t *testing.T) {
			want := pieces(t, startNetHTTP(t, handler()), target)
			require.NotEmpty(t, want, "the route does not flush")
			for _, f := range fronts() {
				require.Equal(t, want, pieces(t, f.start(t, httpbin()), target), f.name)
			}
		})
	}
}

// pieces returns what the client got between one flush and the next.
func pieces(t *testing.T, address, target string) []string {
	t.Helper()
	l := listen(t)
	defer l.Close()
	c := dial(t, address)
	defer c.Close()
	r := request{method: "GET", target: target, fields: []string{gateField + ": " + l.Addr().String()}}
	_, err := io.WriteString(c, r.wire())
	require.NoError(t, err)
	gate, err := l.Accept()
	require.NoError(t, err)
	defer gate.Close()
	response, err := http.ReadResponse(bufio.NewReader(c), nil)
	require.NoError(t, err)
	defer response.Body.Close()
	var got []string
	for lines := bufio.NewScanner(gate); lines.Scan(); {
		var n int
		_, err := fmt.Sscan(lines.Text(), &n)
		require.NoError(t, err)
		piece := make([]byte, n)
		_, err = io.ReadFull(response.Body, piece)
		require.NoError(t, err, "flush %d", len(got))
		got = append(got, settle(target, string(piece)))
		_, err = gate.Write([]byte{1})
		require.NoError(t, err)
	}
	rest, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	return append(got, settle(target, string(rest)))
}
