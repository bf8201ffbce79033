package integration

import (
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/postern-go/postern/integration/testapp/app"
	"github.com/postern-go/postern/internal/record"
	"github.com/postern-go/postern/internal/transcript"
)

var update = flag.Bool("update", false, "write what TestTranscripts has recorded to fastcgi/testdata/transcripts")

const transcripts = "../fastcgi/testdata/transcripts"

// A recording is a web server and what it is asked while its worker is overheard.
type recording struct {
	name  string
	brand brand
	conf  string
	own   []replace
	leave func(t *testing.T, o *overheard) // a client that leaves, where the worker gets to know; may be nil
}

func recordings() []recording {
	return []recording{
		{"nginx", nginx, "nginx-fastcgi.conf", nil, leaveWaiting},
		{"nginx-keep", nginx, "nginx-fastcgi-keep.conf", nil, leaveWaiting},
		{"nginx-stream", nginx, "nginx-fastcgi-stream.conf", nil, leaveUploading},
		{"apache", apache, "apache-fastcgi.conf", nil, leaveUploading},
		{"apache-keep", apache, "apache-fastcgi.conf", []replace{kept}, leaveUploading},
		{"lighttpd", lighttpd, "lighttpd-fastcgi.conf", nil, nil},
		{"haproxy", haproxy, "haproxy-fastcgi.conf", nil, leaveUploading},
		{"caddy", caddy, "caddy-fastcgi.conf", nil, leaveUploading},
	}
}

// An overheard is a web server whose worker is behind a relay.
type overheard struct {
	*opened
	relay *relay
	begun chan struct{} // a handler waits
}

// TestTranscripts records what web servers say to a worker. The package fastcgi replays the recordings that are checked in.
func TestTranscripts(t *testing.T) {
	for _, r := range recordings() {
		t.Run(r.name, func(t *testing.T) {
			text := transcript.Append(nil, r.record(t))
			again, err := transcript.Parse(string(text))
			require.NoError(t, err)
			require.Equal(t, string(text), string(transcript.Append(nil, again)), "the text holds every byte")
			path := filepath.Join(transcripts, r.name+".txt")
			if *update {
				require.NoError(t, os.WriteFile(path, text, 0o644))
			}
			checkedIn, err := os.ReadFile(path)
			require.NoError(t, err, "-update writes it")
			old, err := transcript.Parse(string(checkedIn))
			require.NoError(t, err)
			require.Equal(t, requests(old), requests(again), "what is checked in is another conversation; -update records it again")
		})
	}
}

// requests counts the requests of a conversation.
func requests(all []transcript.Connection) (n int) {
	for _, c := range all {
		for _, e := range c {
			if e.From == transcript.WebServer && e.Header.Type == record.BeginRequest {
				n++
			}
		}
	}
	return n
}

func (r recording) record(t *testing.T) []transcript.Connection {
	o := overhear(t, r)
	for _, ask := range []struct {
		method, target string
		body           int64
	}{{"GET", "/get?x=%20y", 0}, {"POST", "/post", 70000}, {"HEAD", "/head", 0}, {"GET", "/again", 0}} {
		request := o.request(t, ask.method, ask.target, nil)
		if ask.body > 0 {
			request = o.request(t, ask.method, ask.target, app.Pattern(ask.body))
			request.ContentLength = ask.body
			request.Header.Set("Content-Type", "text/plain")
		}
		a := o.do(t, request)
		a.wantStatus(t, http.StatusOK)
		if ask.method != http.MethodHead {
			require.Contains(t, a.body, fmt.Sprintf("%s %s\n%d bytes", ask.method, ask.target, ask.body))
		}
	}
	if r.leave != nil {
		r.leave(t, o)
	}
	require.NoError(t, ignored(o.server.stop(), r.brand.ends))
	waitFor(t, "all connections are over", func() bool { return !slices.ContainsFunc(o.relay.connections(t), unfinished) })
	return o.relay.connections(t)
}

func ignored(err error, expected func(error) bool) error {
	if err != nil && expected != nil && expected(err) {
		return nil
	}
	return err
}

func unfinished(c transcript.Connection) bool {
	ends := 0
	for _, e := range c {
		if e.Closed {
			ends++
		}
	}
	return ends < 2
}

// overhear starts a worker, a relay in front of it, and a web server in front of that.
func overhear(t *testing.T, r recording) *overheard {
	o := &overheard{begun: make(chan struct{}, 1)}
	w := serveHere(t, transcript.Handler(func() { o.begun <- struct{}{} }))
	o.relay = startRelay(t, w.address)
	behind := &worker{network: "tcp", address: o.relay.Addr().String()}
	s := r.brand.startTCP(t, r.conf, append(slices.Clone(r.own), r.brand.worker(behind))...)
	o.opened = &opened{server: s, client: newClient(t, s)}
	return o
}

// leaveWaiting leaves while the handler waits for that.
func leaveWaiting(t *testing.T, o *overheard) {
	c := o.say(t, "GET /wait HTTP/1.1\r\nHost: app.test\r\n\r\n")
	<-o.begun
	require.NoError(t, c.Close())
	o.waitForDeparture(t)
}

// leaveUploading leaves in the middle of a body.
func leaveUploading(t *testing.T, o *overheard) {
	c := o.say(t, "POST /post HTTP/1.1\r\nHost: app.test\r\nContent-Type: text/plain\r\nContent-Length: 100000\r\n\r\n")
	_, err := io.Copy(c, app.Pattern(80000))
	require.NoError(t, err)
	waitFor(t, "some of the body is on its way", func() bool {
		n := 0
		for _, e := range o.last(t) {
			if e.Header.Type == record.Stdin && e.From == transcript.WebServer {
				n += len(e.Content)
			}
		}
		return n > 0
	})
	require.NoError(t, c.Close())
	o.waitForDeparture(t)
}

func (o *overheard) say(t *testing.T, head string) net.Conn {
	o.client.CloseIdleConnections()
	c, err := o.server.dial()
	require.NoError(t, err)
	t.Cleanup(func() { _ = c.Close() })
	require.NoError(t, c.SetDeadline(time.Now().Add(patience)))
	_, err = io.WriteString(c, head)
	require.NoError(t, err)
	return c
}

// waitForDeparture waits until the worker has been told and has answered.
func (o *overheard) waitForDeparture(t *testing.T) {
	waitFor(t, "the web server gives the request up", func() bool {
		return slices.ContainsFunc(o.last(t), func(e transcript.Event) bool {
			return e.From == transcript.WebServer && (e.Closed || e.Header.Type == record.AbortRequest)
		})
	})
}

// last returns what has been said since the last request began.
func (o *overheard) last(t *testing.T) transcript.Connection {
	for _, c := range slices.Backward(o.relay.connections(t)) {
		for i, e := range slices.Backward(c) {
			if e.From == transcript.WebServer && e.Header.Type == record.BeginRequest {
				return c[i:]
			}
		}
	}
	return nil
}
