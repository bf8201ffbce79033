package behaviour

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
)

// An Errand is a POST that [BusyMachine] has a client send: with what its handler does with the body, and with what it answers.
type Errand struct {
	Does, Number string // header fields
	Body         string
}

// BusyMachine serves with many more threads than processors, so that any goroutine may be held up anywhere for longer than a handler is
// waited for: what goes on beside a handler then meets what follows it. The race detector sees what the answers do not show. serve begins
// to serve a handler for the length of the test; on every connection that dial makes, client gets up to three errands at a time, of which
// it frames the requests and wants the answers.
func BusyMachine(t *testing.T, serve func(h http.Handler) (dial func() (net.Conn, error)), client func(nc net.Conn) Courier) {
	const clients, rounds = 32, 60
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(16))
	dial := serve(http.HandlerFunc(busy))
	var all sync.WaitGroup
	for i := range clients {
		all.Go(func() {
			nc, err := dial()
			if err != nil {
				t.Error(err)
				return
			}
			defer nc.Close()
			nc.SetDeadline(time.Now().Add(time.Minute))
			c := client(nc)
			for j := range rounds {
				if err := deliver(nc, c, errands(fmt.Sprint(i, "-", j))); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	all.Wait()
}

// A Courier speaks the protocol of a server for [BusyMachine].
type Courier interface {
	// Requests returns the requests of errands as they go over the connection.
	Requests(list []Errand) []byte
	// Answers reads their answers, each of which is the number of its errand.
	Answers(list []Errand) error
}

func busy(w http.ResponseWriter, r *http.Request) {
	switch r.Header.Get("Does") {
	case "sleep":
		time.Sleep(time.Duration(rand.IntN(1500)) * time.Microsecond)
	case "read":
		io.Copy(io.Discard, r.Body)
	case "leave": // a read that still waits when the handler has returned
		go r.Body.Read(make([]byte, 64))
		time.Sleep(time.Duration(rand.IntN(1500)) * time.Microsecond)
	}
	io.WriteString(w, r.Header.Get("Number"))
}

func errands(number string) (list []Errand) {
	for i := range 1 + rand.IntN(3) {
		list = append(list, Errand{
			Does:   []string{"nothing", "sleep", "read", "leave"}[rand.IntN(4)],
			Number: fmt.Sprint(number, "-", i),
			Body:   strings.Repeat("x", rand.IntN(2)*rand.IntN(5000)),
		})
	}
	return list
}

// deliver sends in pieces while it reads.
func deliver(nc net.Conn, c Courier, list []Errand) error {
	sent := make(chan error, 1)
	go func() {
		var err error
		for b := c.Requests(list); len(b) > 0 && err == nil; {
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
	if err := c.Answers(list); err != nil {
		return err
	}
	return <-sent
}
