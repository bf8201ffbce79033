package integration

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-go/postern/integration/testapp/app"
)

const (
	askers    = 32  // clients that ask at the same time
	someTime  = 320 // answers, from one event to the next
	stretched = "line 0\nline 1\nline 2\n"
)

// A crowd is clients that go on asking. None asks anything twice.
type crowd struct {
	*opened
	stop  chan struct{}
	over  sync.WaitGroup
	asked atomic.Int64 // requests that have been answered, or not

	mu     sync.Mutex
	reads  bool     // there are no requests but GET
	lost   []string // requests that got another answer than that of the application
	broken []string // answers that ended early
}

func gather(t *testing.T, o *opened, reads bool) *crowd {
	c := &crowd{opened: o, stop: make(chan struct{}), reads: reads}
	for i := range askers {
		c.over.Go(func() { c.ask(t, i) })
	}
	return c
}

// ask asks one after the other, for a while what takes a while.
func (c *crowd) ask(t require.TestingT, i int) {
	kinds := []func() *http.Request{
		func() *http.Request { return c.request(t, http.MethodGet, "/stream?n=3&ms=1", nil) },
		func() *http.Request { return c.request(t, http.MethodGet, "/bytes?n=100000", nil) },
		func() *http.Request { return c.request(t, http.MethodPost, "/read-some?n=3000", app.Pattern(3000)) },
	}
	if c.reads {
		kinds = kinds[:2]
	}
	for n := i; ; n++ {
		select {
		case <-c.stop:
			return
		default:
		}
		r := kinds[n%len(kinds)]()
		if r.Method == http.MethodPost {
			r.ContentLength = 3000
		}
		c.judge(r, c.once(r))
		c.asked.Add(1)
	}
}

// once is try for a request of any kind.
func (c *crowd) once(r *http.Request) answer {
	conn, err := c.server.dial()
	if err != nil {
		return answer{err: err}
	}
	defer conn.Close()
	r.Close = true
	if err := r.Write(conn); err != nil {
		return answer{err: err}
	}
	response, err := http.ReadResponse(bufio.NewReader(conn), r)
	if err != nil {
		return answer{err: err}
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	return answer{response, string(body), err}
}

func (c *crowd) judge(r *http.Request, a answer) {
	c.mu.Lock()
	defer c.mu.Unlock()
	what := fmt.Sprintf("%s %s: ", r.Method, r.URL)
	switch {
	case a.Response == nil:
		c.lost = append(c.lost, what+a.err.Error())
	case a.StatusCode != http.StatusOK:
		c.lost = append(c.lost, fmt.Sprintf("%s%d", what, a.StatusCode))
	case a.err != nil || a.body != expected(r.URL.Path):
		c.broken = append(c.broken, fmt.Sprintf("%s%d bytes, %v", what, len(a.body), a.err))
	}
}

func expected(path string) string {
	switch path[len(path)-3:] {
	case "eam":
		return stretched
	case "tes":
		return hundredThousand()
	}
	return "read 3000\n"
}

var hundredThousand = sync.OnceValue(func() string {
	text, err := io.ReadAll(app.Pattern(100000))
	if err != nil {
		panic(err)
	}
	return string(text)
})

// more waits for some more answers.
func (c *crowd) more(t *testing.T) {
	t.Helper()
	until := c.asked.Load() + someTime
	waitFor(t, "the clients go on asking", func() bool { return c.asked.Load() >= until })
}

// goHome ends the asking.
func (c *crowd) goHome() {
	close(c.stop)
	c.over.Wait()
}

// end asks a worker to end, which it does when it has answered.
func (w *worker) end(t *testing.T) {
	t.Helper()
	require.NoError(t, w.cmd.Process.Signal(syscall.SIGTERM))
	waitFor(t, "the worker ends", func() bool { return !w.running() })
	require.NoError(t, w.err)
}

// TestRestart restarts one of two workers behind nginx, while clients keep asking. No request is lost. On a connection that
// is kept, nginx may begin to send one just when the worker closes it, and it does not ask another worker what is not GET.
func TestRestart(t *testing.T) {
	for _, network := range []string{"unix", "tcp"} {
		for _, own := range []struct {
			why  string
			kept bool
			more []replace
		}{
			{"kept connections", true, nil},
			{"a connection for each request", false, []replace{{"fastcgi_keep_conn on;", ""}, {"    keepalive 8;                        # idle connections that each nginx process keeps\n", ""}}},
		} {
			t.Run(network+", "+own.why, func(t *testing.T) {
				one, other := startWorker(t, testapp, "fastcgi", network), startWorker(t, testapp, "fastcgi", network)
				both := replace{"server unix:/run/app.sock;", "server " + one.nginxAddress() + " max_fails=0; server " + other.nginxAddress() + " max_fails=0;"}
				s := nginx.startTCP(t, "nginx-fastcgi-keep.conf", append([]replace{both}, own.more...)...)
				c := gather(t, &opened{server: s}, own.kept)
				c.more(t)
				one.end(t)
				c.more(t)
				again := startWorkerAt(t, testapp, "fastcgi", one.network, one.address)
				c.more(t)
				other.end(t)
				c.more(t)
				c.goHome()
				require.Empty(t, c.lost)
				require.Empty(t, c.broken)
				again.end(t)
			})
		}
	}
}

// TestRestartAlone restarts the only worker. What is not there is refused meanwhile, but what has begun ends well.
func TestRestartAlone(t *testing.T) {
	for _, row := range []struct {
		why, conf string
		brand     brand
		own       []replace
	}{
		{"nginx", "nginx-fastcgi.conf", nginx, nil},
		{"nginx, kept connections", "nginx-fastcgi-keep.conf", nginx, nil},
		{"Apache", "apache-fastcgi.conf", apache, nil},
		{"Apache, kept connections", "apache-fastcgi.conf", apache, []replace{kept}},
		{"lighttpd", "lighttpd-fastcgi.conf", lighttpd, nil},
		{"HAProxy", "haproxy-fastcgi.conf", haproxy, nil},
		{"HAProxy, a connection for each request", "haproxy-fastcgi.conf", haproxy, []replace{unshared, unkept}},
		{"Caddy", "caddy-fastcgi.conf", caddy, nil},
	} {
		t.Run(row.why, func(t *testing.T) {
			w := startWorker(t, testapp, "fastcgi", "unix")
			s := row.brand.startTCP(t, row.conf, append([]replace{row.brand.worker(w)}, row.own...)...)
			c := gather(t, &opened{server: s}, false)
			c.more(t)
			w.end(t)
			again := startWorkerAt(t, testapp, "fastcgi", w.network, w.address)
			c.more(t)
			c.goHome()
			require.Empty(t, c.broken)
			t.Logf("%d of %d requests were refused", len(c.lost), c.asked.Load())
			again.end(t)
		})
	}
}
