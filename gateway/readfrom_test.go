package gateway_test

import (
	"bytes"
	"io"
	"net/http"
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/postern-go/postern/env"
	"github.com/postern-go/postern/gateway"
	"github.com/stretchr/testify/require"
)

// A copier is an exchange that can send files by itself.
type copier struct {
	originMemory
	copied int64          // bytes that went that way
	files  []syscall.Conn // that came
	err    error
}

func (c *copier) ReadFrom(src io.Reader) (int64, error) {
	inner := src
	if l, ok := src.(*io.LimitedReader); ok {
		inner = l.R
	}
	c.files = append(c.files, inner.(syscall.Conn))
	n, err := io.Copy(&c.out, src)
	c.copied += n
	if c.err != nil {
		err = c.err
	}
	return n, err
}

// file returns a file with this text.
func file(t *testing.T, text string) *os.File {
	t.Helper()
	f, err := os.Create(t.TempDir() + "/f")
	require.NoError(t, err)
	t.Cleanup(func() { f.Close() })
	_, err = f.WriteString(text)
	require.NoError(t, err)
	_, err = f.Seek(0, io.SeekStart)
	require.NoError(t, err)
	return f
}

const sniffed = 512 // what goes by Write, since it may decide the type

func TestReadFrom(t *testing.T) {
	text := strings.Repeat("0123456789", 1000)
	head := func(h http.Header) func(w http.ResponseWriter) {
		return func(w http.ResponseWriter) {
			for name := range h {
				w.Header().Set(name, h.Get(name))
			}
		}
	}
	declared := head(http.Header{"Content-Length": {"10000"}})
	for _, row := range []struct {
		why    string
		origin bool
		method string
		before func(w http.ResponseWriter)
		src    func(f *os.File) io.Reader
		copied int64 // by the exchange itself
		n      int64
		err    error
		body   string
	}{
		{"a file with its length", true, "GET", declared, nil, 10000 - sniffed, 10000, nil, text},
		{"a file in a CGI response, whose end is the end", false, "GET", head(nil), nil, 10000 - sniffed, 10000, nil, text},
		{"without a length it needs chunks", true, "GET", head(nil), nil, 0, 10000, nil, ""},
		{"a part of a file", true, "GET", head(http.Header{"Content-Length": {"5000"}}), func(f *os.File) io.Reader { return io.LimitReader(f, 5000) }, 5000 - sniffed, 5000, nil, text[:5000]},
		{"a part of a part", false, "GET", head(nil), func(f *os.File) io.Reader { return io.LimitReader(f, 600) }, 600 - sniffed, 600, nil, text[:600]},
		{"after what was written", false, "GET", func(w http.ResponseWriter) { io.WriteString(w, "before ") }, nil, 10000 - sniffed, 10000, nil, "before " + text},
		{"a file that is longer than declared", true, "GET", head(http.Header{"Content-Length": {"9000"}}), nil, 9000 - sniffed, 9000, http.ErrContentLength, text[:9000]},
		{"a part that is longer than declared", true, "GET", head(http.Header{"Content-Length": {"4000"}}), func(f *os.File) io.Reader { return io.LimitReader(f, 4001) }, 4000 - sniffed, 4000, http.ErrContentLength, text[:4000]},
		{"a small file", false, "GET", head(nil), func(f *os.File) io.Reader { return io.LimitReader(f, 100) }, 0, 100, nil, text[:100]},
		{"no file", false, "GET", head(nil), func(*os.File) io.Reader { return strings.NewReader(text) }, 0, 10000, nil, text},
		{"HEAD", true, "HEAD", declared, nil, 0, 10000, nil, ""},
		{"204", false, "GET", func(w http.ResponseWriter) { w.WriteHeader(204) }, nil, 0, 0, http.ErrBodyNotAllowed, ""},
	} {
		t.Run(row.why, func(t *testing.T) {
			f := file(t, text)
			v := vars(get)
			v.Set("REQUEST_METHOD", row.method)
			c := &copier{originMemory: originMemory{memory: newMemory(v, "")}}
			err := (&gateway.Engine{Origin: row.origin}).Run(t.Context(), c, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				row.before(w)
				src := io.Reader(f)
				if row.src != nil {
					src = row.src(f)
				}
				n, err := w.(io.ReaderFrom).ReadFrom(src)
				require.Equal(t, row.n, n)
				require.ErrorIs(t, err, row.err)
			}))
			require.NoError(t, err)
			require.Equal(t, row.copied, c.copied)
			_, body, _ := strings.Cut(c.out.String(), "\r\n\r\n")
			if row.body != "" || row.copied > 0 {
				require.Equal(t, row.body, body)
			}
			for _, seen := range c.files {
				require.Same(t, f, seen, "the exchange finds the file below one limit at most")
			}
		})
	}
}

// A file that ends before its declared length breaks the exchange off.
func TestReadFromShort(t *testing.T) {
	c := &copier{originMemory: originMemory{memory: newMemory(vars(get), "")}}
	err := (&gateway.Engine{Origin: true}).Run(t.Context(), c, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "2000")
		n, err := io.Copy(w, file(t, strings.Repeat("x", 1000)))
		require.NoError(t, err)
		require.EqualValues(t, 1000, n)
	}))
	require.ErrorIs(t, err, gateway.ErrShortBody)
}

func TestReadFromError(t *testing.T) {
	c := &copier{originMemory: originMemory{memory: newMemory(vars(get), "")}, err: errGone}
	err := (&gateway.Engine{}).Run(t.Context(), c, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, err := io.Copy(w, file(t, strings.Repeat("x", 1000)))
		require.ErrorIs(t, err, errGone)
	}))
	require.NoError(t, err, "it may have been the file's error: the next write tells")
}

// A lost exchange is one whose Flush fails since ReadFrom has.
type lost struct{ *copier }

func (l lost) Flush() error { return l.err }

func TestReadFromLost(t *testing.T) {
	c := &copier{originMemory: originMemory{memory: newMemory(vars(get), "")}, err: errGone}
	err := (&gateway.Engine{}).Run(t.Context(), lost{c}, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, err := io.Copy(w, file(t, strings.Repeat("x", 1000)))
		require.ErrorIs(t, err, errGone)
		require.Error(t, r.Context().Err())
	}))
	require.True(t, gateway.Broken(err), "a body with its end missing is not taken for a whole one")
}

// What comes from a pipe is for Write: it may take its time, and Flush must not
// have to wait for its end.
func TestReadFromPipe(t *testing.T) {
	r, p, err := os.Pipe()
	require.NoError(t, err)
	defer r.Close()
	_, err = p.WriteString(strings.Repeat("x", 1000))
	require.NoError(t, err)
	require.NoError(t, p.Close())
	c := &copier{originMemory: originMemory{memory: newMemory(vars(get), "")}}
	require.NoError(t, (&gateway.Engine{}).Run(t.Context(), c, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		n, err := io.Copy(w, r)
		require.NoError(t, err)
		require.EqualValues(t, 1000, n)
	})))
	require.Empty(t, c.files)
	require.True(t, strings.HasSuffix(c.out.String(), strings.Repeat("x", 1000)))
}

// http.ServeContent reaches the exchange's own way, also with a range.
func TestServeContent(t *testing.T) {
	text := strings.Repeat("0123456789", 1000)
	for _, row := range []struct {
		field string
		body  string
	}{
		{"", text},
		{"HTTP_RANGE=bytes=1000-8999", text[1000:9000]},
	} {
		c := &copier{originMemory: originMemory{memory: newMemory(env.Parse([]string{"REQUEST_METHOD=GET", "REQUEST_URI=/", row.field}), "")}}
		f := file(t, text)
		require.NoError(t, (&gateway.Engine{Origin: true}).Run(t.Context(), c, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			info, err := f.Stat()
			require.NoError(t, err)
			http.ServeContent(w, r, "x.txt", info.ModTime(), f)
		})))
		require.EqualValues(t, len(row.body)-sniffed, c.copied)
		require.True(t, bytes.HasSuffix(c.out.Bytes(), []byte("\r\n\r\n"+row.body)))
	}
}
