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

	"github.com/stretchr/testify/require"
)

func readAll(r io.Reader) (string, error) {
	b, err := io.ReadAll(r)
	return string(b), err
}

// chunkedRequest is a request with a body of unknown length.
func chunkedRequest(body io.ReadCloser) *http.Request {
	r := httptest.NewRequest("POST", "/", nil)
	r.Body, r.ContentLength = body, -1
	return r
}

func TestMeasure(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	for _, row := range []struct {
		why   string
		size  int
		limit int64
		err   error
	}{
		{"no byte", 0, 0, nil},
		{"a few bytes in memory", 100, 0, nil},
		{"exactly what memory holds", spoolMemory, 0, nil},
		{"one byte more", spoolMemory + 1, 0, nil},
		{"a large one in a file", 1 << 20, 0, nil},
		{"exactly the limit", 1000, 1000, nil},
		{"over the limit", 1001, 1000, ErrTooLarge},
		{"exactly a limit over what memory holds", 100_000, 100_000, nil},
		{"over a limit over what memory holds", 100_001, 100_000, ErrTooLarge},
		{"without limit", 1 << 20, -1, nil},
	} {
		body := strings.Repeat("0123456789abcdef", row.size/16+1)[:row.size]
		closed := &closing{Reader: strings.NewReader(body)}
		r, err := Measure(chunkedRequest(closed), row.limit)
		require.ErrorIs(t, err, row.err, row.why)
		require.True(t, closed.done, row.why)
		if err == nil {
			require.Equal(t, int64(row.size), r.ContentLength, row.why)
			got, err := readAll(r.Body)
			require.NoError(t, err, row.why)
			require.True(t, got == body, row.why)
			require.NoError(t, r.Body.Close(), row.why)
			_, err = r.Body.Read(make([]byte, 1))
			require.Error(t, err, "%s: nothing is left after Close", row.why)
		}
		left, err := os.ReadDir(os.TempDir())
		require.NoError(t, err, row.why)
		require.Empty(t, left, "%s: a file has no name", row.why)
	}
}

type closing struct {
	io.Reader
	done bool
}

func (c *closing) Close() error {
	c.done = true
	return nil
}

func TestMeasureErrors(t *testing.T) {
	broken := errors.New("broken")
	_, err := Measure(chunkedRequest(io.NopCloser(iotest.ErrReader(broken))), 0)
	require.ErrorIs(t, err, broken, "an error of the body")
	require.ErrorAs(t, err, new(*BodyError))

	t.Setenv("TMPDIR", t.TempDir()+"/missing")
	_, err = Measure(chunkedRequest(io.NopCloser(strings.NewReader(strings.Repeat("x", 1<<20)))), 0)
	require.ErrorIs(t, err, os.ErrNotExist, "no place for the file")
	require.False(t, errors.As(err, new(*BodyError)), "it is not the client's fault")
}

func TestMeasureEndsWithTheContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	src, dst := io.Pipe()
	go func() {
		io.WriteString(dst, "some")
		cancel()
	}()
	_, err := Measure(chunkedRequest(src).WithContext(ctx), 0)
	require.ErrorIs(t, err, context.Canceled, "the client is still sending")
}
