package integration

import (
	"context"
	"io"
	"net"
	"net/http"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-go/postern/integration/testapp/app"
)

// A gate is one way from a client through a web server to the test application.
type gate struct {
	name     string
	protocol string // what the application calls it: "cgi", "fastcgi", "scgi" or "http"
	open     func(t *testing.T) *opened
}

// opened is a gate while a test runs.
type opened struct {
	server *webServer
	mount  string // path prefix of the application
	stderr string // the log where the application's error stream ends
	client *http.Client
	marks  string // where the application writes the files that a request names

	password string // of the user in whose name everything is asked; "" is nobody
	waiting  string // where a handler waits until its client has left; "" is that of the application
}

func gates() []gate {
	return slices.Concat(fastcgiGates(testapp), scgiGates(), cgiGates(), []gate{
		{"nginx, HTTP on a unix socket", "http", throughNginx("nginx-http.conf", "http", "unix")},
		{"nginx, HTTP on TCP", "http", throughNginx("nginx-http.conf", "http", "tcp")},
	})
}

// through is a gate whose web server talks to a worker that the test starts; own is what else the file does not show.
func through(b brand, conf, protocol, network string, own ...replace) func(*testing.T) *opened {
	return throughWorker(testapp, b, conf, protocol, network, own...)
}

func throughWorker(program string, b brand, conf, protocol, network string, own ...replace) func(*testing.T) *opened {
	return func(t *testing.T) *opened {
		w := startWorker(t, program, protocol, network)
		s := b.start(t, conf, append([]replace{b.worker(w)}, own...)...)
		stderr := s.errorLog
		if protocol != "fastcgi" { // the only protocol with an error stream of its own
			stderr = w.log
		}
		return &opened{server: s, stderr: stderr, client: newClient(t, s), marks: newDir(t)}
	}
}

func throughNginx(conf, protocol, network string) func(*testing.T) *opened {
	return through(nginx, conf, protocol, network)
}

// newClient reaches the web server whatever host a URL names. It follows no redirects and wants no compression.
func newClient(t *testing.T, s *webServer) *http.Client {
	transport := &http.Transport{
		DialContext:        func(context.Context, string, string) (net.Conn, error) { return s.dial() },
		DisableCompression: true,
	}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{
		Transport:     transport,
		Timeout:       patience,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// request builds a request for a path of the application.
func (o *opened) request(t require.TestingT, method, target string, body io.Reader) *http.Request {
	r, err := http.NewRequest(method, "http://app.test"+o.mount+target, body)
	require.NoError(t, err)
	if o.password != "" {
		r.SetBasicAuth(app.User, o.password)
	}
	return r
}
