package cgi_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
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

// flushed is a ResponseWriter that tells of flushes.
type flushed struct {
	*httptest.ResponseRecorder
	flush func()
}

func (f *flushed) FlushError() error {
	f.flush()
	return nil
}

// nginx, where it reads a body before it passes it on, stops passing it when a response begins.
func TestScriptHoldsFlushesWhileTheBodyComes(t *testing.T) {
	const size = 4 << 20
	for _, row := range []struct{ why, text, want string }{
		{"a program that says something before it reads", `echo; echo first; wc -c`, "first\n4194304\n"},
		{"one that says something while it reads", `echo; head -c 1000000 | wc -c; cat >/dev/null; echo end`, "1000000\nend\n"},
		{"and then nothing for a long time", `echo; echo first; cat >/dev/null; exec sleep 600`, "first\n"},
	} {
		s, _ := script(t, row.text)
		body := &counted{Reader: strings.NewReader(strings.Repeat("x", size))}
		ctx, cancel := context.WithCancel(t.Context())
		r := httptest.NewRequest("POST", "/", body).WithContext(ctx)
		r.ContentLength = size
		w := &flushed{ResponseRecorder: httptest.NewRecorder(), flush: func() {
			require.EqualValues(t, size, body.n.Load(), row.why)
			if strings.HasSuffix(row.text, "600") {
				cancel() // what was held back has arrived
			}
		}}
		serve(s, w, r)
		require.Equal(t, row.want, w.Body.String(), row.why)
		cancel()
	}
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
