package httpbin

import (
	"io"
	"log"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-go/postern/cgi"
	"github.com/postern-go/postern/fastcgi"
	"github.com/postern-go/postern/origin"
	"github.com/postern-go/postern/scgi"
)

// A front is one way from a client to the handler.
type front struct {
	name  string
	start func(t *testing.T, a *app) string // returns the address
}

// fronts lists them. What speaks no HTTP is reached through this module's own client of its protocol, in net/http.Server.
func fronts() []front {
	return []front{
		{"origin", startOrigin},
		{"FastCGI", startFastCGI},
		{"SCGI", startSCGI},
		{"CGI", startCGI},
	}
}

type server interface {
	Serve(net.Listener) error
	Close() error
}

// serve runs a server until the test ends.
func serve(t *testing.T, s server, l net.Listener) {
	t.Helper()
	done := make(chan error, 1)
	go func() { done <- s.Serve(l) }()
	t.Cleanup(func() {
		require.NoError(t, s.Close())
		require.ErrorIs(t, <-done, http.ErrServerClosed)
	})
}

// startNetHTTP is the reference, and the web server before everything that speaks no HTTP.
func startNetHTTP(t *testing.T, h http.Handler) string {
	t.Helper()
	l := listen(t)
	serve(t, &http.Server{Handler: h, ErrorLog: log.New(io.Discard, "", 0)}, l)
	return l.Addr().String()
}

func startOrigin(t *testing.T, a *app) string {
	l := listen(t)
	serve(t, &origin.Server{Handler: a, ErrorLog: quiet()}, l)
	return l.Addr().String()
}

func startFastCGI(t *testing.T, a *app) string {
	path := filepath.Join(t.TempDir(), "app.sock")
	l, err := net.Listen("unix", path)
	require.NoError(t, err)
	serve(t, &fastcgi.Server{Handler: a, ErrorLog: quiet()}, l)
	return startNetHTTP(t, &fastcgi.Transport{Network: "unix", Address: path, ErrorLog: quiet()})
}

func startSCGI(t *testing.T, a *app) string {
	l := listen(t)
	serve(t, &scgi.Server{Handler: a, ErrorLog: quiet()}, l)
	return startNetHTTP(t, &scgi.Transport{Address: l.Addr().String(), ErrorLog: quiet()})
}

// startCGI runs a process for every request.
func startCGI(t *testing.T, a *app) string {
	return startNetHTTP(t, a.track(&cgi.Script{
		Path:          plain,
		Env:           append([]string{asProgram + "=" + a.name}, a.env...),
		Authorization: true,
		ErrorLog:      quiet(),
	}))
}

func listen(t *testing.T) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	return l
}

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }
