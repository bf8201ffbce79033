package scgi

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/postern-go/postern/gateway"
	"github.com/stretchr/testify/require"
)

func TestRequest(t *testing.T) {
	for _, network := range sockets {
		g := open(t, network, &Server{Handler: echo})
		for _, row := range []struct{ why, wire, want string }{
			{"a request without a body", request("GET", "/a?b=c", ""), `GET /a?b=c ""`},
			{"a body in the same segment", request("POST", "/", "hello"), `POST / "hello"`},
			{"any bytes in the body", request("POST", "/", "1:x,\x00\xff"), `POST / "1:x,\x00\xff"`},
			{"lighttpd sends SCGI last", wrap(block("CONTENT_LENGTH", "2", "REQUEST_METHOD", "PUT", "REQUEST_URI", "/", "SCGI", "1")) + "ab", `PUT / "ab"`},
			{"variables beyond one buffer, as nginx sends them", request("PUT", "/", "ab", "HTTP_X", strings.Repeat("x", 68<<10)), `PUT / "ab"`},
			{"leading zeros are digits", wrap(block("CONTENT_LENGTH", "002", "SCGI", "1", "REQUEST_METHOD", "PUT", "REQUEST_URI", "/")) + "ab", `PUT / "ab"`},
		} {
			require.Equal(t, okay(row.want), g.answer(row.wire), row.why)
		}
		require.Empty(t, g.log.String())
	}
}

func TestEverySplit(t *testing.T) {
	wire := request("POST", "/split", "the body")
	want := okay(`POST /split "the body"`)
	synctest.Test(t, func(t *testing.T) {
		g := open(t, "memory", &Server{Handler: echo})
		for i := range len(wire) {
			p := g.peer()
			p.send(wire[:i])
			synctest.Wait()
			p.send(wire[i:])
			p.want(fmt.Sprintf("split at byte %d", i), want)
			p.Close()
		}
		p := g.peer()
		for _, b := range []byte(wire) {
			p.send(string(b))
			synctest.Wait()
		}
		p.want("every byte alone", want)
		p.Close()
	})
	for _, network := range sockets {
		g := open(t, network, &Server{Handler: echo})
		p := g.peer()
		for _, b := range []byte(wire) {
			p.send(string(b))
		}
		p.want("every byte in a write of its own", want)
		p.Close()
	}
}

func TestVariables(t *testing.T) {
	show := func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/plain")
		fmt.Fprintf(w, "%s|%s", gateway.Mount(r), strings.Join(gateway.Vars(r).Environ(), "|"))
	}
	for _, row := range []struct {
		why, mount string
		pairs      []string
		want       string
	}{
		{"what nginx leaves out is derived", "", []string{"REQUEST_URI", "/a%20b?q"},
			"|REQUEST_URI=/a%20b?q|GATEWAY_INTERFACE=CGI/1.1|SCRIPT_NAME=|PATH_INFO=/a b"},
		{"from the mount point, too", "/app/", []string{"REQUEST_URI", "/app/x"},
			"/app|REQUEST_URI=/app/x|GATEWAY_INTERFACE=CGI/1.1|SCRIPT_NAME=/app|PATH_INFO=/x"},
		{"the mount point itself", "/app", []string{"REQUEST_URI", "/app?q"},
			"/app|REQUEST_URI=/app?q|GATEWAY_INTERFACE=CGI/1.1|SCRIPT_NAME=/app|PATH_INFO="},
		{"which has to end at a slash", "/app", []string{"REQUEST_URI", "/apple"},
			"|REQUEST_URI=/apple|GATEWAY_INTERFACE=CGI/1.1|SCRIPT_NAME=|PATH_INFO=/apple"},
		{"what was sent stays", "/app", []string{"REQUEST_URI", "/b/x", "SCRIPT_NAME", "/b", "PATH_INFO", "/x", "GATEWAY_INTERFACE", "CGI/1.2"},
			"/b|REQUEST_URI=/b/x|SCRIPT_NAME=/b|PATH_INFO=/x|GATEWAY_INTERFACE=CGI/1.2"},
		{"one of the two is enough to know", "", []string{"REQUEST_URI", "/x", "PATH_INFO", "/x"},
			"|REQUEST_URI=/x|PATH_INFO=/x|GATEWAY_INTERFACE=CGI/1.1"},
		{"empty is missing, and keeps its place", "", []string{"PATH_INFO", "", "REQUEST_URI", "/x"},
			"|PATH_INFO=/x|REQUEST_URI=/x|GATEWAY_INTERFACE=CGI/1.1|SCRIPT_NAME="},
		{"without a target there is nothing to derive from", "", []string{"SERVER_NAME", "x"},
			"|SERVER_NAME=x|GATEWAY_INTERFACE=CGI/1.1"},
		{"the target * is no path", "", []string{"REQUEST_URI", "*"},
			"|REQUEST_URI=*|GATEWAY_INTERFACE=CGI/1.1"},
		{"repeats are joined for reading", "", []string{"HTTP_X", "a", "PATH_INFO", "/", "HTTP_X", "b"},
			"|HTTP_X=a, b|PATH_INFO=/|GATEWAY_INTERFACE=CGI/1.1"},
	} {
		g := open(t, "unix", &Server{Handler: http.HandlerFunc(show), Mount: row.mount})
		pairs := append([]string{"CONTENT_LENGTH", "0", "SCGI", "1", "REQUEST_METHOD", "GET"}, row.pairs...)
		_, body, _ := strings.Cut(g.answer(wrap(block(pairs...))), "\r\n\r\n")
		require.Equal(t, row.want, strings.Replace(body, "CONTENT_LENGTH=0|SCGI=1|REQUEST_METHOD=GET|", "", 1), row.why)
	}
}

func TestRepeatedVariablesAreSeparateFields(t *testing.T) {
	g := open(t, "unix", &Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, r.Header)
	})})
	response := g.answer(request("GET", "/", "", "HTTP_X", "a", "HTTP_Y", "c", "HTTP_X", "b"))
	require.Contains(t, response, "\r\n\r\nmap[X:[a b] Y:[c]]", "nginx sent repeated fields so before 1.23")
}

func TestFlags(t *testing.T) {
	for _, multiprocess := range []bool{false, true} {
		var flags gateway.Flags
		g := open(t, "unix", &Server{Multiprocess: multiprocess, Handler: http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			flags = gateway.FlagsOf(r)
		})})
		require.Equal(t, "Status: 200 OK\r\nContent-Length: 0\r\n\r\n", g.answer(request("GET", "/", "")), "no field but those of the engine")
		require.Equal(t, gateway.Flags{Multithread: true, Multiprocess: multiprocess, Protocol: "scgi"}, flags)
	}
}

func TestStreaming(t *testing.T) {
	for _, network := range sockets {
		g := open(t, network, &Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.(http.Flusher).Flush()
			for line := make([]byte, 6); ; {
				if _, err := io.ReadFull(r.Body, line); err != nil {
					return
				}
				w.Write(line)
				w.(http.Flusher).Flush()
			}
		})})
		p := g.peer()
		p.send(wrap(block("CONTENT_LENGTH", "600", "SCGI", "1", "REQUEST_METHOD", "POST", "REQUEST_URI", "/")))
		p.want("the head, before any of the body has come", "Status: 200 OK\r\n\r\n")
		for i := range 100 {
			line := fmt.Sprintf("line%2d", i)
			p.send(line)
			p.want("an answer to each part of the body", line)
		}
		require.Empty(t, p.rest(), "the connection ends with the response")
	}
}

func TestLargeBodies(t *testing.T) {
	const size = 3 << 20
	for _, network := range sockets {
		g := open(t, network, &Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "application/octet-stream")
			io.Copy(w, r.Body)
		})})
		body := strings.Repeat("0123456789abcdef", size/16)
		p := g.peer()
		go io.WriteString(p, request("POST", "/", body))
		p.want("the head", "Status: 200 OK\r\nContent-Type: application/octet-stream\r\n\r\n")
		require.True(t, body == p.rest(), "a body of any size comes back while it is sent")
	}
}

func TestDefaultHandler(t *testing.T) {
	g := open(t, "unix", &Server{})
	require.Contains(t, g.answer(request("GET", "/nowhere", "")), "Status: 404 Not Found\r\n", "http.DefaultServeMux answers")
}

func TestListenAndServe(t *testing.T) {
	for _, row := range []struct{ why, addr, want string }{
		{"a default", "", "127.0.0.1:4000"},
		{"without a host it is not all interfaces", ":4001", "127.0.0.1:4001"},
		{"but it can be", "0.0.0.0:4001", "0.0.0.0:4001"},
		{"IPv6", "[::1]:4001", "[::1]:4001"},
	} {
		require.Equal(t, row.want, (&Server{Addr: row.addr}).addr(), row.why)
	}
	require.ErrorContains(t, (&Server{Addr: "127.0.0.1"}).ListenAndServe(), "missing port")
	s := &Server{Addr: "127.0.0.1:0"}
	require.NoError(t, s.Close())
	require.ErrorIs(t, s.ListenAndServe(), ErrServerClosed, "a closed server does not begin again")
}

func TestShutdownWaits(t *testing.T) {
	for _, network := range sockets {
		begun, release := make(chan struct{}), make(chan struct{})
		g := open(t, network, &Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			close(begun)
			<-release
			require.NoError(t, r.Context().Err(), "Shutdown ends no context")
			io.WriteString(w, "done")
		})})
		p := g.peer()
		p.send(request("GET", "/", ""))
		<-begun
		ended := make(chan error)
		go func() { ended <- g.Shutdown(t.Context()) }()
		for {
			c, err := g.dial()
			if err != nil {
				break
			}
			c.Close()
		}
		close(release)
		require.Contains(t, p.rest(), "done", "a request under way is answered")
		require.NoError(t, <-ended)
	}
}

func TestShutdownWaitsLong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := open(t, "memory", &Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			time.Sleep(time.Hour) // of the bubble's clock
			echo(w, r)
		})})
		p := g.peer()
		p.send(request("GET", "/", ""))
		synctest.Wait()
		ended := make(chan error, 1)
		go func() { ended <- g.Shutdown(t.Context()) }()
		p.want("as long as the handler takes", okay(`GET / ""`))
		require.NoError(t, <-ended)
	})
}

func TestShutdownWithoutRequests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := open(t, "memory", &Server{Handler: echo})
		quiet, late := g.peer(), g.peer()
		synctest.Wait()
		begin := time.Now()
		ended := make(chan error, 1)
		go func() { ended <- g.Shutdown(t.Context()) }()
		synctest.Wait()
		late.send(request("GET", "/", ""))
		late.want("a request that was on its way is answered", okay(`GET / ""`))
		late.Close()
		require.Empty(t, quiet.rest(), "a connection without a request is closed")
		require.NoError(t, <-ended)
		require.Less(t, time.Since(begin), 6*time.Second, "5 seconds after it came, and a look now and then")
	})
}

func TestWriteTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		failed := make(chan error, 1)
		g := open(t, "memory", &Server{WriteTimeout: time.Minute, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_, err := w.Write(make([]byte, 1<<20))
			failed <- err
		})})
		p := g.peer()
		p.send(request("GET", "/", ""))
		begin := time.Now()
		require.ErrorIs(t, <-failed, gateway.ErrPeerGone, "a web server that does not read is gone")
		require.Equal(t, time.Minute, time.Since(begin))
		require.Less(t, len(p.rest()), 1<<20)
	})
}

func TestWriteDeadlineOfTheHandler(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		failed := make(chan error, 1)
		g := open(t, "memory", &Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			http.NewResponseController(w).SetWriteDeadline(time.Now().Add(time.Second))
			_, err := w.Write(make([]byte, 1<<20))
			failed <- err
		})})
		p := g.peer()
		p.send(request("GET", "/", ""))
		require.ErrorIs(t, <-failed, gateway.ErrPeerGone)
		require.Less(t, len(p.rest()), 1<<20)
	})
}

func BenchmarkSmall(b *testing.B) {
	g := open(b, "unix", &Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain")
		io.WriteString(w, "Hello, World!")
	})})
	wire := request("GET", "/hello", "", "QUERY_STRING", "", "CONTENT_TYPE", "", "DOCUMENT_URI", "/hello", "DOCUMENT_ROOT", "/usr/share/nginx/html",
		"REQUEST_SCHEME", "http", "REMOTE_ADDR", "127.0.0.1", "REMOTE_PORT", "40000", "SERVER_PORT", "8080", "SERVER_NAME", "localhost",
		"HTTP_HOST", "localhost:8080", "HTTP_USER_AGENT", "bench/1.0", "HTTP_ACCEPT", "*/*", "HTTP_ACCEPT_ENCODING", "gzip, deflate", "HTTP_COOKIE", "a=b; c=d")
	buf := make([]byte, 4096)
	b.ReportAllocs()
	for b.Loop() {
		c, err := g.dial()
		require.NoError(b, err)
		io.WriteString(c, wire)
		for err == nil {
			_, err = c.Read(buf)
		}
		c.Close()
	}
}
