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
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// awaitEnd waits until none of the processes runs whose numbers a program has written.
func awaitEnd(t *testing.T, numbers string) {
	t.Helper()
	require.NotEmpty(t, strings.Fields(numbers))
	for _, field := range strings.Fields(numbers) {
		pid, err := strconv.Atoi(field)
		require.NoError(t, err, numbers)
		fd, err := unix.PidfdOpen(pid, 0)
		if err == unix.ESRCH {
			continue
		}
		require.NoError(t, err)
		for {
			if _, err = unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}, -1); err != unix.EINTR {
				break
			}
		}
		require.NoError(t, err)
		require.NoError(t, unix.Close(fd))
	}
}

func TestScriptIsKilledWithItsChildren(t *testing.T) {
	for _, row := range []struct{ why, text string }{
		{"one that ends on TERM", `sleep 600 & echo; echo $$ $!; wait`},
		{"one that does not", `trap '' TERM; sleep 600 & echo; echo $$ $!; while :; do wait; done`},
		{"children that do not, of one that does", `(trap '' TERM; while :; do sleep 600; done) & echo; echo $$ $!; wait`},
		{"one that has left a child behind with its output", `sleep 600 & echo; echo $!`},
	} {
		s, _ := script(t, row.text)
		s.Grace = 20 * time.Millisecond
		front := httptest.NewServer(s)
		ctx, cancel := context.WithCancel(t.Context())
		r, err := http.NewRequestWithContext(ctx, "GET", front.URL, nil)
		require.NoError(t, err)
		resp, err := http.DefaultClient.Do(r)
		require.NoError(t, err, row.why)
		numbers, err := bufio.NewReader(resp.Body).ReadString('\n')
		require.NoError(t, err, row.why)
		cancel()
		resp.Body.Close()
		awaitEnd(t, numbers)
		front.Close()
	}
}

// The leader dies of TERM at once; its child has something to put away first, for which it has Grace.
func TestScriptChildrenHaveGrace(t *testing.T) {
	lock := filepath.Join(t.TempDir(), "lock")
	s, _ := script(t, `(trap 'sleep .1; rm '`+lock+`'; exit' TERM; echo >`+lock+`; echo; echo $$; sleep 600 & wait) & wait`)
	s.Grace = 3 * time.Second // an init that does not reap at once has the group last that long
	front := httptest.NewServer(s)
	defer front.Close()
	ctx, cancel := context.WithCancel(t.Context())
	r, err := http.NewRequestWithContext(ctx, "GET", front.URL, nil)
	require.NoError(t, err)
	resp, err := http.DefaultClient.Do(r)
	require.NoError(t, err)
	_, err = bufio.NewReader(resp.Body).ReadString('\n')
	require.NoError(t, err)
	cancel()
	resp.Body.Close()
	require.NoError(t, s.Close(), "which waits for the whole group")
	_, err = os.Stat(lock)
	require.ErrorIs(t, err, os.ErrNotExist)
}

// One that reads is not at fault, however little the client sends at a time.
func TestScriptTimeoutOfOneThatReads(t *testing.T) {
	t.Parallel()
	s, _ := script(t, `read line; rest=$(cat); echo; echo "$rest"`)
	s.Timeout = 1500 * time.Millisecond
	body, client := io.Pipe()
	go func() {
		for _, line := range []string{"\n", "a", "b"} {
			time.Sleep(800 * time.Millisecond)
			io.WriteString(client, line)
		}
	}()
	r := httptest.NewRequest("POST", "/", body)
	r.ContentLength = 3
	w, broken := run(s, r)
	require.False(t, broken)
	require.Equal(t, 200, w.Code)
	require.Equal(t, "ab\n", w.Body.String())
}

// A client that sends a little all the time does not keep a program going that reads nothing, nor is a program at fault that waits for it.
func TestScriptTimeoutWhileTheBodyComes(t *testing.T) {
	for _, row := range []struct {
		why, text string
		every     time.Duration // between two bytes of the client; 0: it sends one
		status    int
		log       string
	}{
		{"the program does not read", `exec sleep 600`, 20 * time.Millisecond, 504, "no output"},
		{"the client sends nothing", `cat >/dev/null; echo`, 0, 408, "nothing of it"},
	} {
		s, log := script(t, row.text)
		s.Timeout = 300 * time.Millisecond
		body, client := io.Pipe()
		go func() {
			for {
				if _, err := client.Write([]byte("x")); err != nil || row.every == 0 {
					return
				}
				time.Sleep(row.every)
			}
		}()
		r := httptest.NewRequest("POST", "/", body)
		r.ContentLength = 1 << 20
		w, broken := run(s, r)
		body.Close()
		require.False(t, broken, row.why)
		require.Equal(t, row.status, w.Code, row.why)
		require.Contains(t, log.String(), row.log, row.why)
	}
}

func TestScriptTimeout(t *testing.T) {
	t.Run("before the head", func(t *testing.T) {
		s, log := script(t, `exec sleep 600`)
		s.Timeout = 20 * time.Millisecond
		w, broken := run(s, httptest.NewRequest("GET", "/", nil))
		require.False(t, broken)
		require.Equal(t, 504, w.Code)
		require.Contains(t, log.String(), "no output for 20ms")
	})
	t.Run("after the head", func(t *testing.T) {
		t.Parallel()
		s, _ := script(t, `printf '\nhalf'; exec sleep 600`)
		s.Timeout = time.Second
		w, broken := run(s, httptest.NewRequest("GET", "/", nil))
		require.True(t, broken)
		require.Equal(t, "half", w.Body.String())
	})
	t.Run("of the request", func(t *testing.T) {
		s, _ := script(t, `exec sleep 600`)
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
		defer cancel()
		w, broken := run(s, httptest.NewRequest("GET", "/", nil).WithContext(ctx))
		require.False(t, broken)
		require.Equal(t, 504, w.Code)
	})
	t.Run("of one that works on without output", func(t *testing.T) {
		t.Parallel()
		s, _ := script(t, `echo; echo $$; exec >&- 2>&-; sleep 600`)
		s.Timeout, s.Grace = time.Second, -1
		w, broken := run(s, httptest.NewRequest("GET", "/", nil))
		require.False(t, broken, "its response is whole")
		awaitEnd(t, w.Body.String())
	})
	t.Run("of one that works on after all that it announced", func(t *testing.T) {
		t.Parallel()
		s, _ := script(t, `printf 'Content-Length: 9\n\n%09d' $$; exec sleep 600`)
		s.Timeout, s.Grace = time.Second, -1
		w, broken := run(s, httptest.NewRequest("GET", "/", nil))
		require.False(t, broken, "its response is whole")
		awaitEnd(t, w.Body.String())
	})
}

func TestScriptLeavesNoZombies(t *testing.T) {
	s, _ := script(t, `echo; echo $$`)
	for range 20 {
		w, _ := run(s, httptest.NewRequest("GET", "/", nil))
		pid, err := strconv.Atoi(strings.TrimSpace(w.Body.String()))
		require.NoError(t, err)
		_, err = os.Stat(fmt.Sprintf("/proc/%d", pid))
		require.ErrorIs(t, err, os.ErrNotExist, "it is reaped when the handler returns")
	}
}
