package cgi

import (
	"bytes"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestProgramSendsFile(t *testing.T) {
	body := bytes.Repeat([]byte("0123456789abcdef"), large/16)
	name := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(name, body, 0o600))
	for _, row := range []struct {
		why  string
		wrap func(w *os.File) io.Writer
		read int64 // by the other side; then it leaves
	}{
		{"to a pipe", func(w *os.File) io.Writer { return w }, -1},
		{"to standard output", func(w *os.File) io.Writer { return stream{w, int(w.Fd())} }, -1},
		{"to what has no descriptor", func(w *os.File) io.Writer { return struct{ io.Writer }{w} }, -1},
		{"to a pipe whose other side leaves in the middle", func(w *os.File) io.Writer { return w }, large / 2},
	} {
		t.Run(row.why, func(t *testing.T) {
			r, w, err := os.Pipe()
			require.NoError(t, err)
			defer w.Close()
			all := make(chan []byte, 1)
			go func() {
				limited := io.Reader(r)
				if row.read >= 0 {
					limited = io.LimitReader(r, row.read)
				}
				b, _ := io.ReadAll(limited)
				r.Close()
				all <- b
			}()
			p := &Program{Stdout: row.wrap(w), Environ: []string{"REQUEST_METHOD=GET", "SERVER_PROTOCOL=HTTP/1.1"}}
			err = p.Serve(t.Context(), http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				f, err := os.Open(name)
				require.NoError(t, err)
				defer f.Close()
				w.Header().Set("Content-Length", strconv.Itoa(large))
				io.Copy(w, f)
			}))
			w.Close()
			got := <-all
			if row.read >= 0 {
				require.ErrorIs(t, err, syscall.EPIPE)
				return
			}
			require.NoError(t, err)
			_, got, _ = bytes.Cut(got, []byte("\r\n\r\n"))
			require.True(t, bytes.Equal(body, got))
		})
	}
}
