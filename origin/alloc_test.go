package origin

import (
	"bytes"
	"io"
	"net"
	"net/http"
	"os/exec"
	"testing"

	"github.com/postern-go/postern/internal/race"
	"github.com/stretchr/testify/require"
)

// small is a small request: GET with five fields.
const small = "GET /path?query=1 HTTP/1.1\r\nHost: example.com\r\nUser-Agent: Mozilla/5.0\r\nAccept: */*\r\n" +
	"Accept-Encoding: gzip, deflate\r\nAccept-Language: en\r\nCookie: a=b\r\n\r\n"

var greet = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/plain")
	io.WriteString(w, "Hello, world!")
})

// exchanger returns a function that makes one small exchange on a kept
// connection without an allocation of its own.
func exchanger(t testing.TB, serve func(net.Listener)) func() {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	go serve(l)
	c, err := net.Dial("tcp", l.Addr().String())
	require.NoError(t, err)
	t.Cleanup(func() { c.Close() })
	request, buf := []byte(small), make([]byte, 4096)
	return func() {
		if _, err := c.Write(request); err != nil {
			t.Fatal(err)
		}
		n, err := c.Read(buf)
		if err != nil || !bytes.HasSuffix(buf[:n], []byte("\r\n\r\nHello, world!")) {
			t.Fatalf("%q %v", buf[:n], err)
		}
	}
}

// maxAllocations is what a small exchange on a kept connection costs.
const maxAllocations = 10

// TestAllocations runs itself without the race detector, which allocates too.
func TestAllocations(t *testing.T) {
	if race.Enabled {
		out, err := exec.Command("go", "test", "-count=1", "-run", "^TestAllocations$", ".").CombinedOutput()
		require.NoError(t, err, "%s", out)
		require.Regexp(t, "(?m)^ok ", string(out))
		return
	}
	s := &Server{Handler: greet}
	exchange := exchanger(t, func(l net.Listener) { s.Serve(l) })
	defer s.Close()
	require.LessOrEqual(t, testing.AllocsPerRun(1000, exchange), float64(maxAllocations))
}

func BenchmarkSmallRequest(b *testing.B) {
	b.Run("origin", func(b *testing.B) {
		s := &Server{Handler: greet}
		benchmark(b, func(l net.Listener) { s.Serve(l) })
		s.Close()
	})
	b.Run("net/http", func(b *testing.B) {
		s := &http.Server{Handler: greet}
		benchmark(b, func(l net.Listener) { s.Serve(l) })
		s.Close()
	})
}

func benchmark(b *testing.B, serve func(net.Listener)) {
	exchange := exchanger(b, serve)
	b.ReportAllocs()
	for b.Loop() {
		exchange()
	}
}

func BenchmarkParseRequest(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if err := parseRequest(new(http.Request), small); err != nil {
			b.Fatal(err)
		}
	}
}
