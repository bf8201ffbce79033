package scgi

import (
	"io"
	"net/http"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/postern-go/postern/gateway"
	"github.com/postern-go/postern/internal/memconn"
	"github.com/stretchr/testify/require"
)

func TestBodyShorterThanItsLength(t *testing.T) {
	g := open(t, "unix", &Server{Handler: echo})
	p := g.peer()
	p.send(strings.TrimSuffix(request("POST", "/", "0123456789"), "56789"))
	p.halfClose()
	require.Equal(t, okay(`POST / "01234" unexpected EOF`), p.rest(), "the handler is told, and can answer where the client still reads")

	for _, network := range sockets {
		readErr := make(chan error, 1)
		g := open(t, network, &Server{Handler: http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			_, err := io.ReadAll(r.Body)
			readErr <- err
		})})
		p := g.peer()
		p.send(strings.TrimSuffix(request("POST", "/", "0123456789"), "56789"))
		p.Close()
		require.Error(t, <-readErr, "a body cut short is not taken for a whole one")
	}
}

func TestMoreThanTheBody(t *testing.T) {
	for _, network := range sockets {
		for _, method := range []string{"POST", "GET"} {
			g := open(t, network, &Server{Handler: echo})
			p := g.peer()
			p.send(request(method, "/", "body") + strings.Repeat("more", 64<<10))
			require.Equal(t, okay(method+` / "body"`), p.rest(), "what follows the body is not part of it, and does not destroy the response")
		}
	}
}

func TestTheWebServerIsHeardOut(t *testing.T) {
	for _, row := range []struct {
		why, wire string
		heard     bool
	}{
		{"a request with a body may go on", request("POST", "/", "x"), true},
		{"whatever its method", request("GET", "/", "x"), true},
		{"a POST without a length may have a body all the same", request("POST", "/", ""), true},
		{"what comes after the request may go on", request("GET", "/", "") + "more", true},
		{"a GET is over", request("GET", "/", ""), false},
		{"a HEAD is over", request("HEAD", "/", ""), false},
		{"what is no request may go on", "GET / HTTP/1.1\r\n", true},
	} {
		synctest.Test(t, func(t *testing.T) {
			g := open(t, "memory", &Server{Handler: echo})
			p := g.peer()
			p.send(row.wire)
			p.rest()
			synctest.Wait()
			_, err := p.Write([]byte("more"))
			if row.heard {
				require.NoError(t, err, row.why)
			} else {
				require.Error(t, err, row.why)
			}
			p.Close()
		})
	}
}

func TestStdin(t *testing.T) {
	for _, row := range []struct {
		why, sent string
		want      error
	}{
		{"it ends after CONTENT_LENGTH bytes", "01234more", nil},
		{"the end of the connection is not that of the body", "012", io.ErrUnexpectedEOF},
	} {
		var got []byte
		var err error
		g := open(t, "unix", &Server{Handler: http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			got, err = io.ReadAll(gateway.ExchangeOf(r).Stdin())
		})})
		p := g.peer()
		p.send(strings.TrimSuffix(request("POST", "/", "01234"), "01234") + row.sent)
		p.halfClose()
		p.rest()
		require.Equal(t, row.want, err, row.why)
		require.Equal(t, strings.TrimSuffix(row.sent, "more"), string(got), row.why)
	}
}

func TestEarlyAnswer(t *testing.T) {
	for _, network := range sockets {
		g := open(t, network, &Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusRequestEntityTooLarge)
		})})
		p := g.peer()
		p.send(request("PUT", "/", strings.Repeat("x", 8<<20)))
		require.Equal(t, "Status: 413 Request Entity Too Large\r\nContent-Length: 0\r\n\r\n", p.rest(), "an upload that nobody reads still gets its answer")
	}
}

func TestAnswerBeforeTheBodyIsRead(t *testing.T) {
	const size = 8 << 20
	body := strings.Repeat("0123456789abcdef", size/16)
	for _, row := range []struct {
		why   string
		spool int64
		reads bool
	}{
		{"a handler that never reads", 0, false},
		{"one that reads afterwards", 0, true},
	} {
		for _, network := range append(sockets, "memory") {
			same := make(chan bool, 1)
			g := open(t, network, &Server{MaxSpool: row.spool, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				io.WriteString(w, body)
				if row.reads {
					got, err := io.ReadAll(r.Body)
					same <- err == nil && string(got) == body
				}
			})})
			p := g.peer()
			p.send(request("POST", "/", body)) // all of it, and only then the response is read
			response := p.rest()
			require.True(t, strings.HasSuffix(response, body), "%s: %d bytes", row.why, len(response))
			if row.reads {
				require.True(t, <-same, row.why)
			}
			p.Close()
		}
	}
}

func TestDrainIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := open(t, "memory", &Server{Handler: http.NotFoundHandler()})
		p := g.peer()
		begin := time.Now()
		p.send(strings.TrimSuffix(request("PUT", "/", "x"), "x"))
		require.Contains(t, p.rest(), "404", "the end of the response does not wait")
		require.Zero(t, time.Since(begin))
		_, err := p.Read(make([]byte, 1))
		require.Equal(t, io.EOF, err)
		for err = nil; err == nil; time.Sleep(time.Second) { // of the bubble's clock
			_, err = p.Write([]byte("x"))
		}
		require.GreaterOrEqual(t, time.Since(begin), defaultDrainTimeout)
		require.LessOrEqual(t, time.Since(begin), defaultDrainTimeout+2*time.Second, "a peer that goes on sending is left")
	})
	synctest.Test(t, func(t *testing.T) {
		g := open(t, "memory", &Server{Handler: http.NotFoundHandler()})
		p := g.peer()
		p.send(request("PUT", "/", "x"))
		p.rest()
		sent, chunk := 0, make([]byte, 1<<20)
		for n, err := 0, error(nil); err == nil; sent += n {
			n, err = p.Write(chunk)
		}
		require.GreaterOrEqual(t, sent, defaultMaxDrainBytes)
		require.LessOrEqual(t, sent, defaultMaxDrainBytes+memconn.Size, "and so is one that sends a lot")
	})
}

// Apache sends all of a request before it looks for the response.
func TestTheAnnouncedBodyIsHeardOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := open(t, "memory", &Server{Handler: http.NotFoundHandler(), MaxDrainBytes: 1})
		const size = 1 << 20
		wire := request("PUT", "/", strings.Repeat("x", size))
		p := g.peer()
		for piece := 32 << 10; wire != ""; wire = wire[piece:] {
			piece = min(piece, len(wire))
			p.send(wire[:piece])
			time.Sleep(defaultDrainTimeout - time.Second) // of the bubble's clock
		}
		p.want("however long it takes", "Status: 404 Not Found\r\n")
		p.rest()
		p.Close()
	})
	synctest.Test(t, func(t *testing.T) {
		g := open(t, "memory", &Server{Handler: http.NotFoundHandler()})
		p := g.peer()
		begin := time.Now()
		p.send(strings.TrimSuffix(request("PUT", "/", strings.Repeat("x", 1<<20)), "x"))
		p.rest()
		for err := error(nil); err == nil; time.Sleep(time.Second) {
			_, err = p.Write(nil)
		}
		require.GreaterOrEqual(t, time.Since(begin), defaultDrainTimeout)
		require.LessOrEqual(t, time.Since(begin), defaultDrainTimeout+2*time.Second, "one that stops sending is left")
	})
}

func TestBrokenOff(t *testing.T) {
	head := "Status: 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
	for _, row := range []struct {
		why string
		end func()
		log string
	}{
		{"a panic after the head", func() { panic("probe") }, "level=ERROR msg=\"scgi: panic\" method=GET uri=/late value=probe stack="},
		{"http.ErrAbortHandler says it on purpose", func() { panic(http.ErrAbortHandler) }, ""},
		{"the handler ends its goroutine", runtime.Goexit, "level=ERROR msg=\"scgi: panic\" method=GET uri=/late value=\"runtime.Goexit called by the handler\" stack="},
	} {
		for _, network := range sockets {
			read := make(chan struct{})
			g := open(t, network, &Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				io.WriteString(w, "partial")
				w.(http.Flusher).Flush()
				<-read
				io.WriteString(w, "not flushed, never sent")
				row.end()
			})})
			p := g.peer()
			p.send(request("GET", "/late", ""))
			p.want(row.why, head+"partial")
			close(read)
			rest, err := io.ReadAll(p)
			require.Empty(t, string(rest), row.why)
			if network == "tcp" {
				require.ErrorIs(t, err, syscall.ECONNRESET, "on TCP the client can tell: "+row.why)
			} else {
				require.NoError(t, err, "a unix socket has no reset: "+row.why)
			}
			require.Contains(t, g.log.String(), row.log, row.why)
			require.Equal(t, row.log == "", g.log.String() == "", row.why)
		}
	}
}

func TestPanicBeforeTheHead(t *testing.T) {
	g := open(t, "unix", &Server{Handler: http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("probe") })})
	response := g.answer(request("GET", "/boom", ""))
	require.Contains(t, response, "Status: 500 Internal Server Error\r\n")
	require.NotContains(t, response, "probe", "what went wrong is nothing for the client")
	require.Contains(t, g.log.String(), "level=ERROR msg=\"scgi: panic\" method=GET uri=/boom value=probe stack=")
	require.Contains(t, g.log.String(), "ending_test.go", "the stack names the place")
	require.Equal(t, 1, strings.Count(g.log.String(), "\n"), "one record for one panic")
}

func TestShortResponse(t *testing.T) {
	g := open(t, "tcp", &Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "100")
		io.WriteString(w, "ten bytes.")
	})})
	p := g.peer()
	p.send(request("GET", "/cl", ""))
	rest, err := io.ReadAll(p)
	require.Empty(t, string(rest), "nothing had to be sent yet")
	require.ErrorIs(t, err, syscall.ECONNRESET)
	require.Contains(t, g.log.String(), `declared Content-Length 100 and wrote 10 bytes" method=GET uri=/cl`)
}
