package origin

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"testing"

	"github.com/postern-go/postern/gateway"
	"github.com/stretchr/testify/require"
)

// waiting is a handler that waits for the end of its context.
type waiting struct {
	begun chan struct{}
	cause chan error
	write chan error
}

func newWaiting() *waiting {
	return &waiting{make(chan struct{}), make(chan error, 1), make(chan error, 1)}
}

func (h *waiting) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	close(h.begun)
	<-r.Context().Done()
	h.cause <- context.Cause(r.Context())
	_, err := io.WriteString(w, "nobody reads this")
	h.write <- err
}

func TestDepartureEndsTheContext(t *testing.T) {
	for _, row := range []struct{ why, wire string }{
		{"a request without a body", get()},
		{"a body that nobody reads", post("Content-Length: 5") + "hello"},
		{"a body that is not there yet", post("Content-Length: 5")},
		{"chunks", post("Transfer-Encoding: chunked") + "5\r\nhe"},
		{"another request behind it", get() + get()},
	} {
		for _, network := range networks {
			h := newWaiting()
			g := open(t, network, &Server{Handler: h})
			p := g.peer()
			p.send(row.wire)
			<-h.begun
			p.Close()
			require.Error(t, <-h.cause, row.why)
			require.ErrorIs(t, <-h.write, gateway.ErrPeerGone, row.why)
			require.Empty(t, g.log.String(), "that clients leave is not worth a line")
		}
	}
}

func TestDepartureIsSeenByThoseWhoOnlyAsk(t *testing.T) {
	for _, network := range networks {
		begun, ended := make(chan struct{}), make(chan struct{})
		g := open(t, network, &Server{Handler: http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			close(begun)
			for r.Context().Err() == nil {
				runtime.Gosched()
			}
			close(ended)
		})})
		p := g.peer()
		p.send(get())
		<-begun
		p.Close()
		<-ended
	}
}

func TestHalfClosedUnixClientIsAnswered(t *testing.T) {
	begun, proceed := make(chan struct{}), make(chan struct{})
	g := open(t, "unix", &Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Context().Done() // begins to watch
		close(begun)
		<-proceed
		echo.ServeHTTP(w, r)
	})})
	p := g.peer()
	p.send(get())
	p.halfClose()
	<-begun
	close(proceed)
	p.want("it still reads", response("200 OK", `GET / ""`))
	p.wantEnd("there will be no other request")
}

func TestDepartureFailsTheBody(t *testing.T) {
	for _, network := range networks {
		failed := make(chan error, 1)
		g := open(t, network, &Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_, err := io.ReadAll(r.Body)
			failed <- err
		})})
		p := g.peer()
		p.send(post("Content-Length: 5") + "he")
		p.Close()
		require.ErrorIs(t, <-failed, io.ErrUnexpectedEOF, network)
	}
}

func TestReadersLeftBehindTakeNothing(t *testing.T) {
	for _, network := range networks {
		for _, row := range []struct{ why, head, body string }{
			{"a body of declared length", post("Content-Length: 10"), "helloworld"},
			{"chunks", post("Transfer-Encoding: chunked"), "5\r\nhello\r\n5\r\nworld\r\n0\r\n\r\n"},
		} {
			left := make(chan error, 1)
			g := open(t, network, &Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				w.Header()["Content-Type"] = nil
				if r.Method == http.MethodGet {
					return
				}
				first := make(chan struct{})
				go func() {
					r.Body.Read(make([]byte, 1))
					close(first)
					_, err := io.ReadAll(r.Body)
					left <- err
				}()
				<-first
				io.WriteString(w, "done")
			})})
			p := g.peer()
			for range 20 {
				p.send(row.head + row.body[:len(row.body)/2])
				p.want(row.why, response("200 OK", "done"))
				p.send(row.body[len(row.body)/2:] + get())
				p.want("the next request is whole", response("200 OK", ""))
				require.ErrorIs(t, <-left, http.ErrBodyReadAfterClose, row.why)
			}
		}
	}
}

func TestCloseEndsTheContext(t *testing.T) {
	for _, network := range networks {
		h := newWaiting()
		g := open(t, network, &Server{Handler: h})
		p := g.peer()
		p.send(get())
		<-h.begun
		require.NoError(t, g.Close())
		require.Error(t, <-h.cause, network)
		require.ErrorIs(t, <-h.write, gateway.ErrPeerGone, network)
	}
}

func TestContextOfTheServer(t *testing.T) {
	type key string
	base, cancel := context.WithCancelCause(context.WithValue(t.Context(), key("base"), "1"))
	h := newWaiting()
	var values []any
	g := open(t, "tcp", &Server{
		BaseContext: func(net.Listener) context.Context { return base },
		ConnContext: func(ctx context.Context, c net.Conn) context.Context {
			return context.WithValue(ctx, key("conn"), c.RemoteAddr().String())
		},
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			ctx := r.Context()
			values = []any{ctx.Value(key("base")), ctx.Value(key("conn")), ctx.Value(http.LocalAddrContextKey).(net.Addr).String(), r.RemoteAddr}
			h.ServeHTTP(w, r)
		}),
	})
	p := g.peer()
	p.send(get())
	<-h.begun
	local, remote := p.LocalAddr().String(), p.RemoteAddr().String()
	require.Equal(t, []any{"1", local, remote, local}, values)
	why := errors.New("enough")
	cancel(why)
	require.ErrorIs(t, <-h.cause, why)
	<-h.write
}

func TestBrokenResponses(t *testing.T) {
	for _, row := range []struct {
		why, path, http11, http10 string
		log                       string
	}{
		{"a panic before the head", "/early",
			"HTTP/1.1 500 Internal Server Error\r\nContent-Type: text/plain\r\nContent-Length: 59\r\n" + today +
				"Connection: close\r\n\r\nA server error occurred.  Please contact the administrator.",
			"HTTP/1.0 500 Internal Server Error\r\nContent-Type: text/plain\r\nContent-Length: 59\r\n" + today +
				"\r\nA server error occurred.  Please contact the administrator.", "level=ERROR msg=\"origin: panic\" method=GET uri=/early value=early\n"},
		{"a panic after it", "/late", "HTTP/1.1 200 OK\r\n" + today + "Transfer-Encoding: chunked\r\n\r\n4\r\npart\r\n", "reset",
			"level=ERROR msg=\"origin: panic\" method=GET uri=/late value=late\n"},
		{"giving up before the head", "/abort", "", "reset", ""},
		{"giving up after it", "/abortlate", "HTTP/1.1 200 OK\r\n" + today + "Transfer-Encoding: chunked\r\n\r\n4\r\npart\r\n", "reset", ""},
		{"a handler that ends its goroutine", "/goexit", "HTTP/1.1 200 OK\r\n" + today + "Transfer-Encoding: chunked\r\n\r\n4\r\npart\r\n", "reset",
			"level=ERROR msg=\"origin: panic\" method=GET uri=/goexit value=\"runtime.Goexit called by the handler\"\n"},
		{"less than announced", "/short", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n" + today + "\r\npart", "reset",
			`level=WARN msg="gateway: handler declared Content-Length 10 and wrote 4 bytes" method=GET uri=/short` + "\n"},
	} {
		h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			switch r.URL.Path {
			case "/early":
				panic("early")
			case "/abort":
				panic(http.ErrAbortHandler)
			case "/short":
				w.Header().Set("Content-Length", "10")
			}
			w.Header()["Content-Type"] = nil
			io.WriteString(w, "part")
			w.(http.Flusher).Flush()
			switch r.URL.Path {
			case "/late":
				panic("late")
			case "/abortlate":
				panic(http.ErrAbortHandler)
			case "/goexit":
				runtime.Goexit()
			}
		})
		for _, network := range networks {
			t.Run(row.why+"/"+network, func(t *testing.T) {
				g := open(t, network, &Server{Handler: h})
				require.Equal(t, row.http11, g.answer("GET "+row.path+" HTTP/1.1\r\nHost: h\r\n\r\n"), "the last chunk, or a part of the length, is missing")
				require.Equal(t, row.log, g.log.String())

				p := g.peer()
				p.send("GET " + row.path + " HTTP/1.0\r\n\r\n")
				wire, clean := p.rest()
				if row.http10 != "reset" {
					require.Equal(t, row.http10, wire)
				}
				require.Equal(t, row.http10 != "reset" || network == "unix", clean, "a reset tells where nothing else does")
			})
		}
	}
}

func TestHijack(t *testing.T) {
	for _, network := range networks {
		took := make(chan error, 1)
		g := open(t, network, &Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			nc, rw, err := w.(http.Hijacker).Hijack()
			if err != nil {
				took <- err
				return
			}
			go func() {
				defer nc.Close()
				buffered := rw.Reader.Buffered()
				line, err := rw.ReadString('\n')
				took <- err
				rw.WriteString("you said " + line)
				rw.Flush()
				more, _ := bufio.NewReader(rw).ReadString('\n')
				io.WriteString(nc, strings.Repeat("+", buffered)+more)
			}()
		})})
		p := g.peer()
		p.send(get() + "early\n")
		require.NoError(t, <-took)
		p.want("what was there already is not lost", "you said early\n")
		require.NoError(t, g.Shutdown(t.Context()), "the server has forgotten the connection")
		p.send("late\n")
		p.want("nor what comes later", "++++++late\n")
		p.wantEnd("the handler closed it")
	}
}

func TestHijackWithTheBodyUnderWay(t *testing.T) {
	g := open(t, "tcp", &Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Context().Done() // begins to watch
		io.WriteString(w, "first ")
		w.(http.Flusher).Flush()
		nc, rw, err := w.(http.Hijacker).Hijack()
		require.NoError(t, err)
		defer nc.Close()
		_, err = r.Body.Read(make([]byte, 1))
		require.Error(t, err, "the body is the taker's now")
		body := make([]byte, 5)
		io.ReadFull(rw, body)
		rw.Write(body)
		rw.Flush()
		_, err = io.WriteString(w, "x")
		require.ErrorIs(t, err, http.ErrHijacked)
	})})
	p := g.peer()
	p.send(post("Content-Length: 5"))
	p.want("the head and what was written", "HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\n"+today+"Transfer-Encoding: chunked\r\n\r\n6\r\nfirst \r\n")
	p.send("hello")
	p.want("the raw connection", "hello")
	p.wantEnd("the handler closed it")
}

func TestShutdownWaitsForRequests(t *testing.T) {
	for _, network := range networks {
		begun, proceed := make(chan struct{}), make(chan struct{})
		g := open(t, network, &Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/slow" {
				close(begun)
				<-proceed
			}
			w.Header()["Content-Type"] = nil
			io.WriteString(w, "done")
		})})
		idle := g.peer()
		idle.send(get())
		idle.want("an idle connection", response("200 OK", "done"))
		busy := g.peer()
		busy.send("GET /slow HTTP/1.1\r\nHost: h\r\n\r\n")
		<-begun
		over, cancel := context.WithCancel(t.Context())
		cancel()
		require.ErrorIs(t, g.Shutdown(over), context.Canceled, "there is a request under way")
		idle.wantEnd("idle connections are closed")
		_, err := g.dial()
		require.Error(t, err, "nobody listens")
		done := make(chan error, 1)
		go func() { done <- g.Shutdown(t.Context()) }()
		close(proceed)
		busy.want("requests are answered", response("200 OK", "done"))
		busy.wantEnd("no others are")
		require.NoError(t, <-done)
		require.ErrorIs(t, g.Serve(g.listen("memory")), ErrServerClosed, "a closed server stays closed")
		require.ErrorIs(t, g.ListenAndServe(), ErrServerClosed)
	}
}
