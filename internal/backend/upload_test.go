package backend

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
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
	r, _ = Interruptible(httptest.NewRecorder(), r)
	return r
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

// A front is a front end with deadlines, to which a client sends.
type front struct {
	*httptest.ResponseRecorder
	mu       sync.Mutex
	deadline time.Time
	cut      bool // there was a deadline in the past
	sent     int  // bytes that have come and are not yet read
	read     int
	end      int    // after so many there is the end
	late     func() // called, if not nil, when a deadline has passed
}

func (f *front) SetReadDeadline(t time.Time) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.deadline = t
	f.cut = f.cut || !t.IsZero() && !t.After(time.Now())
	return nil
}

func (f *front) send(n int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.sent += n
}

func (f *front) Read(p []byte) (int, error) {
	for ; ; time.Sleep(time.Millisecond) {
		if n, err := f.try(p); n > 0 || err != nil {
			return n, err
		}
	}
}

func (f *front) try(p []byte) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	n := min(len(p), f.sent)
	f.sent -= n
	f.read += n
	switch {
	case f.read == f.end:
		return n, io.EOF
	case n == 0 && !f.deadline.IsZero() && !f.deadline.After(time.Now()):
		if f.late != nil {
			f.late()
		}
		return 0, os.ErrDeadlineExceeded
	}
	return n, nil
}

// Net/http reads behind the end of a body, for the departure of the client. A deadline that has passed would be taken for that, by this request and
// all that follow on the connection. And after an error nothing else than that connection's end keeps it from reading a rest as a request.
func TestCloseBeforeTheEnd(t *testing.T) {
	const never = 0
	for _, row := range []struct {
		why     string
		major   int // of HTTP in net/http; 0 is another front end
		length  int64
		end     int           // the bytes that there are
		reading bool          // a Read is under way
		comes   time.Duration // when the client sends them, after Close
		takes   time.Duration
		cut     bool // the context of the request ends of it
		ends    bool // the connection does
	}{
		{"the rest of a small one is waited for", 1, 10, 10, true, time.Second, time.Second, false, false},
		{"and drained, when nobody reads", 1, 10, 10, false, time.Second, time.Second, false, false},
		{"the largest that is", 1, maxUnread, maxUnread, true, time.Second, time.Second, false, false},
		{"but not for long", 1, 10, 10, true, never, drainTime, true, true},
		{"nor longer where nobody reads", 1, 10, 10, false, never, drainTime, true, true},
		{"what comes late is too late", 1, 10, 10, true, drainTime + time.Second, drainTime, true, true},
		{"a larger one is cut", 1, maxUnread + 1, maxUnread + 1, true, never, 0, true, true},
		{"and left to net/http when nobody reads", 1, maxUnread + 1, maxUnread + 1, false, never, 0, false, true},
		{"one of unknown length is cut", 1, -1, 10, true, time.Second, 0, true, true},
		{"and drained, when nobody reads", 1, -1, 10, false, time.Second, time.Second, false, false},
		{"as far as one of known length would be", 1, -1, 10 << 20, false, time.Second, time.Second, false, true},
		{"nobody waits over HTTP/2", 2, 10, 10, true, never, 0, false, false},
		{"nor in other front ends", 0, 10, 10, true, never, 0, false, false},
	} {
		for closers := 1; closers <= 2; closers++ {
			synctest.Test(t, func(t *testing.T) {
				ctx := t.Context()
				if row.major > 0 {
					ctx = context.WithValue(ctx, http.ServerContextKey, new(http.Server))
				}
				f := &front{ResponseRecorder: httptest.NewRecorder(), end: row.end}
				r := httptest.NewRequestWithContext(ctx, "POST", "/", f)
				r.ContentLength, r.ProtoMajor = row.length, row.major
				r, done := Interruptible(f, r)
				if row.reading {
					go r.Body.Read(make([]byte, 2*maxUnread))
				}
				synctest.Wait()
				if row.comes != never {
					time.AfterFunc(row.comes, func() { f.send(row.end) })
				}
				began := time.Now()
				for range closers - 1 {
					go CloseBody(r)
				}
				synctest.Wait()
				CloseBody(r)
				require.Equal(t, row.takes, time.Since(began).Truncate(10*time.Millisecond), row.why)
				require.Equal(t, row.cut, cut(r), row.why)
				done()
				if row.major == 1 {
					require.Equal(t, row.ends, f.cut, "%s: net/http is not to wait for more", row.why)
				}
				require.Equal(t, row.ends, !f.deadline.IsZero(), row.why)
				u := r.Body.(*upload)
				require.Equal(t, row.ends, u.http1 && !u.ended, row.why)
				time.Sleep(2 * drainTime)
			})
		}
	}
}

// That the context ends with a body that is cut hides nothing from the client.
func TestMeasureOfABodyThatIsCut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(context.WithValue(t.Context(), http.ServerContextKey, new(http.Server)))
		f := &front{ResponseRecorder: httptest.NewRecorder(), end: 100, late: cancel}
		r := httptest.NewRequestWithContext(ctx, "POST", "/", f)
		r.ContentLength = -1
		r, done := Interruptible(f, r)
		defer done()
		f.send(10)
		_, err := Measure(r, 5)
		require.Error(t, ctx.Err())
		require.ErrorIs(t, err, ErrTooLarge)
		w := httptest.NewRecorder()
		Fail(w, r, err, func(error) {})
		require.Equal(t, http.StatusRequestEntityTooLarge, w.Code)
	})
}

// panicking is a body that its server has given up.
type panicking struct{ io.Reader }

func (panicking) Read([]byte) (int, error) { panic(http.ErrAbortHandler) }

func TestCloseOfABodyThatPanics(t *testing.T) {
	ctx := context.WithValue(t.Context(), http.ServerContextKey, new(http.Server))
	f := &front{ResponseRecorder: httptest.NewRecorder()}
	r := httptest.NewRequestWithContext(ctx, "POST", "/", panicking{})
	r.ContentLength = 10
	r, done := Interruptible(f, r)
	require.PanicsWithValue(t, http.ErrAbortHandler, func() { CloseBody(r) })
	done()
}
