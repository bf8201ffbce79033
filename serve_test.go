package postern

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-go/postern/fastcgi"
	"github.com/postern-go/postern/gateway"
	"github.com/postern-go/postern/scgi"
)

// clients speaks each protocol to a socket file in dir.
func clients(dir string) map[string]http.RoundTripper {
	socket := func(protocol string) string { return filepath.Join(dir, protocol) }
	return map[string]http.RoundTripper{
		"fastcgi": &fastcgi.Transport{Network: "unix", Address: socket("fastcgi")},
		"scgi":    &scgi.Transport{Network: "unix", Address: socket("scgi")},
		"http": &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "unix", socket("http"))
		}},
	}
}

func addrs(dir string) (list []string) {
	for _, protocol := range []string{"fastcgi", "scgi", "http"} {
		list = append(list, protocol+"+unix://"+filepath.Join(dir, protocol))
	}
	return list
}

func get(client http.RoundTripper) (string, error) {
	r, err := http.NewRequest(http.MethodGet, "http://postern.test/", nil)
	if err != nil {
		return "", err
	}
	answer, err := client.RoundTrip(r)
	if err != nil {
		return "", err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	return string(body), err
}

// running is a Server under way.
type running struct {
	dir     string
	clients map[string]http.RoundTripper
	ended   chan error
}

// start runs the server by serve on a socket file for each protocol and returns when all are open.
func start(t *testing.T, h http.Handler, serve func(*Server) error) *running {
	t.Helper()
	dir := t.TempDir()
	r := &running{dir: dir, clients: clients(dir), ended: make(chan error, 1)}
	var announced []string
	open := make(chan struct{})
	s := &Server{Addrs: addrs(dir), Handler: h, SocketMode: 0o600, Listening: func(addr string) {
		if announced = append(announced, addr); len(announced) == 3 {
			close(open)
		}
	}}
	go func() { r.ended <- serve(s) }()
	select {
	case <-open:
	case err := <-r.ended:
		require.NoError(t, err)
	}
	require.Equal(t, s.Addrs, announced)
	return r
}

func (r *running) requireNothingLeft(t *testing.T) {
	t.Helper()
	left, err := os.ReadDir(r.dir)
	require.NoError(t, err)
	require.Empty(t, left, "socket files are removed")
}

func TestServe(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	r := start(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, gateway.FlagsOf(r).Protocol)
	}), func(s *Server) error { return s.Serve(ctx) })
	for protocol, client := range r.clients {
		body, err := get(client)
		require.NoError(t, err, protocol)
		require.Equal(t, protocol, body, "each address has its own front end")
		file, err := os.Lstat(filepath.Join(r.dir, protocol))
		require.NoError(t, err)
		require.Equal(t, os.ModeSocket|0o600, file.Mode(), protocol)
	}
	cancel()
	require.NoError(t, <-r.ended, "a drain is no error")
	r.requireNothingLeft(t)
}

// blocked starts a server with one request of each protocol inside the handler, which goes on when release closes or its context ends.
func blocked(t *testing.T, release <-chan struct{}) (r *running, answers chan error) {
	t.Helper()
	inside := make(chan struct{}, 3)
	r = start(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		inside <- struct{}{}
		select {
		case <-release:
			io.WriteString(w, "done")
		case <-r.Context().Done():
			panic(http.ErrAbortHandler)
		}
	}), func(s *Server) error { return s.Run(context.Background()) })
	answers = make(chan error, 3)
	for protocol, client := range r.clients {
		go func() {
			body, err := get(client)
			if err == nil && body != "done" {
				err = fmt.Errorf("%s: body %q", protocol, body)
			}
			answers <- err
		}()
	}
	for range 3 {
		<-inside
	}
	return r, answers
}

func kill(t *testing.T, s syscall.Signal) {
	t.Helper()
	require.NoError(t, syscall.Kill(os.Getpid(), s))
}

func TestSignalDrains(t *testing.T) {
	for _, s := range []syscall.Signal{syscall.SIGTERM, syscall.SIGINT} {
		release := make(chan struct{})
		r, answers := blocked(t, release)
		kill(t, s)
		r.awaitClosed(t)
		close(release)
		for range 3 {
			require.NoError(t, <-answers, "a request already begun is answered")
		}
		require.NoError(t, <-r.ended)
	}
}

// awaitClosed waits until no listener has its socket file any more.
func (r *running) awaitClosed(t *testing.T) {
	t.Helper()
	for {
		left, err := os.ReadDir(r.dir)
		require.NoError(t, err)
		if len(left) == 0 {
			return
		}
		runtime.Gosched()
	}
}

func TestSecondSignalCloses(t *testing.T) {
	r, answers := blocked(t, nil)
	kill(t, syscall.SIGTERM)
	kill(t, syscall.SIGINT)
	require.EqualError(t, <-r.ended, "postern: closed at once by a second signal")
	for range 3 {
		require.Error(t, <-answers, "no request is taken for a whole one")
	}
	r.requireNothingLeft(t)
}

func TestOpenAllOrNone(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "taken"), nil, 0o600))
	s := &Server{Addrs: append(addrs(dir), "http+unix://"+dir+"/taken")}
	require.ErrorContains(t, s.Serve(t.Context()), "the path exists and is no socket")
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, left, 1, "those already open are closed again")
}

func TestAddresses(t *testing.T) {
	for _, row := range []struct {
		addrs []string
		want  string
		why   string
	}{
		{[]string{"http://127.0.0.1"}, `postern: address "http://127.0.0.1": no port: expected http://host:port`, "a bad address"},
		{[]string{"cgi:", "http://127.0.0.1:0"}, "postern: CGI answers one request on stdio: expected no other address beside it", "CGI stands alone"},
		{[]string{"http://127.0.0.1:0", "cgi:"}, "postern: CGI answers one request on stdio: expected no other address beside it", "in any order"},
		{nil, `postern: address "auto": no gateway: LISTEN_FDS is not set, descriptor 0 is no listening socket, GATEWAY_INTERFACE is not set`, "no address is auto"},
	} {
		err := (&Server{Addrs: row.addrs}).Serve(t.Context())
		require.ErrorContains(t, err, row.want, row.why)
		require.Equal(t, 1, strings.Count(err.Error(), "postern: "), row.why)
	}
	require.ErrorContains(t, Serve(nil), `address "auto": no gateway`, "Serve is auto")
	require.ErrorContains(t, Serve(nil), "; to try one request by hand: GATEWAY_INTERFACE=CGI/1.1 REQUEST_METHOD=GET PATH_INFO=/ ", "a program has no flag for an address")
	require.ErrorContains(t, ListenAndServe("http:", nil), `address "http:"`, "ListenAndServe is as told")
}

// The LISTEN_ variables are for this process and no other, even when they are wrong.
func TestAutoUnsetsVariables(t *testing.T) {
	t.Setenv("LISTEN_PID", strconv.Itoa(os.Getpid()))
	t.Setenv("LISTEN_FDS", "many")
	t.Setenv("LISTEN_FDNAMES", "http")
	require.ErrorContains(t, Serve(nil), `LISTEN_FDS is "many"`)
	for _, name := range []string{"LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"} {
		_, set := os.LookupEnv(name)
		require.False(t, set, name)
	}
}

func TestListenError(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	err = ListenAndServe("http://"+l.Addr().String(), nil)
	require.True(t, errors.Is(err, syscall.EADDRINUSE), "%v", err)
}
