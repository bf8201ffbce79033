package cgi_test

import (
	"bufio"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
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
