package origin

import (
	"crypto/tls"
	"io"
	"log/slog"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/postern-go/postern/internal/memconn"
	"github.com/stretchr/testify/require"
)

// inMemory runs a test with a clock of its own.
func inMemory(t *testing.T, s *Server, test func(t *testing.T, g *gate, p *peer)) {
	synctest.Test(t, func(t *testing.T) {
		g := open(t, "memory", s)
		test(t, g, g.peer())
	})
}

// elapsed returns how long f took.
func elapsed(f func()) time.Duration {
	start := time.Now()
	f()
	return time.Since(start)
}

func TestTimeoutsOfHeads(t *testing.T) {
	late := refused("408 Request Timeout")
	for _, row := range []struct {
		why, wire, answer string
		server            *Server
		after             time.Duration
	}{
		{"a connection on which nothing comes", "", "", &Server{}, 10 * time.Second},
		{"a head that stops", "GET / HTTP/1.1\r\n", late, &Server{}, 10 * time.Second},
		{"a head that stops before its first line ends", "GE", late, &Server{}, 10 * time.Second},
		{"an empty line that stops", "\r", late, &Server{}, 10 * time.Second},
		{"another time for it", "GET / HTTP/1.1\r\n", late, &Server{ReadHeaderTimeout: time.Hour}, time.Hour},
		{"a connection without another request", get(), response("200 OK", `GET / ""`), &Server{}, 75 * time.Second},
		{"another time for that", get(), response("200 OK", `GET / ""`), &Server{IdleTimeout: time.Hour}, time.Hour},
		{"a second head that stops", get() + "G", response("200 OK", `GET / ""`) + late, &Server{}, 10 * time.Second},
		{"idle time without bound does not matter then", get() + "G", response("200 OK", `GET / ""`) + late, &Server{IdleTimeout: -1}, 10 * time.Second},
	} {
		t.Run(row.why, func(t *testing.T) {
			row.server.Handler = echo
			inMemory(t, row.server, func(t *testing.T, _ *gate, p *peer) {
				p.send(row.wire)
				require.Equal(t, row.after, elapsed(func() {
					p.want(row.why, row.answer)
					p.wantEnd(row.why)
				}))
			})
		})
	}
}

func TestSlowClientsWithinTheirTime(t *testing.T) {
	inMemory(t, &Server{Handler: echo}, func(t *testing.T, _ *gate, p *peer) {
		for range 3 {
			p.send("POST / HTTP/1.1\r\n")
			time.Sleep(9 * time.Second)
			p.send("Host: h\r\nContent-Length: 3\r\n\r\n")
			for range 3 {
				time.Sleep(59 * time.Second)
				p.send("x")
			}
			p.want("each wait is in time", response("200 OK", `POST / "xxx"`))
			time.Sleep(74 * time.Second)
		}
	})
}

func TestNoTimeouts(t *testing.T) {
	s := &Server{Handler: echo, ReadHeaderTimeout: -1, ReadTimeout: -1, WriteTimeout: -1, IdleTimeout: -1}
	inMemory(t, s, func(t *testing.T, _ *gate, p *peer) {
		const long = 1000 * time.Hour
		for range 2 {
			time.Sleep(long)
			p.send("POST / HTTP/1.1\r\nHost: h\r\n")
			time.Sleep(long)
			p.send("Content-Length: 1\r\n\r\n")
			time.Sleep(long)
			p.send("x")
			time.Sleep(long)
			p.want("there is all the time in the world", response("200 OK", `POST / "x"`))
		}
	})
}

func TestTimeoutOfBodies(t *testing.T) {
	for _, row := range []struct {
		why, wire string
		server    *Server
		after     time.Duration
	}{
		{"a body of declared length", post("Content-Length: 5") + "he", &Server{}, time.Minute},
		{"a chunk", post("Transfer-Encoding: chunked") + "5\r\nhe", &Server{}, time.Minute},
		{"another time for it", post("Content-Length: 5") + "he", &Server{ReadTimeout: time.Hour}, time.Hour},
	} {
		t.Run(row.why, func(t *testing.T) {
			row.server.Handler = echo
			inMemory(t, row.server, func(t *testing.T, _ *gate, p *peer) {
				p.send(row.wire)
				require.Equal(t, row.after, elapsed(func() { p.want("the handler has an error", response("200 OK", `POST / "he" i/o timeout`)) }))
				require.Equal(t, drainTime, elapsed(func() { p.wantEnd("the next request is out of reach") }))
			})
		})
	}
}

func TestTimeoutOfUnreadBodies(t *testing.T) {
	inMemory(t, &Server{Handler: site()}, func(t *testing.T, _ *gate, p *peer) {
		p.send("POST /unread HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhe")
		require.Zero(t, elapsed(func() { p.want("the answer does not wait", response("200 OK", "unread")) }))
		require.Equal(t, drainTime, elapsed(func() { p.wantEnd("the rest has only so much time") }))
	})
}

func TestTimeoutOfWrites(t *testing.T) {
	var failed chan error // made where the clock is
	flood := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, err := w.Write(make([]byte, 1<<20))
		failed <- err
	})
	inMemory(t, &Server{Handler: flood}, func(t *testing.T, _ *gate, p *peer) {
		failed = make(chan error, 1)
		p.send(get())
		require.Equal(t, time.Minute, elapsed(func() { require.ErrorContains(t, <-failed, "timeout") }))
	})
	inMemory(t, &Server{Handler: flood}, func(t *testing.T, _ *gate, p *peer) {
		failed = make(chan error, 1)
		p.send(get())
		for range 3 {
			time.Sleep(59 * time.Second)
			io.ReadFull(p, make([]byte, writePiece+1024)) // the head is in front
		}
		go io.Copy(io.Discard, p)
		require.NoError(t, <-failed, "each piece has a time of its own")
	})
}

func TestHandlersSetDeadlines(t *testing.T) {
	type result struct{ read, write error }
	for _, row := range []struct {
		why   string
		set   func(c *http.ResponseController)
		read  time.Duration
		write time.Duration
	}{
		{"none", func(*http.ResponseController) {}, time.Minute, time.Minute},
		{"shorter ones", func(c *http.ResponseController) {
			c.SetReadDeadline(time.Now().Add(time.Second))
			c.SetWriteDeadline(time.Now().Add(3 * time.Second))
		}, time.Second, 2 * time.Second},
		{"longer ones", func(c *http.ResponseController) {
			c.SetReadDeadline(time.Now().Add(time.Hour))
			c.SetWriteDeadline(time.Now().Add(3 * time.Hour))
		}, time.Hour, 2 * time.Hour},
	} {
		t.Run(row.why, func(t *testing.T) {
			var done chan result // made where the clock is
			inMemory(t, &Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				var got result
				row.set(http.NewResponseController(w))
				require.Equal(t, row.read, elapsed(func() { _, got.read = r.Body.Read(make([]byte, 1)) }))
				require.Equal(t, row.write, elapsed(func() { _, got.write = w.Write(make([]byte, 64<<10)) }))
				done <- got
			})}, func(t *testing.T, _ *gate, p *peer) {
				done = make(chan result, 1)
				p.send(post("Content-Length: 5"))
				got := <-done
				require.True(t, isTimeout(got.read), "%v", got.read)
				require.ErrorContains(t, got.write, "timeout")
			})
		})
	}
}

func TestDeadlinesEndWithTheRequest(t *testing.T) {
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c := http.NewResponseController(w)
		if r.URL.Path == "/set" {
			c.SetReadDeadline(time.Now().Add(time.Second))
			c.SetWriteDeadline(time.Now().Add(time.Second))
		}
		echo.ServeHTTP(w, r)
	})
	inMemory(t, &Server{Handler: handler}, func(t *testing.T, _ *gate, p *peer) {
		for range 2 {
			p.send("GET /set HTTP/1.1\r\nHost: h\r\n\r\n")
			p.want("the deadlines are far away", response("200 OK", `GET /set ""`))
			time.Sleep(30 * time.Second)
			p.send("POST /other HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\n")
			time.Sleep(30 * time.Second)
			p.send("x")
			time.Sleep(30 * time.Second)
			p.want("another request has none of them", response("200 OK", `POST /other "x"`))
		}
	})
}

func TestReadDeadlineCanBeMoved(t *testing.T) {
	inMemory(t, &Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c := http.NewResponseController(w)
		c.SetReadDeadline(time.Now().Add(time.Second))
		time.Sleep(time.Minute)
		c.SetReadDeadline(time.Time{})
		time.Sleep(time.Minute)
		echo.ServeHTTP(w, r)
	})}, func(t *testing.T, _ *gate, p *peer) {
		p.send(post("Content-Length: 5"))
		time.Sleep(3 * time.Minute)
		p.send("hello")
		p.want("it passed while nobody read", response("200 OK", `POST / "hello"`))
	})
}

func TestTimeoutOfHandshakes(t *testing.T) {
	config, _ := certificate()
	synctest.Test(t, func(t *testing.T) {
		l := memconn.Listen()
		s := &Server{ErrorLog: slog.New(slog.DiscardHandler)}
		done := make(chan error, 1)
		go func() { done <- s.Serve(tls.NewListener(l, config)) }()
		c, err := l.Dial()
		require.NoError(t, err)
		require.Equal(t, 10*time.Second, elapsed(func() { c.Read(make([]byte, 1)) }), "ReadHeaderTimeout")
		require.NoError(t, c.Close())
		require.NoError(t, s.Close())
		require.ErrorIs(t, <-done, ErrServerClosed)
	})
}
