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
	"time"

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
	stop     chan struct{}
	over     sync.WaitGroup
	answered atomic.Int64 // requests that the application has answered

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
	}
}

// once is try for a request of any kind.
func (c *crowd) once(r *http.Request) answer {
	conn, err := c.server.dial()
	if err != nil {
		return answer{err: err}
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(patience / 4))
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
	default:
		c.answered.Add(1)
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
	until := c.answered.Load() + someTime
	waitFor(t, "the clients are answered", func() bool { return c.answered.Load() >= until })
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

// anew takes the kept connections out of nginx-fastcgi-keep.conf.
var anew = []replace{{"fastcgi_keep_conn on;", ""}, {"    keepalive 8;                        # idle connections that each nginx process keeps\n", ""}}

// TestRestart restarts one of two workers behind nginx, while clients keep asking. No request is lost. On a connection that
// is kept and idle, nginx may begin to send one just when the worker closes it. It asks another worker what is GET, and the rest when it
// is told to and holds the body.
func TestRestart(t *testing.T) {
	for _, network := range []string{"unix", "tcp"} {
		for _, own := range []struct {
			why   string
			reads bool // there are no requests but GET
			more  []replace
		}{
			{"kept connections", true, nil},
			{"kept connections, and anything may be asked again", false, []replace{{"fastcgi_keep_conn on;", "fastcgi_keep_conn on; fastcgi_next_upstream error timeout non_idempotent;"}}},
			{"unbuffered kept connections", true, []replace{unbuffered}},
			{"a connection for each request", false, anew},
			{"an unbuffered connection for each request", false, append([]replace{unbuffered}, anew...)},
		} {
			t.Run(network+", "+own.why, func(t *testing.T) {
				one, other := startWorker(t, testapp, "fastcgi", network), startWorker(t, testapp, "fastcgi", network)
				both := replace{"server unix:/run/app.sock;", "server " + one.nginxAddress() + " max_fails=0; server " + other.nginxAddress() + " max_fails=0;"}
				s := nginx.startTCP(t, "nginx-fastcgi-keep.conf", append([]replace{both}, own.more...)...)
				c := gather(t, &opened{server: s}, own.reads)
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
	by := func(b brand, conf string, own ...replace) func(*testing.T, *worker) *webServer {
		return func(t *testing.T, w *worker) *webServer { return b.startTCP(t, conf, append(own, b.worker(w))...) }
	}
	guarding := func(open func(*testing.T, *worker, string) *webServer) func(*testing.T, *worker) *webServer {
		return func(t *testing.T, w *worker) *webServer { return open(t, w, "/") }
	}
	for _, row := range []struct {
		why, network string
		open         func(*testing.T, *worker) *webServer
	}{
		{"nginx", "unix", by(nginx, "nginx-fastcgi.conf")},
		{"nginx, kept connections", "unix", by(nginx, "nginx-fastcgi-keep.conf")},
		{"Apache", "unix", by(apache, "apache-fastcgi.conf")},
		{"Apache, kept connections", "unix", by(apache, "apache-fastcgi.conf", kept)},
		{"Apache, behind an authorizer", "tcp", guarding(apacheAuthorizing("authnz", requireApp))},
		{"lighttpd", "unix", by(lighttpd, "lighttpd-fastcgi.conf")},
		{"lighttpd, behind an authorizer", "unix", guarding(lighttpdAuthorizing)},
		{"HAProxy", "unix", by(haproxy, "haproxy-fastcgi.conf")},
		{"HAProxy, a connection for each request", "unix", by(haproxy, "haproxy-fastcgi.conf", unshared, unkept)},
		{"Caddy", "unix", by(caddy, "caddy-fastcgi.conf")},
	} {
		t.Run(row.why, func(t *testing.T) {
			w := startWorker(t, testapp, "fastcgi", row.network)
			s := row.open(t, w)
			c := gather(t, &opened{server: s, password: app.Password}, false)
			c.more(t)
			w.end(t)
			again := startWorkerAt(t, testapp, "fastcgi", w.network, w.address)
			c.more(t)
			c.goHome()
			require.Empty(t, c.broken)
			t.Logf("%d requests were answered, and %d refused", c.answered.Load(), len(c.lost))
			again.end(t)
		})
	}
}

// TestRestartOwn restarts workers that the web server has started itself, and that it starts again: one ends by SIGTERM, or all do
// since the web server restarts gracefully. After that, mod_fcgid 2.3.9 may answer nobody any more: its threads wait for its process
// manager, which does not know of them, while the workers have nothing to do. So what it has begun to answer must end well, and no more.
func TestRestartOwn(t *testing.T) {
	for _, server := range []struct {
		why  string
		open func(*testing.T) *opened
	}{
		{"mod_fcgid", throughFcgid(testapp)},
		{"lighttpd", throughSpawned(testapp)},
	} {
		for _, row := range []struct {
			why     string
			end     func(s *webServer, worker int) error
			answers bool
		}{
			{"a worker ends", func(_ *webServer, worker int) error { return syscall.Kill(worker, syscall.SIGTERM) }, true},
			{"the web server restarts gracefully", func(s *webServer, _ int) error { return s.cmd.Process.Signal(syscall.SIGUSR1) },
				server.why != "mod_fcgid"},
		} {
			t.Run(server.why+", "+row.why, func(t *testing.T) {
				o := server.open(t)
				c := gather(t, o, false)
				c.more(t)
				pid := o.workerPid(t)
				require.NoError(t, row.end(o.server, pid))
				waitFor(t, "the worker ends", func() bool { return !exists(fmt.Sprintf("/proc/%d/exe", pid)) })
				if row.answers {
					c.more(t)
				}
				c.goHome()
				require.Empty(t, c.broken)
				t.Logf("%d requests were answered, and %d refused", c.answered.Load(), len(c.lost))
			})
		}
	}
}
