package postern

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// post is the status of the answer to a body.
func post(t *testing.T, client http.RoundTripper, body string) int {
	t.Helper()
	r, err := http.NewRequest(http.MethodPost, "http://postern.test/", strings.NewReader(body))
	require.NoError(t, err)
	answer, err := client.RoundTrip(r)
	require.NoError(t, err)
	require.NoError(t, answer.Body.Close())
	return answer.StatusCode
}

func TestLimits(t *testing.T) {
	inside, release := make(chan struct{}), make(chan struct{})
	ctx, cancel := context.WithCancel(t.Context())
	r := start(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		if r.Method == http.MethodGet {
			inside <- struct{}{}
			<-release
			io.WriteString(w, "done")
		}
	}), func(s *Server) error {
		s.MaxTotalRequests, s.MaxBodyBytes = 1, 4
		return s.Serve(ctx)
	})
	for protocol, client := range r.clients {
		require.Equal(t, http.StatusOK, post(t, client, "1234"), protocol)
		require.Equal(t, http.StatusRequestEntityTooLarge, post(t, client, "12345"), protocol)
		answered := make(chan error, 1)
		go func() {
			body, err := get(client)
			if body != "done" && err == nil {
				err = fmt.Errorf("body %q", body)
			}
			answered <- err
		}()
		<-inside
		require.Equal(t, http.StatusServiceUnavailable, post(t, client, ""), protocol)
		release <- struct{}{}
		require.NoError(t, <-answered, protocol)
	}
	cancel()
	require.NoError(t, <-r.ended)
}

// One connection is served at a time; the next one waits for its end.
func TestMaxConns(t *testing.T) {
	inside, release := make(chan struct{}, 2), make(chan struct{})
	ctx, cancel := context.WithCancel(t.Context())
	r := start(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		inside <- struct{}{}
		<-release
	}), func(s *Server) error {
		s.MaxConns = 1
		return s.Serve(ctx)
	})
	for protocol, client := range r.clients {
		answered := make(chan error, 2)
		for range 2 {
			go func() {
				_, err := get(client)
				answered <- err
			}()
		}
		for range 2 {
			<-inside
			require.Empty(t, inside, "one at a time: %s", protocol)
			release <- struct{}{}
			require.NoError(t, <-answered, protocol)
		}
	}
	cancel()
	require.NoError(t, <-r.ended)
}

func TestMaxBodyInCGI(t *testing.T) {
	cmd := exec.Command(os.Args[0])
	cmd.Env = []string{childVar + "=1", limitVar + "=4", "GORACE=atexit_sleep_ms=0", "GATEWAY_INTERFACE=CGI/1.1", "REQUEST_METHOD=POST",
		"SERVER_PROTOCOL=HTTP/1.1", "REQUEST_URI=/", "CONTENT_LENGTH=5"}
	cmd.Stdin = strings.NewReader("12345")
	answer, err := cmd.Output()
	require.Error(t, err, "exit status 1")
	require.Contains(t, string(answer), "Status: 413 ")
}
