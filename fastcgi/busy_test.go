package fastcgi_test

import (
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/postern-go/postern/fastcgi"
	"github.com/postern-go/postern/internal/record"
)

// TestBusyMachine has many more threads than processors, so that any goroutine may be held up anywhere for longer than a handler is
// waited for: what passes the lead of a connection on then meets who had it. The race detector sees what the answers do not show.
func TestBusyMachine(t *testing.T) {
	const clients, rounds = 32, 60
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(16))
	path := serve(t, &fastcgi.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.Header.Get("Does") {
		case "sleep":
			time.Sleep(time.Duration(rand.IntN(1500)) * time.Microsecond)
		case "read":
			io.Copy(io.Discard, r.Body)
		}
		io.WriteString(w, r.Header.Get("Number"))
	})})
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
			for j := range rounds {
				if err := askInPieces(nc, fmt.Sprint(i, "-", j)); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	all.Wait()
}

// askInPieces sends up to three requests in pieces, and wants their answers.
func askInPieces(nc net.Conn, number string) error {
	var b []byte
	n := 1 + rand.IntN(3)
	for id := range n {
		body := strings.Repeat("x", rand.IntN(2)*rand.IntN(5000))
		does := []string{"nothing", "sleep", "read"}[rand.IntN(3)]
		b = append(b, bytesOf(begin(uint16(id+1)), params(uint16(id+1), vars("POST", "CONTENT_LENGTH", fmt.Sprint(len(body)),
			"HTTP_DOES", does, "HTTP_NUMBER", fmt.Sprint(number, "-", id+1))), params(uint16(id+1), ""))...)
		if body != "" {
			b = append(b, bytesOf(stdin(uint16(id+1), body))...)
		}
		b = append(b, bytesOf(stdin(uint16(id+1), ""))...)
	}
	for len(b) > 0 {
		piece := len(b)
		if rand.IntN(2) == 0 {
			piece = 1 + rand.IntN(len(b))
		}
		if _, err := nc.Write(b[:piece]); err != nil {
			return err
		}
		b = b[piece:]
		time.Sleep(time.Duration(rand.IntN(1000)) * time.Microsecond)
	}
	got := map[uint16]string{}
	for ended := 0; ended < n; {
		r, err := (&client{Conn: nc}).next()
		switch {
		case err != nil:
			return err
		case r.Type == record.Stdout:
			got[r.ID] += r.Content
		case r != fin(r.ID, 0):
			return fmt.Errorf("%v instead of an answer to %s", r, number)
		default:
			ended++
			if want := page(fmt.Sprint(number, "-", r.ID)); got[r.ID] != want {
				return fmt.Errorf("%q instead of %q", got[r.ID], want)
			}
		}
	}
	return nil
}
