package cgi

import (
	"bufio"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/postern-go/postern/gateway"
	"github.com/postern-go/postern/internal/behaviour"
	"github.com/stretchr/testify/require"
)

func TestBehaviour(t *testing.T) {
	behaviour.Test(t, behaviour.Gate{Name: "cgi", Serve: serveOne}, deviations...)
}

// deviations are of the protocol.
var deviations = []behaviour.Deviation{
	{Row: "body missing", Why: "nothing of it had to leave yet, and the web server says so", Want: `
no response
broken off
`},
	{Row: "body too long", Why: "nothing of it had to leave yet, and the web server says so", Want: `
no response
broken off
> 0 bytes
> write: http: wrote more than the declared Content-Length
`},
	{Row: "body too short", Why: "nothing of it had to leave yet, and the web server says so", Want: `
no response
broken off
> 5 bytes
> write: ok
`},
	{Row: "body too short, large", Why: "nothing of it had to leave yet, and the web server says so", Want: `
no response
broken off
> 9999 bytes
> write: ok
`},
	{Row: "ResponseController", Why: "standard streams have no deadlines", Want: `
200 OK
> read deadline: feature not supported
> write deadline: feature not supported
> full duplex: ok
> flush: ok
`},
	{Row: "read deadline", Why: "standard streams have no deadlines", Want: `
no response
broken off
> set: feature not supported
> os.ErrDeadlineExceeded false
`},
	{Row: "request with repeats", Why: "an environment has every name once", Want: `
200 OK
Content-Length: 0
> GET / HTTP/1.1 1.1
> path "/" raw "" query "" force false host ""
> host "h.test" length 0 coding [] close false
> X-A ["1, 2"]
`},
	{Row: "write deadline", Why: "standard streams have no deadlines", Want: `
> set: feature not supported
> os.ErrDeadlineExceeded false
`},
}

// serveOne is the way through a web server and a program.
func serveOne(t testing.TB, h http.Handler, c behaviour.Client) behaviour.Answer {
	v, body := behaviour.Variables(t, c)
	if v.Get("CONTENT_LENGTH") == "" && body != "" {
		v.Set("HTTP_TRANSFER_ENCODING", "chunked")
	}
	reader, writer, err := os.Pipe()
	require.NoError(t, err)
	defer reader.Close()
	var logged behaviour.Log
	ended := make(chan error, 1)
	go func() {
		defer writer.Close()
		p := &Program{Stdin: strings.NewReader(body), Stdout: writer, Stderr: &logged, Environ: v.Environ()}
		ended <- p.Serve(t.Context(), h)
	}()
	if c.Leave != nil {
		<-c.Leave
		reader.Close()
		<-ended
		return behaviour.Answer{}
	}
	a, err := behaviour.ReadCGI(bufio.NewReader(reader))
	require.NoError(t, err)
	a.Broken = gateway.Broken(<-ended)
	a.Log = logged.String()
	return a
}
