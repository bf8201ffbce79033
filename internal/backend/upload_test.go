package backend

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"testing/iotest"
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
	synctest.Test(t, func(t *testing.T) {
		r := uploading(t.Context(), strings.NewReader("01234"), 6)
		defer CloseBody(r)
		require.ErrorContains(t, AwaitBody(r, 0, nil), "unexpected EOF", "the client sends less than it says")
		got, err := readAll(Declared(r))
		require.ErrorContains(t, err, "unexpected EOF", "nobody takes a part for the whole")
		require.Equal(t, "01234", got)
	})
}

func TestAwaitBodyWithoutAPlace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		t.Setenv("TMPDIR", "/nonexistent")
		sent := strings.Repeat("0123456789abcdef", 1<<16)
		client := strings.NewReader(sent)
		r := uploading(t.Context(), client, int64(len(sent)))
		defer CloseBody(r)
		require.NoError(t, AwaitBody(r, 0, nil), "a response waits no more when there is no place for a file")
		require.NotZero(t, client.Len())
		got, err := readAll(Declared(r))
		require.NoError(t, err)
		require.True(t, sent == got, "nothing is lost of what was read ahead")
	})
}

// A program that stands still has what the client sends read, so that its departure shows.
func TestReadAhead(t *testing.T) {
	const size = 1 << 20
	sent := strings.Repeat("0123456789abcdef", size/16)
	broken := errors.New("the client has left")
	for _, row := range []struct {
		why    string
		do     func(r *http.Request)
		client io.Reader
		limit  int64
		left   int   // of what the client sent, in bytes, when nobody reads
		err    error // that is told
	}{
		{"as long as nobody reads", func(*http.Request) {}, strings.NewReader(sent), 0, 0, nil},
		{"up to the limit", func(*http.Request) {}, strings.NewReader(sent), 100_000, size - 100_000, nil},
		{"what is unwanted beyond it", Unwanted, strings.NewReader(sent), 100_000, 0, nil},
		{"a body that breaks off", func(*http.Request) {}, io.MultiReader(strings.NewReader(sent[:10]), iotest.ErrReader(broken)), 0, 0, broken},
		{"an unwanted one when the client leaves", Unwanted, io.MultiReader(strings.NewReader(sent[:10])), 0, 0, io.ErrUnexpectedEOF},
		{"not when it is only late", Unwanted, io.MultiReader(strings.NewReader(sent[:10]), iotest.ErrReader(os.ErrDeadlineExceeded)), 0, 0, nil},
	} {
		synctest.Test(t, func(t *testing.T) {
			r := uploading(t.Context(), row.client, size)
			defer CloseBody(r)
			var told error
			ReadAhead(r, row.limit, func(err error) { told = err })
			row.do(r)
			time.Sleep(2 * standstill)
			synctest.Wait()
			if client, ok := row.client.(*strings.Reader); ok {
				require.Equal(t, row.left, client.Len(), row.why)
			}
			require.Equal(t, row.err, told, row.why)
		})
	}
}

func TestReadAheadGoesOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sent := strings.Repeat("0123456789abcdef", 1<<16)
		r := uploading(t.Context(), strings.NewReader(sent), int64(len(sent)))
		defer CloseBody(r)
		ReadAhead(r, 100_000, func(error) {})
		var got strings.Builder
		for part := make([]byte, 30_000); got.Len() < len(sent); time.Sleep(3 * standstill) {
			n, err := r.Body.Read(part)
			got.Write(part[:n])
			require.True(t, err == nil || err == io.EOF)
		}
		require.True(t, sent == got.String(), "in the right order")
	})
}

// A front is a front end with deadlines, in which something of a body arrives whenever a Read is interrupted.
type front struct {
	*httptest.ResponseRecorder
	io.Reader
	deadlines chan time.Time
	first     time.Time // that a Read met
}

func (f *front) SetReadDeadline(t time.Time) error {
	if !t.IsZero() {
		f.deadlines <- t
	}
	return nil
}

func (f *front) Read(p []byte) (int, error) {
	if deadline := <-f.deadlines; f.first.IsZero() {
		f.first = deadline
	}
	return f.Reader.Read(p)
}

// All that is missing of a body may arrive while it is closed. Then net/http reads in the background, and a deadline that has passed would end
// the context of the connection.
func TestCloseWhileTheBodyArrives(t *testing.T) {
	for _, row := range []struct {
		why     string
		length  int64
		netHTTP bool
		past    bool // the Read meets a deadline that has passed
	}{
		{"net/http reads on after the end of a small one", 10, true, false},
		{"and of the largest that is drained", maxUnread, true, false},
		{"a larger one does not end in one Read", maxUnread + 1, true, true},
		{"other front ends do not read on", 10, false, true},
	} {
		synctest.Test(t, func(t *testing.T) {
			ctx := t.Context()
			if row.netHTTP {
				ctx = context.WithValue(ctx, http.ServerContextKey, new(http.Server))
			}
			f := &front{httptest.NewRecorder(), strings.NewReader(strings.Repeat("x", int(row.length))), make(chan time.Time, 1), time.Time{}}
			r := httptest.NewRequestWithContext(ctx, "POST", "/", f)
			r.ContentLength = row.length
			r = Interruptible(f, r)
			read := make(chan int, 1)
			go func() {
				n, _ := r.Body.Read(make([]byte, row.length))
				read <- n
			}()
			synctest.Wait()
			CloseBody(r)
			require.EqualValues(t, min(row.length, maxUnread), <-read, row.why)
			require.Equal(t, row.past, f.first.Before(time.Now()), row.why)
		})
	}
}
