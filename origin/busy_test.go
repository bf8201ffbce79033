package origin

import (
	"bufio"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestBusyMachine has many more threads than processors, so that any goroutine may be held up anywhere for longer than a handler is
// waited for: who reads ahead of a handler then meets who reads the next request. The race detector sees what the answers do not show.
func TestBusyMachine(t *testing.T) {
	const clients, rounds = 32, 60
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(16))
	path := filepath.Join(t.TempDir(), "s")
	l, err := net.Listen("unix", path)
	require.NoError(t, err)
	s := &Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.Header.Get("Does") {
		case "sleep":
			time.Sleep(time.Duration(rand.IntN(1500)) * time.Microsecond)
		case "read":
			io.Copy(io.Discard, r.Body)
		}
		io.WriteString(w, r.Header.Get("Number"))
	})}
	done := make(chan error, 1)
	go func() { done <- s.Serve(l) }()
	defer func() {
		s.Close()
		require.ErrorIs(t, <-done, http.ErrServerClosed)
	}()
	var all sync.WaitGroup
	for i := range clients {
		all.Go(func() {
			nc, err := net.Dial("unix", path)
			if err != nil {
				t.Error(err)
				return
			}
			defer nc.Close()
			nc.SetDeadline(time.Now().Add(time.Minute))
			in := bufio.NewReader(nc)
			for j := range rounds {
				if err := askInPieces(nc, in, fmt.Sprint(i, "-", j)); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	all.Wait()
}

// askInPieces sends up to three requests in pieces, and wants their answers.
func askInPieces(nc net.Conn, in *bufio.Reader, number string) error {
	var b []byte
	n := 1 + rand.IntN(3)
	for i := range n {
		body := strings.Repeat("x", rand.IntN(2)*rand.IntN(5000))
		does := []string{"nothing", "sleep", "read"}[rand.IntN(3)]
		framing := fmt.Sprintf("Content-Length: %d\r\n\r\n%s", len(body), body)
		if body != "" && rand.IntN(2) == 0 {
			framing = fmt.Sprintf("Transfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n", len(body), body)
		}
		b = fmt.Appendf(b, "POST / HTTP/1.1\r\nHost: h.test\r\nDoes: %s\r\nNumber: %s-%d\r\n%s", does, number, i, framing)
	}
	sent := make(chan error, 1)
	go func() {
		var err error
		for len(b) > 0 && err == nil {
			piece := len(b)
			if rand.IntN(2) == 0 {
				piece = 1 + rand.IntN(len(b))
			}
			_, err = nc.Write(b[:piece])
			b = b[piece:]
			time.Sleep(time.Duration(rand.IntN(1000)) * time.Microsecond)
		}
		sent <- err
	}()
	for i := range n {
		r, err := http.ReadResponse(in, nil)
		if err != nil {
			return err
		}
		body, err := io.ReadAll(r.Body)
		if want := fmt.Sprint(number, "-", i); err != nil || string(body) != want {
			return fmt.Errorf("%v and %q instead of %q", err, body, want)
		}
	}
	return <-sent
}
