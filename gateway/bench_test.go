package gateway_test

import (
	"context"
	"io"
	"net/http"
	"testing"

	"github.com/postern-go/postern/env"
	"github.com/postern-go/postern/gateway"
	"github.com/postern-go/postern/internal/race"
	"github.com/stretchr/testify/require"
)

// smallRequest is what nginx sends with its stock fastcgi_params for a GET with
// five header fields.
const smallRequest = `QUERY_STRING=
REQUEST_METHOD=GET
CONTENT_TYPE=
CONTENT_LENGTH=
SCRIPT_NAME=/hello
REQUEST_URI=/hello
DOCUMENT_URI=/hello
DOCUMENT_ROOT=/usr/share/nginx/html
SERVER_PROTOCOL=HTTP/1.1
REQUEST_SCHEME=http
GATEWAY_INTERFACE=CGI/1.1
SERVER_SOFTWARE=nginx/1.22.1
REMOTE_ADDR=192.0.2.7
REMOTE_PORT=50123
REMOTE_USER=
SERVER_ADDR=192.0.2.1
SERVER_PORT=80
SERVER_NAME=h.test
REDIRECT_STATUS=200
HTTP_HOST=h.test
HTTP_USER_AGENT=curl/7.88.1
HTTP_ACCEPT=*/*
HTTP_ACCEPT_ENCODING=gzip
HTTP_COOKIE=session=1`

// A wire is an exchange that costs nothing itself.
type wire struct {
	vars []env.Var
	out  []byte
}

func newWire() *wire {
	x := &wire{out: make([]byte, 0, 1024)}
	for name, value := range vars(smallRequest).Pairs() {
		x.vars = append(x.vars, env.Var{Name: name, Value: value})
	}
	return x
}

func (x *wire) AddCGIVars(v *env.Vars) {
	v.Grow(len(x.vars))
	for _, pair := range x.vars {
		v.Add(pair.Name, pair.Value)
	}
}

func (x *wire) Stdin() io.Reader  { return http.NoBody }
func (x *wire) Stderr() io.Writer { return io.Discard }
func (x *wire) Flush() error      { return nil }

func (x *wire) Write(p []byte) (int, error) {
	x.out = append(x.out, p...)
	return len(p), nil
}

var hello = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	io.WriteString(w, "Hello, World!")
})

const helloAnswer = "Status: 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 13\r\n\r\nHello, World!"

func runHello(tb testing.TB, e *gateway.Engine, x *wire) {
	x.out = x.out[:0]
	if err := e.Run(context.Background(), x, hello); err != nil {
		tb.Fatal(err)
	}
}

// A small request costs nine allocations: the run itself, the list of
// variables, the request's header (its map, its table and its values), the
// client's address, the response's header (its map, its table) and the value
// that the handler sets.
func TestRunAllocations(t *testing.T) {
	e, x := &gateway.Engine{BodyEnds: true}, newWire()
	runHello(t, e, x)
	require.Equal(t, helloAnswer, string(x.out))
	n := testing.AllocsPerRun(200, func() { runHello(t, e, x) })
	if !race.Enabled {
		require.LessOrEqual(t, n, 8.0)
	}
}

func BenchmarkRun(b *testing.B) {
	e, x := &gateway.Engine{BodyEnds: true}, newWire()
	b.ReportAllocs()
	for b.Loop() {
		runHello(b, e, x)
	}
}
