package behaviour

import (
	"bufio"
	"io"
	"log"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
)

const reference = "net/http"

// NetHTTP is the reference: http.Server on a connection over loopback.
func NetHTTP() Gate {
	return Gate{Name: reference, Origin: true, Serve: func(t testing.TB, h http.Handler, c Client) Answer {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		var logged Log
		srv := &http.Server{Handler: WithNext(h), ErrorLog: log.New(&logged, "", 0)}
		go srv.Serve(l)
		defer srv.Close()
		a := Dial(t, l.Addr(), c)
		a.Log = logged.String()
		return a
	}}
}

// next is the path of a second request on a connection, which tells whether it
// was kept.
const next = "/behaviour-next"

// WithNext answers the second request of Dial, and every other one by h.
func WithNext(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == next {
			w.WriteHeader(http.StatusNoContent)
			return
		}
		h.ServeHTTP(w, r)
	})
}

// Dial is a client of a server that speaks HTTP. The server's handler has to be
// in WithNext.
func Dial(t testing.TB, addr net.Addr, c Client) Answer {
	conn, err := net.Dial(addr.Network(), addr.String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	var sending sync.WaitGroup
	defer sending.Wait()
	defer conn.Close() // ends the sending of what nobody reads
	sending.Go(func() {
		io.WriteString(conn, c.Request)
		if half, ok := conn.(interface{ CloseWrite() error }); ok && c.Cut {
			half.CloseWrite()
		}
	})
	if c.Leave != nil {
		<-c.Leave
		return Answer{}
	}
	in := bufio.NewReader(conn)
	a, err := ReadHTTP(in, c.Request)
	if err != nil {
		t.Fatalf("response: %v", err)
	}
	if c.Cut {
		io.Copy(io.Discard, in) // the server closes when it has finished
		a.Kept = false
		return a
	}
	a.Kept = a.Kept && again(conn, in)
	return a
}

// again reports whether the connection serves another request.
func again(conn net.Conn, in *bufio.Reader) bool {
	if _, err := io.WriteString(conn, "GET "+next+" HTTP/1.1\r\nHost: h.test\r\n\r\n"); err != nil {
		return false
	}
	h, err := readHead(in)
	return err == nil && strings.HasSuffix(h.Status, "204 No Content")
}

// A Log gathers what several goroutines write.
type Log struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *Log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *Log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}
