package cgi_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
)

// counted is a body that knows how much of it has been read.
type counted struct {
	io.Reader
	n atomic.Int64
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	c.n.Add(int64(n))
	return n, err
}

// begun is a ResponseWriter that tells when the response begins, and of flushes.
type begun struct {
	*httptest.ResponseRecorder
	tell func()
}

func (b *begun) WriteHeader(status int) {
	b.tell()
	b.ResponseRecorder.WriteHeader(status)
}

func (b *begun) FlushError() error {
	b.tell()
	return nil
}

// nginx, where it reads a body before it passes it on, stops passing it when a response begins.
func TestScriptHoldsTheResponseWhileTheBodyComes(t *testing.T) {
	const size = 8 << 20
	sent, zeros := strings.Repeat("x", size), strings.Repeat("\x00", 300_000)
	for _, row := range []struct {
		why, text, want string
		limit, held     int64 // held is how much has come at least when the response begins
	}{
		{"a program that says something before it reads", `echo; echo first; wc -c`, "first\n8388608\n", 0, size},
		{"one that says something while it reads", `echo; head -c 1000000 | wc -c; cat >/dev/null; echo end`, "1000000\nend\n", 0, size},
		{"and then nothing for a long time", `echo; echo first; cat >/dev/null; exec sleep 600`, "first\n", 0, size},
		{"one that says much before it reads", `echo; head -c 300000 /dev/zero; wc -c`, zeros + "8388608\n", 0, size},
		{"one that says what it reads", `echo; exec cat`, sent, 0, size},
		{"one that says more than there is room for", `echo; exec cat`, sent, 1 << 20, 1 << 20},
		{"one that says much and never reads", `echo; exec head -c 300000 /dev/zero`, zeros, 0, 0},
		{"one that closes its input", `exec <&-; echo; head -c 300000 /dev/zero`, zeros, 0, 0},
		{"one that neither reads nor ends", `echo; echo first; exec sleep 600`, "first\n", 0, size},
	} {
		s, _ := script(t, row.text)
		s.SpoolLimit = row.limit
		body := &counted{Reader: strings.NewReader(sent)}
		ctx, cancel := context.WithCancel(t.Context())
		r := httptest.NewRequest("POST", "/", body).WithContext(ctx)
		r.ContentLength = size
		w := &begun{ResponseRecorder: httptest.NewRecorder()}
		w.tell = func() {
			require.GreaterOrEqual(t, body.n.Load(), row.held, row.why)
			if strings.HasSuffix(row.text, "600") && w.Body.String() == row.want {
				cancel()
			}
		}
		serve(s, w, r)
		require.True(t, row.want == w.Body.String(), "%s: %d bytes", row.why, w.Body.Len())
		cancel()
	}
}

// A client that waits for the response with the rest of its body gets it.
func TestScriptAnswersASilentClient(t *testing.T) {
	s, _ := script(t, `echo; echo first; exec cat`)
	client, feed := io.Pipe()
	r := httptest.NewRequest("POST", "/", client)
	r.ContentLength = 10
	go io.WriteString(feed, "01234")
	w := &begun{ResponseRecorder: httptest.NewRecorder()}
	var rest sync.Once
	w.tell = func() { rest.Do(func() { go io.WriteString(feed, "56789") }) }
	serve(s, w, r)
	require.Equal(t, "first\n0123456789", w.Body.String())
}

// A body that breaks off while the response waits for it leaves the time for an answer that says so.
func TestScriptBodyFailsAfterTheHead(t *testing.T) {
	s, log := script(t, `echo; echo first; cat >/dev/null; exec sleep 600`)
	r := httptest.NewRequest("POST", "/", strings.NewReader("hello"))
	r.ContentLength = 6
	w, broken := run(s, r)
	require.False(t, broken)
	require.Equal(t, 400, w.Code)
	require.Contains(t, log.String(), "request body: unexpected EOF")
}

// serve is for handlers that may break off.
func serve(h http.Handler, w http.ResponseWriter, r *http.Request) {
	defer func() {
		if err := recover(); err != nil && err != http.ErrAbortHandler {
			panic(err)
		}
	}()
	h.ServeHTTP(w, r)
}
