package integration

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/postern-go/postern/fastcgi"
)

// A streaming is what lets server-sent events through a web server as they are sent, one by one.
type streaming struct {
	server  string // as README.md has it
	brand   brand
	conf    string
	setting string // what the file has to say, in place of what it shows; "" when nothing
	shown   string
}

func streamings() []streaming {
	return []streaming{
		{"nginx", nginx, "nginx-fastcgi.conf", "", ""},
		{"nginx", nginx, "nginx-fastcgi-keep.conf", "", ""},
		{"nginx", nginx, "nginx-fastcgi-stream.conf", "", ""},
		{"Apache", apache, "apache-fastcgi.conf", `fcgi://app/" flushpackets=on`, `fcgi://app/"`},
		{"lighttpd", lighttpd, "lighttpd-fastcgi.conf", "server.stream-response-body = 2", "server.modules += ( \"mod_fastcgi\" )"},
		{"HAProxy", haproxy, "haproxy-fastcgi.conf", "option http-no-delay", "http-reuse always"},
		{"Caddy", caddy, "caddy-fastcgi.conf", "", ""},
		{"Caddy", caddy, "caddy-fastcgi.conf", "flush_interval -1", "transport fastcgi {"},
	}
}

func (s streaming) own() []replace {
	switch {
	case s.setting == "":
		return nil
	case strings.HasPrefix(s.setting, s.shown): // it goes on where the line ended
		return []replace{{s.shown, s.setting}}
	}
	return []replace{{s.shown, s.setting + "\n" + s.shown}}
}

// TestEvents reads the first of two server-sent events, and says so by another request: only then the second is sent. A web server
// that holds the first back until something follows it fails, whatever the machine; how long it took is logged, and in README.md.
func TestEvents(t *testing.T) {
	for _, s := range streamings() {
		t.Run(s.conf+" "+s.setting, func(t *testing.T) {
			w := startEvents(t)
			server := s.brand.startTCP(t, s.conf, append(s.own(), s.brand.worker(w))...)
			o := &opened{server: server, client: newClient(t, server)}
			start := time.Now()
			response, err := o.client.Do(o.request(t, http.MethodGet, "/events", nil))
			require.NoError(t, err)
			defer response.Body.Close()
			require.Equal(t, "text/event-stream", response.Header.Get("Content-Type"))
			first := make([]byte, len(event(1)))
			_, err = io.ReadFull(response.Body, first)
			require.NoError(t, err)
			require.Equal(t, event(1), string(first))
			t.Logf("the first event took %v", time.Since(start))
			o.get(t, "/seen").want(t, http.StatusOK, "")
			rest, err := io.ReadAll(response.Body)
			require.NoError(t, err)
			require.Equal(t, event(2), string(rest))
		})
	}
}

func event(n int) string { return fmt.Sprintf("data: %d\n\n", n) }

// startEvents serves two events, the second when somebody has asked for /seen.
func startEvents(t *testing.T) *worker {
	t.Helper()
	seen := make(chan struct{})
	mux := http.NewServeMux()
	mux.HandleFunc("/seen", func(http.ResponseWriter, *http.Request) { close(seen) })
	mux.HandleFunc("/events", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		w.Header().Set("X-Accel-Buffering", "no") // for nginx
		_, _ = io.WriteString(w, event(1))
		_ = http.NewResponseController(w).Flush()
		select {
		case <-seen:
			_, _ = io.WriteString(w, event(2))
		case <-r.Context().Done():
		}
	})
	return serveHere(t, mux)
}

// serveHere is a worker in the process of the test, on TCP.
func serveHere(t *testing.T, h http.Handler) *worker {
	t.Helper()
	s := &fastcgi.Server{Handler: h}
	l := listenLoopback(t)
	done := make(chan error, 1)
	go func() { done <- s.Serve(l) }()
	t.Cleanup(func() {
		require.NoError(t, s.Close())
		require.ErrorIs(t, <-done, fastcgi.ErrServerClosed)
	})
	return &worker{network: "tcp", address: l.Addr().String()}
}
