package origin

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"syscall"
	"testing"

	"github.com/postern-go/postern/gateway"
	"github.com/stretchr/testify/require"
)

func TestAddr(t *testing.T) {
	for _, row := range []struct{ why, addr, want string }{
		{"nothing said", "", "127.0.0.1:8080"},
		{"a port alone is no reason to bind every interface", ":9000", "127.0.0.1:9000"},
		{"every interface", "0.0.0.0:9000", "0.0.0.0:9000"},
		{"a name", "localhost:80", "localhost:80"},
		{"an IPv6 address", "[::1]:80", "[::1]:80"},
	} {
		require.Equal(t, row.want, (&Server{Addr: row.addr}).addr(), row.why)
	}
}

func TestListenAndServeSaysWhatIsWrong(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	require.ErrorIs(t, (&Server{Addr: l.Addr().String()}).ListenAndServe(), syscall.EADDRINUSE)
}

func TestVariables(t *testing.T) {
	g := open(t, "tcp", &Server{Mount: "/app/", ServerSoftware: "postern", Multiprocess: true, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header()["Content-Type"] = nil
		v := gateway.Vars(r)
		for _, name := range []string{"SCRIPT_NAME", "PATH_INFO", "QUERY_STRING", "SERVER_PORT", "SERVER_SOFTWARE", "HTTP_HOST", "REMOTE_PORT"} {
			fmt.Fprintf(w, "%s=%s\n", name, v.Get(name))
		}
		fmt.Fprintf(w, "%s %s %+v", gateway.Mount(r), r.URL.Path, gateway.FlagsOf(r))
	})})
	for _, row := range []struct{ why, path, script, info, mount string }{
		{"below the mount point", "/app/a", "/app", "/a", "/app"},
		{"the mount point itself", "/app", "/app", "", "/app"},
		{"its directory", "/app/", "/app", "/", "/app"},
		{"beside it", "/apple", "", "/apple", ""},
	} {
		p := g.peer()
		_, server, _ := net.SplitHostPort(p.RemoteAddr().String())
		_, client, _ := net.SplitHostPort(p.LocalAddr().String())
		p.send("GET " + row.path + "?q HTTP/1.1\r\nHost: h\r\n\r\n")
		p.want(row.why, response("200 OK", "SCRIPT_NAME="+row.script+"\nPATH_INFO="+row.info+"\nQUERY_STRING=q\nSERVER_PORT="+server+
			"\nSERVER_SOFTWARE=postern\nHTTP_HOST=h\nREMOTE_PORT="+client+"\n"+
			row.mount+" "+row.path+" {Multithread:true Multiprocess:true RunOnce:false Protocol:http Role:}", "Server: postern"))
	}
}

func TestErrorStream(t *testing.T) {
	grumble := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(gateway.Stderr(r), "one\ntwo")
		if r.Method == http.MethodPost {
			panic("probe")
		}
		echo.ServeHTTP(w, r)
	})
	g := open(t, "unix", &Server{Handler: grumble})
	g.answer(get("Connection: close"))
	require.Equal(t, "level=ERROR msg=\"origin: stderr\" line=one method=GET uri=/\nlevel=ERROR msg=\"origin: stderr\" line=two method=GET uri=/\n", g.log.String(), "the log without a stream")

	var stream bytes.Buffer
	g = open(t, "unix", &Server{Handler: grumble, Stderr: &stream})
	g.answer(get("Connection: close"))
	require.Equal(t, "one\ntwo", stream.String(), "the stream")
	require.Empty(t, g.log.String())
	stream.Reset()
	g.answer(post())
	require.Contains(t, stream.String(), "one\ntwopanic serving POST /: probe\n")
	require.Contains(t, stream.String(), "origin.TestErrorStream", "the trace")
	require.Contains(t, g.log.String(), "level=ERROR msg=\"gateway: panic\" method=POST uri=/ value=probe")
}

func TestGeneralOptions(t *testing.T) {
	g := open(t, "unix", &Server{Handler: echo, DisableGeneralOptionsHandler: true})
	require.Equal(t, response("200 OK", `OPTIONS * ""`, "Connection: close"), g.answer("OPTIONS * HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"))
}

func TestDefaultServeMux(t *testing.T) {
	mux := http.DefaultServeMux
	http.DefaultServeMux = http.NewServeMux()
	t.Cleanup(func() { http.DefaultServeMux = mux })
	http.HandleFunc("/origin-test", echo)
	g := open(t, "unix", &Server{})
	require.Equal(t, response("200 OK", `GET /origin-test ""`, "Connection: close"), g.answer("GET /origin-test HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"))
}

func TestConnectionsBeyondTheLimitWait(t *testing.T) {
	g := open(t, "tcp", &Server{Handler: echo, MaxConns: 1})
	first, second := g.peer(), g.peer()
	first.send(get())
	first.want("the first is served", response("200 OK", `GET / ""`))
	second.send(get())
	first.send(get())
	first.want("and again", response("200 OK", `GET / ""`))
	first.Close()
	second.want("now there is room", response("200 OK", `GET / ""`))
}

func TestManyConnections(t *testing.T) {
	for _, network := range networks {
		g := open(t, network, &Server{Handler: site()})
		var all sync.WaitGroup
		for range 20 {
			all.Go(func() {
				p := g.peer()
				for range 20 {
					p.send("GET /stream HTTP/1.1\r\nHost: h\r\n\r\n" + post("Content-Length: 5") + "hello")
					p.want("chunks", "HTTP/1.1 200 OK\r\n"+today+"Transfer-Encoding: chunked\r\n\r\n3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n")
					p.want("and a body", response("200 OK", `POST / "hello"`))
				}
			})
		}
		all.Wait()
	}
}

func TestTLS(t *testing.T) {
	g := open(t, "tls", &Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header()["Content-Type"] = nil
		fmt.Fprint(w, r.TLS.ServerName, " ", gateway.Vars(r).Get("HTTPS"))
		if r.URL.Path == "/broken" {
			w.(http.Flusher).Flush()
			panic(http.ErrAbortHandler)
		}
	})})
	p := g.peer()
	for range 2 {
		p.send(get())
		p.want("over TLS", response("200 OK", "example.com on"))
	}
	p.send(get("A : b"))
	p.want("a refusal", refused("400 Bad Request"))
	p.wantEnd("with notice")

	p = g.peer()
	p.send("GET /broken HTTP/1.0\r\n\r\n")
	_, clean := p.rest()
	require.False(t, clean, "a broken response ends without notice")

	plain, err := net.Dial("tcp", p.RemoteAddr().String())
	require.NoError(t, err)
	defer plain.Close()
	io.WriteString(plain, get())
	_, err = io.ReadAll(plain)
	require.NoError(t, err, "who does not speak TLS is turned away")
	require.Contains(t, g.log.String(), `msg="origin: TLS handshake failed" err="tls: first record does not look like a TLS handshake"`)
}
