package scgi

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/postern-go/postern/internal/memconn"
	"github.com/stretchr/testify/require"
)

func TestLimits(t *testing.T) {
	many := func(n int) (more []string) {
		for i := range n {
			more = append(more, fmt.Sprint("HTTP_", i), "x")
		}
		return more
	}
	for _, row := range []struct {
		why, wire string
		set       func(*Server)
		want, log string
	}{
		{"a variable of exactly MaxVar bytes", request("GET", "/", "", "HTTP_X", strings.Repeat("x", 24)), func(s *Server) { s.MaxVar = 30 }, `GET / ""`, ""},
		{"one byte more", request("GET", "/", "", "HTTP_X", strings.Repeat("x", 25)), func(s *Server) { s.MaxVar = 30 }, "431", "scgi: variable of 31 bytes"},
		{"exactly MaxVarCount variables", request("GET", "/", "", many(2)...), func(s *Server) { s.MaxVarCount = 7 }, `GET / ""`, ""},
		{"one more", request("GET", "/", "", many(3)...), func(s *Server) { s.MaxVarCount = 7 }, "431", "scgi: too many variables"},
		{"4096 variables", request("GET", "/", "", many(4096-5)...), func(*Server) {}, `GET / ""`, ""},
		{"4097, and no word about it", request("GET", "/", "", many(4097-5)...), func(*Server) {}, "431", "scgi: too many variables"},
		{"4097, and no bound", request("GET", "/", "", many(4097-5)...), func(s *Server) { s.MaxVarCount = -1 }, `GET / ""`, ""},
		{"a body of exactly MaxBodyBytes", request("PUT", "/", "four"), func(s *Server) { s.MaxBodyBytes = 4 }, `PUT / "four"`, ""},
		{"one byte more: the handler does not run", request("PUT", "/", "fives"), func(s *Server) { s.MaxBodyBytes = 4 }, "413", "gateway: body of 5 bytes: http: request body too large"},
	} {
		t.Run(row.why, func(t *testing.T) {
			for _, network := range sockets {
				s := &Server{Handler: echo}
				row.set(s)
				g := open(t, network, s)
				got := g.answer(row.wire)
				if row.log == "" {
					require.Equal(t, okay(row.want), got)
					require.Empty(t, g.log.String())
					continue
				}
				require.True(t, strings.HasPrefix(got, "Status: "+row.want+" "), "%q", got)
				require.Equal(t, 1, strings.Count(g.log.String(), "\n"), "one line: %q", g.log.String())
				require.Contains(t, g.log.String(), row.log)
			}
		})
	}
}

func TestMaxTotalRequests(t *testing.T) {
	for _, network := range sockets {
		running, release := make(chan bool), make(chan bool)
		g := open(t, network, &Server{MaxTotalRequests: 1, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			running <- true
			<-release
			echo(w, r)
		})})
		first, second := g.peer(), g.peer()
		first.send(request("GET", "/first", ""))
		<-running
		second.send(request("GET", "/second", ""))
		require.True(t, strings.HasPrefix(second.rest(), "Status: 503 Service Unavailable\r\n"), "one more than there may be")
		require.Contains(t, g.log.String(), "scgi: too many requests under way on the server")
		release <- true
		require.Equal(t, okay(`GET /first ""`), first.rest())
		third := g.peer()
		third.send(request("GET", "/third", ""))
		<-running
		release <- true
		require.Equal(t, okay(`GET /third ""`), third.rest(), "there is room again")
	}
}

func TestDrainFields(t *testing.T) {
	unread := func(t *testing.T, s *Server) (*peer, time.Time) {
		s.Handler = http.NotFoundHandler()
		p := open(t, "memory", s).peer()
		p.send(strings.TrimSuffix(request("PUT", "/", "x"), "x"))
		require.Contains(t, p.rest(), "404")
		return p, time.Now()
	}
	synctest.Test(t, func(t *testing.T) {
		p, begin := unread(t, &Server{DrainTimeout: time.Minute})
		for err := error(nil); err == nil; time.Sleep(time.Second) {
			_, err = p.Write([]byte("x"))
		}
		require.InDelta(t, 60, time.Since(begin).Seconds(), 2, "another time")
	})
	synctest.Test(t, func(t *testing.T) {
		p, _ := unread(t, &Server{MaxDrainBytes: 1 << 20})
		sent, chunk := 0, make([]byte, 1<<10)
		for n, err := 0, error(nil); err == nil; sent += n {
			n, err = p.Write(chunk)
		}
		require.InDelta(t, 1<<20, sent, 2*memconn.Size, "another size")
	})
	synctest.Test(t, func(t *testing.T) {
		p, _ := unread(t, &Server{DrainTimeout: -1})
		synctest.Wait()
		_, err := p.Write([]byte("x"))
		require.Error(t, err, "closed at once")
	})
}

func TestLargeHeadIsLoggedOnce(t *testing.T) {
	g := open(t, "unix", &Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X", strings.Repeat("x", 5000))
		io.WriteString(w, "ok")
	})})
	for range 3 {
		require.Contains(t, g.answer(request("GET", "/big", "")), "\r\n\r\nok")
	}
	require.Equal(t, 1, strings.Count(g.log.String(), "\n"), "%q", g.log.String())
	require.Contains(t, g.log.String(), "scgi: response head larger")
	require.Contains(t, g.log.String(), "uri=/big")
}
