package cgi_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/postern-go/postern/cgi"
	"github.com/stretchr/testify/require"
)

// gated is a Script of a program that ends its response once something is written to the fifo.
func gated(t *testing.T) (s *cgi.Script, open func()) {
	t.Helper()
	fifo := filepath.Join(t.TempDir(), "fifo")
	require.NoError(t, syscall.Mkfifo(fifo, 0o600))
	s, _ = script(t, `printf '\n'; read line <"$FIFO"`)
	s.Env = []string{"FIFO=" + fifo}
	return s, func() {
		feed, err := os.OpenFile(fifo, os.O_WRONLY, 0)
		require.NoError(t, err)
		_, err = io.WriteString(feed, "go\n")
		require.NoError(t, err)
		require.NoError(t, feed.Close())
	}
}

func TestMaxProcesses(t *testing.T) {
	s, open := gated(t)
	s.MaxProcesses, s.MaxQueue = 1, 1
	server := httptest.NewServer(s)
	defer server.Close()
	first, err := http.Get(server.URL)
	require.NoError(t, err, "the head says that the program runs")
	defer first.Body.Close()

	ctx, cancel := context.WithCancel(t.Context())
	second := make(chan *httptest.ResponseRecorder)
	go func() {
		w, _ := run(s, httptest.NewRequest("GET", "/", nil).WithContext(watched(ctx, func() { second <- nil })))
		second <- w
	}()
	<-second // it asks for the end of its context: it waits
	w, _ := run(s, httptest.NewRequest("GET", "/", nil))
	require.Equal(t, 503, w.Code, "no room to wait")

	cancel()
	w = <-second
	require.Equal(t, 200, w.Code, "nothing was written: the client has left")

	go func() {
		w, _ := run(s, httptest.NewRequest("GET", "/", nil).WithContext(watched(t.Context(), func() { second <- nil })))
		second <- w
	}()
	<-second
	open()
	_, err = io.ReadAll(first.Body)
	require.NoError(t, err)
	open()
	require.Equal(t, 200, (<-second).Code, "its turn comes when the first has ended")
}

// watched is a context that calls f when it is first asked for its end.
func watched(ctx context.Context, f func()) context.Context {
	return &watchedContext{Context: ctx, once: sync.OnceFunc(f)}
}

type watchedContext struct {
	context.Context
	once func()
}

func (c *watchedContext) Done() <-chan struct{} {
	c.once()
	return c.Context.Done()
}

// What a client that has left leaves behind counts until it has ended.
func TestMaxProcessesCountsGroups(t *testing.T) {
	s, _ := script(t, `(trap '' TERM; exec sleep 600) & echo; echo $!; wait`)
	s.MaxProcesses, s.Grace = 1, 200*time.Millisecond
	front := httptest.NewServer(s)
	defer front.Close()
	defer s.Close()
	before := ""
	for range 3 {
		ctx, cancel := context.WithCancel(t.Context())
		r, err := http.NewRequestWithContext(ctx, "GET", front.URL, nil)
		require.NoError(t, err)
		resp, err := http.DefaultClient.Do(r)
		require.NoError(t, err)
		child, err := bufio.NewReader(resp.Body).ReadString('\n')
		require.NoError(t, err)
		if before != "" {
			stat, err := os.ReadFile("/proc/" + before + "/stat")
			require.True(t, err != nil || strings.Contains(string(stat), ") Z "), "the child of the one before is dead: %s", stat)
		}
		before = strings.TrimSpace(child)
		cancel()
		resp.Body.Close()
	}
}

func TestWaitingEndsWithTheTimeOfTheRequest(t *testing.T) {
	s, open := gated(t)
	s.MaxProcesses = 1
	server := httptest.NewServer(s)
	defer server.Close()
	first, err := http.Get(server.URL)
	require.NoError(t, err)
	defer first.Body.Close()
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	w, _ := run(s, httptest.NewRequest("GET", "/", nil).WithContext(ctx))
	require.Equal(t, 503, w.Code)
	open()
}

func TestClose(t *testing.T) {
	for _, row := range []struct{ why, text string }{
		{"a program that answers", `echo; echo $$; exec sleep 600`},
		{"one that ignores TERM, with a child", `trap '' TERM; echo; sleep 600 & echo $$ $!; while :; do wait; done`},
	} {
		s, _ := script(t, row.text)
		s.Grace = 20 * time.Millisecond
		server := httptest.NewServer(s)
		resp, err := http.Get(server.URL)
		require.NoError(t, err)
		numbers, err := bufio.NewReader(resp.Body).ReadString('\n')
		require.NoError(t, err)
		require.NoError(t, s.Close())
		pid, err := strconv.Atoi(strings.Fields(numbers)[0])
		require.NoError(t, err)
		require.NoDirExists(t, fmt.Sprintf("/proc/%d", pid), "%s: it has ended when Close returns", row.why)
		awaitEnd(t, numbers)
		resp.Body.Close()
		server.Close()
		w, _ := run(s, httptest.NewRequest("GET", "/", nil))
		require.Equal(t, 503, w.Code, row.why)
	}
}

func TestCloseEndsWhatGoesOn(t *testing.T) {
	h := &cgi.Root{Dir: tree(t, "a")}
	writeProgram(t, h.Dir+"/a", "#!/bin/sh\necho; echo $$; exec >&- 2>&-; exec sleep 600\n")
	w, broken := run(h, httptest.NewRequest("GET", "/a", nil))
	require.False(t, broken)
	require.NoError(t, h.Close())
	require.NoDirExists(t, "/proc/"+strings.TrimSpace(w.Body.String()), "a program that works on after its response")
}

// A thousand clients leave: before the head, within the body, or in the middle of what they send. TestMain finds goroutines and descriptors
// that are left.
func TestAborts(t *testing.T) {
	const requests, together = 1000, 16
	s, log := script(t, `echo $$ >&2; exec cat`)
	s.Grace = time.Millisecond
	next := make(chan int)
	var wg sync.WaitGroup
	for range together {
		wg.Go(func() {
			for i := range next {
				abort(s, i)
			}
		})
	}
	for i := range requests {
		next <- i
	}
	close(next)
	wg.Wait()
	require.NoError(t, s.Close())
	ran := 0
	for line := range strings.Lines(log.String()) {
		if _, rest, found := strings.Cut(line, " line="); found {
			pid, _, _ := strings.Cut(rest, " ")
			require.NoDirExists(t, "/proc/"+pid, "neither it nor its zombie is left")
			ran++
		}
	}
	require.Greater(t, ran, requests/2, "programs ran")
}

// abort is the i-th request of many, whose client leaves.
func abort(s *cgi.Script, i int) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	body, feed := io.Pipe()
	r := httptest.NewRequest("POST", "/", body).WithContext(ctx)
	r.ContentLength = 1 << 20
	go func() {
		switch i % 3 {
		case 0: // nothing is sent
		case 1: // the program sends a head
			io.WriteString(feed, "Content-Type: text/plain\n\n")
		case 2: // and more than pipes hold
			io.WriteString(feed, "Content-Type: text/plain\n\n"+strings.Repeat("x", 100_000))
		}
		cancel()
		feed.Close()
	}()
	run(s, r)
}
