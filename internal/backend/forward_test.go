package backend

import (
	"bufio"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// dying is a back end that takes something of the body and ends without a response.
type dying struct{}

func (dying) RoundTrip(r *http.Request) (*http.Response, error) {
	some := make(chan bool)
	go func() {
		io.ReadFull(r.Body, make([]byte, 5))
		close(some)
		r.Body.Read(make([]byte, 1))
	}()
	<-some
	for { // until it waits for more
		u := r.Body.(*upload)
		u.mu.Lock()
		reading := u.reading
		u.mu.Unlock()
		if reading {
			break
		}
		time.Sleep(time.Millisecond)
	}
	r.Body.Close()
	return nil, errors.New("ended without a response")
}

// reading is a back end that takes all of the body and answers nothing.
type reading struct{}

func (reading) RoundTrip(r *http.Request) (*http.Response, error) {
	defer r.Body.Close()
	if _, err := io.Copy(io.Discard, r.Body); err != nil {
		return nil, &BodyError{err}
	}
	return nil, errors.New("ended without a response")
}

// dead is a back end that nobody reaches.
type dead struct{}

func (dead) RoundTrip(r *http.Request) (*http.Response, error) {
	r.Body.Close()
	return nil, errors.New("ended without a response")
}

// In net/http the end of a Read that was interrupted looks like the departure of the client, and what the client sends then like its next request.
func TestForwardOfABodyWithoutAnEnd(t *testing.T) {
	const next = "GET /next HTTP/1.1\r\nHost: h\r\n\r\n"
	bounded := func(n int64) func(w http.ResponseWriter, r *http.Request) {
		return func(w http.ResponseWriter, r *http.Request) { r.Body = http.MaxBytesReader(w, r.Body, n) }
	}
	for _, row := range []struct {
		why    string
		rt     http.RoundTripper
		before func(w http.ResponseWriter, r *http.Request)
		sent   string // with the head
		status int
		rest   string // sent after the response
	}{
		{"a large one", dying{}, nil, "Content-Length: 10000000\r\n\r\nhello", 502, next},
		{"one of unknown length", dying{}, nil, "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n20\r\n", 502, next},
		{"one with an error in it", reading{}, nil, "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nZZ\r\n" + next, 400, ""},
		{"one that net/http does not know again", dead{}, bounded(1 << 30), "Content-Length: 10000000\r\n\r\n" + strings.Repeat("x", maxUnread) + next, 502, ""},
		{"one over a limit", reading{}, bounded(5), "Content-Length: 1000\r\n\r\nhello" + next, 413, next},
	} {
		for _, wrap := range []func(w http.ResponseWriter) http.ResponseWriter{
			func(w http.ResponseWriter) http.ResponseWriter { return w },
			func(w http.ResponseWriter) http.ResponseWriter { return wrapped{w} },
		} {
			var asked atomic.Int32
			logged := make(chan error, 1)
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				asked.Add(1)
				w = wrap(w)
				if row.before != nil {
					row.before(w, r)
				}
				Forward(w, r, row.rt, func(err error) { logged <- err })
			}))
			conn, err := net.Dial("tcp", server.Listener.Addr().String())
			require.NoError(t, err)
			require.NoError(t, conn.SetDeadline(time.Now().Add(time.Minute)))
			_, err = io.WriteString(conn, "POST / HTTP/1.1\r\nHost: h\r\n"+row.sent)
			require.NoError(t, err)
			from := bufio.NewReader(conn)
			resp, err := http.ReadResponse(from, nil)
			require.NoError(t, err, row.why)
			require.Equal(t, row.status, resp.StatusCode, "%s: the client is still there", row.why)
			require.Error(t, <-logged)
			_, err = io.Copy(io.Discard, resp.Body)
			require.NoError(t, err)
			io.WriteString(conn, row.rest)
			more, _ := io.ReadAll(from)
			require.Empty(t, string(more), "%s: the connection ends", row.why)
			require.EqualValues(t, 1, asked.Load(), "%s: a part of a body is no request", row.why)
			conn.Close()
			server.Close()
		}
	}
}

// wrapped is what middleware does to a ResponseWriter.
type wrapped struct{ http.ResponseWriter }

func (w wrapped) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func TestForwardOverHTTP2(t *testing.T) {
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		Forward(w, r, dying{}, func(error) {})
	}))
	server.EnableHTTP2 = true
	server.StartTLS()
	defer server.Close()
	client := server.Client()
	body, feed := io.Pipe()
	defer feed.Close()
	go io.WriteString(feed, "hello")
	resp, err := client.Post(server.URL, "text/plain", body)
	require.NoError(t, err)
	defer resp.Body.Close()
	require.Equal(t, "HTTP/2.0", resp.Proto)
	require.Equal(t, 502, resp.StatusCode)
	require.True(t, strings.HasPrefix(resp.Status, "502"))
}

// A client that is too slow for net/http.Server is still there.
func TestForwardOfABodyThatIsLate(t *testing.T) {
	for _, length := range []string{"Content-Length: 10\r\n\r\nhello", "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"} {
		logged := make(chan error, 1)
		server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			Forward(w, r, reading{}, func(err error) { logged <- err })
		}))
		server.Config.ReadTimeout = 100 * time.Millisecond
		server.Start()
		conn, err := net.Dial("tcp", server.Listener.Addr().String())
		require.NoError(t, err)
		require.NoError(t, conn.SetDeadline(time.Now().Add(time.Minute)))
		_, err = io.WriteString(conn, "POST / HTTP/1.1\r\nHost: h\r\n"+length)
		require.NoError(t, err)
		resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
		require.NoError(t, err, length)
		require.Equal(t, http.StatusRequestTimeout, resp.StatusCode, length)
		require.ErrorContains(t, <-logged, "timeout")
		conn.Close()
		server.Close()
	}
}
