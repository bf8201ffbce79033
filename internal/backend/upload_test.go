package backend

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// uploading returns a request whose body comes from a client, and a front end that knows no deadlines.
func uploading(ctx context.Context, body io.Reader, length int64) *http.Request {
	r := httptest.NewRequestWithContext(ctx, "POST", "/", body)
	r.ContentLength = length
	return Interruptible(httptest.NewRecorder(), r)
}

// waiting says when a response may begin.
func waiting(r *http.Request, end <-chan struct{}) <-chan struct{} {
	begins := make(chan struct{})
	go func() {
		defer close(begins)
		AwaitBody(r, 0, func() <-chan struct{} { return end })
	}()
	return begins
}

func TestAwaitBodyThatNobodyReads(t *testing.T) {
	const size = 1 << 20
	sent := strings.Repeat("0123456789abcdef", size/16)
	for _, row := range []struct {
		why          string
		length       int64
		limit, ahead int64 // ahead of the reader
	}{
		{"a declared length", size, 0, size},
		{"an unknown one", -1, 0, size},
		{"no limit", size, -1, size},
		{"exactly the limit", size, size, size},
		{"a limit is kept to", size, 100_000, 100_000},
		{"one that memory would hold, too", size, 10, 10},
	} {
		synctest.Test(t, func(t *testing.T) {
			t.Setenv("TMPDIR", t.TempDir())
			client := strings.NewReader(sent)
			r := uploading(t.Context(), client, row.length)
			defer CloseBody(r)
			require.NoError(t, AwaitBody(r, row.limit, nil), row.why)
			require.EqualValues(t, row.ahead, size-client.Len(), row.why)
			files, err := os.ReadDir(os.TempDir())
			require.NoError(t, err)
			require.Empty(t, files, "the file has no name")
			got, err := readAll(Declared(r))
			require.NoError(t, err, row.why)
			require.True(t, sent == got, row.why)
		})
	}
}

// A program that reads never has anything in a file: there is no place for one.
func TestAwaitBodyThatIsRead(t *testing.T) {
	const size = 1 << 20
	sent := strings.Repeat("0123456789abcdef", size/16)
	for _, row := range []struct {
		why   string
		pause time.Duration // of who reads, before the first time
	}{
		{"all the time", 0},
		{"but for a while at the beginning, and has then caught up", 3 * standstill},
	} {
		synctest.Test(t, func(t *testing.T) {
			t.Setenv("TMPDIR", "/nonexistent")
			client, feed := io.Pipe()
			go func() {
				io.WriteString(feed, sent[:10_000])
				time.Sleep(row.pause + row.pause/2)
				io.WriteString(feed, sent[10_000:])
			}()
			r := uploading(t.Context(), client, size)
			defer CloseBody(r)
			begins := waiting(r, nil)
			time.Sleep(row.pause)
			var got strings.Builder
			for part := make([]byte, 10_000); got.Len() < size; time.Sleep(standstill * 9 / 10) {
				n, err := r.Body.Read(part)
				got.Write(part[:n])
				if err != nil {
					require.Equal(t, io.EOF, err, row.why)
				}
			}
			<-begins
			require.True(t, sent == got.String(), row.why)
		})
	}
}

func TestAwaitBodyEnds(t *testing.T) {
	ended := make(chan struct{})
	close(ended)
	for _, row := range []struct {
		why string
		do  func(r *http.Request, cancel func())
		end <-chan struct{} // of who is asked for the response
	}{
		{"the client sends nothing", func(*http.Request, func()) {}, nil},
		{"nor to who reads", func(r *http.Request, _ func()) { go r.Body.Read(make([]byte, 1)) }, nil},
		{"the body is not wanted", func(r *http.Request, _ func()) { Unwanted(r) }, nil},
		{"it is closed", func(r *http.Request, _ func()) { CloseBody(r) }, nil},
		{"the context ends", func(_ *http.Request, cancel func()) { cancel() }, nil},
		{"who is to answer has ended", func(*http.Request, func()) {}, ended},
	} {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			client, feed := io.Pipe()
			r := uploading(ctx, client, 10)
			begins := waiting(r, row.end)
			synctest.Wait()
			row.do(r, cancel)
			<-begins
			CloseBody(r)
			feed.Close()
			synctest.Wait()
			_, err := r.Body.Read(make([]byte, 1))
			require.ErrorIs(t, err, errClosed, row.why)
		})
	}
}

func TestAwaitBodyOfASilentClient(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, feed := io.Pipe()
		r := uploading(t.Context(), client, 10)
		defer CloseBody(r)
		begins := waiting(r, nil)
		io.WriteString(feed, "01234")
		<-begins
		go io.WriteString(feed, "56789")
		got, err := readAll(Declared(r))
		require.NoError(t, err)
		require.Equal(t, "0123456789", got, "the client goes on once it has a response")
	})
}

func TestAwaitBodyThatFails(t *testing.T) {
	for _, row := range []struct {
		why, err string
		tmp      string
		sent     string
		length   int64
	}{
		{"the client sends less than it says", "unexpected EOF", os.TempDir(), "01234", 6},
		{"there is no place for a file", "temporary file", "/nonexistent", strings.Repeat("x", 1<<20), 1 << 20},
	} {
		synctest.Test(t, func(t *testing.T) {
			t.Setenv("TMPDIR", row.tmp)
			r := uploading(t.Context(), strings.NewReader(row.sent), row.length)
			defer CloseBody(r)
			require.ErrorContains(t, AwaitBody(r, 0, nil), row.err, row.why)
			got, err := readAll(Declared(r))
			require.ErrorContains(t, err, row.err, "nobody takes a part for the whole")
			require.Equal(t, min(len(row.sent), spoolMemory), len(got), row.why)
		})
	}
}
