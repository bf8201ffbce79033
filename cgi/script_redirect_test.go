package cgi_test

import (
	"io"
	"log"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/postern-go/postern/cgi"
	"github.com/postern-go/postern/gateway"
	"github.com/postern-go/postern/origin"
	"github.com/stretchr/testify/require"
)

// target says what request has come to it.
func target(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		panic(err)
	}
	v := gateway.Vars(r)
	w.Header().Set("X-Target", "yes")
	w.WriteHeader(http.StatusTeapot)
	for _, text := range []string{r.Method, r.RequestURI, r.URL.Path, r.URL.RawQuery, r.Host, r.Header.Get("X-Kept"), r.Header.Get("Content-Type"), string(body),
		v.Get("REQUEST_METHOD"), v.Get("REQUEST_URI"), v.Get("SCRIPT_NAME") + v.Get("PATH_INFO"), v.Get("QUERY_STRING"), v.Get("CONTENT_LENGTH") + v.Get("CONTENT_TYPE")} {
		io.WriteString(w, text+"\n")
	}
}

// complaints of net/http fail the test, such as that a body was read too late.
type complaints struct{ t *testing.T }

func (c complaints) Write(p []byte) (int, error) {
	c.t.Errorf("net/http: %s", p)
	return len(p), nil
}

// servers are the two that a program may stand behind without a web server.
var servers = map[string]func(t *testing.T, h http.Handler) (url string){
	"net/http": func(t *testing.T, h http.Handler) string {
		server := httptest.NewUnstartedServer(h)
		server.Config.ErrorLog = log.New(complaints{t}, "", 0)
		server.Start()
		t.Cleanup(server.Close)
		return server.URL
	},
	"origin": func(t *testing.T, h http.Handler) string {
		server := httptest.NewUnstartedServer(nil)
		l := server.Listener
		own := &origin.Server{Handler: h}
		go own.Serve(l)
		t.Cleanup(func() { own.Close() })
		return "http://" + l.Addr().String()
	},
}

func TestLocalRedirect(t *testing.T) {
	for name, serve := range servers {
		mux := http.NewServeMux()
		mux.HandleFunc("/target/", target)
		s, log := script(t, `printf 'Content-Type: text/html\nLocation: %b\n\nlost' "$QUERY_STRING"`)
		mux.Handle("/script", s)
		url := serve(t, mux)
		for _, row := range []struct {
			why, method, location string
			status                int
			body                  string // of the target
		}{
			{"answered as its target", "GET", "/target/x%20y?a=b", 418, "GET\n/target/x%20y?a=b\n/target/x y\na=b\nHOST\nkept\n\n\nGET\n/target/x%20y?a=b\n/target/x y\na=b\n\n"},
			{"POST becomes GET, without its body", "POST", "/target/", 418, "GET\n/target/\n/target/\n\nHOST\nkept\n\n\nGET\n/target/\n/target/\n\n\n"},
			{"HEAD remains HEAD", "HEAD", "/target/", 418, ""},
			{"a target that is missing", "GET", "/none", 404, "404 page not found\n"},
			{"another host is for the client", "GET", "//other/target/", 302, "lost"},
			{"a whole URL is for the client", "GET", "http://other/target/", 302, "lost"},
			{"one that is no path", "GET", "/%zz", 502, "502 Bad Gateway\n"},
			{"one with a space", "GET", `/target/?a\040b`, 502, "502 Bad Gateway\n"},
			{"one without end", "GET", "/script?/script?", 502, "502 Bad Gateway\n"},
		} {
			if row.why == "one without end" {
				s, _ = script(t, `printf 'Location: /loop?%s\n\n' $((QUERY_STRING+1)); echo "$QUERY_STRING" >&2`)
				s.ErrorLog = logger(log)
				mux.Handle("/loop", s)
				row.location = "/loop?1"
			}
			r, err := http.NewRequest(row.method, url+"/script?"+row.location, strings.NewReader("body"))
			require.NoError(t, err)
			r.Header.Set("X-Kept", "kept")
			r.Header.Set("Content-Type", "text/plain")
			resp, err := http.DefaultTransport.RoundTrip(r)
			require.NoError(t, err)
			body, err := io.ReadAll(resp.Body)
			require.NoError(t, err)
			resp.Body.Close()
			require.Equal(t, row.status, resp.StatusCode, "%s: %s", name, row.why)
			require.Equal(t, strings.ReplaceAll(row.body, "HOST", resp.Request.URL.Host), string(body), "%s: %s", name, row.why)
			require.Equal(t, row.status == 418, resp.Header.Get("X-Target") == "yes", "%s: %s", name, row.why)
		}
		require.Contains(t, log.String(), "10 local redirects in a row")
		require.Contains(t, log.String(), "line=9", "as many were followed")
		require.NotContains(t, log.String(), "line=11")
	}
}

// What the client still sends, of a body that nobody wants, does not keep the target from answering.
func TestLocalRedirectOfALargeBody(t *testing.T) {
	for name, serve := range servers {
		mux := http.NewServeMux()
		s, _ := script(t, `printf 'Location: /target\n\n'`)
		mux.Handle("/script", s)
		other, _ := script(t, `printf 'Content-Type: text/plain\n\nhello'`)
		mux.Handle("/target", other)
		url := serve(t, mux)
		body, feed := io.Pipe()
		go io.WriteString(feed, "some of it")
		r, err := http.NewRequest("POST", url+"/script", body)
		require.NoError(t, err)
		r.ContentLength = 1 << 20
		resp, err := http.DefaultTransport.RoundTrip(r)
		require.NoError(t, err, name)
		got, err := io.ReadAll(resp.Body)
		require.NoError(t, err, name)
		require.Equal(t, "hello", string(got), name)
		resp.Body.Close()
		feed.Close()
	}
}

// While the target answers, the departure of a client shows that has not sent its whole body.
func TestDepartureFromTheTarget(t *testing.T) {
	for name, serve := range servers {
		mux := http.NewServeMux()
		s, _ := script(t, `printf 'Location: /target\n\n'`)
		mux.Handle("/script", s)
		begun, ended := make(chan bool), make(chan bool)
		mux.HandleFunc("/target", func(w http.ResponseWriter, r *http.Request) {
			close(begun)
			<-r.Context().Done()
			close(ended)
		})
		conn, err := net.Dial("tcp", strings.TrimPrefix(serve(t, mux), "http://"))
		require.NoError(t, err)
		_, err = io.WriteString(conn, "POST /script HTTP/1.1\r\nHost: h\r\nContent-Length: 1000000\r\n\r\nsome of it")
		require.NoError(t, err)
		<-begun
		select {
		case <-ended:
			require.Fail(t, "the context has ended", name)
		default:
		}
		require.NoError(t, conn.Close())
		<-ended
	}
}

func TestLocalRedirectBehindAWebServer(t *testing.T) {
	h := &cgi.Root{Dir: tree(t, "a"), Script: cgi.Script{ErrorLog: slog.New(slog.DiscardHandler)}}
	s, _ := script(t, `printf 'Location: /a/x?y\n\n'`)
	location := func() (int, string) {
		return fromServer(t, s, "SCRIPT_NAME=/s", "REQUEST_URI=/s", "DOCUMENT_ROOT="+h.Dir)
	}
	status, _ := location()
	require.Equal(t, 302, status, "the web server knows what the path means")

	s.Redirect = h
	status, body := location()
	require.Equal(t, 200, status, "unless somebody else does")
	require.Contains(t, body, " name=/a info=/x ", "as if the web server had asked for it")
}

func TestLocalRedirectWaitsForTheEnd(t *testing.T) {
	s, log := script(t, `printf 'Location: /target\n\n'; exec sleep 600`)
	s.Redirect, s.Timeout = http.HandlerFunc(target), 20*time.Millisecond
	w, broken := run(s, httptest.NewRequest("GET", "/", nil))
	require.False(t, broken)
	require.Equal(t, 504, w.Code, "a program that does not end, in time")
	require.Contains(t, log.String(), "no output for")
}
