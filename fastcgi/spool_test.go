package fastcgi_test

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/postern-go/postern/fastcgi"
	"github.com/stretchr/testify/require"
)

// block is a large body of n bytes, in records.
func block(id uint16, n int) (records []msg, sum [sha256.Size]byte) {
	body := bytes.Repeat([]byte("0123456789abcde"), n/15+1)[:n]
	for rest := string(body); rest != ""; {
		piece := rest[:min(len(rest), 32000)]
		rest = rest[len(piece):]
		records = append(records, stdin(id, piece))
	}
	return records, sha256.Sum256(body)
}

func TestBodySetAside(t *testing.T) {
	const size = 1 << 20
	play(t, []row{
		{"an unread body holds up neither questions, nor requests, nor ABORT", func(w *world) {
			ended := make(chan error, 1)
			w.serve(func(rw http.ResponseWriter, r *http.Request) {
				if r.ContentLength != size {
					io.WriteString(rw, "small")
					return
				}
				<-r.Context().Done()
				ended <- r.Context().Err()
			})
			p := w.dial()
			body, _ := block(1, size)
			p.sendAll(post(1, size), body)
			p.wantIdle("a question is answered")
			p.sendAll(get(2))
			p.want("another request is answered", answer(2, "small")...)
			p.send(abort(1))
			require.Error(w, receive(w, "the context of the first ends", ended))
			_, _, last := p.streams("and it ends", 1)
			require.Equal(w, fin(1, 1), last)
		}},
		{"what was set aside arrives whole, and leaves no file", func(w *world) {
			w.Setenv("TMPDIR", w.TempDir())
			read := make(chan bool)
			w.serve(func(rw http.ResponseWriter, r *http.Request) {
				if r.ContentLength != size {
					io.WriteString(rw, "small")
					return
				}
				<-read
				hash := sha256.New()
				_, err := io.Copy(hash, r.Body)
				fmt.Fprintf(rw, "%x %v", hash.Sum(nil), err)
			})
			p := w.dial()
			body, sum := block(1, size)
			p.sendAll(post(1, size), body, []msg{stdin(1, "")}, get(2))
			p.want("another request is answered", answer(2, "small")...)
			files, err := filepath.Glob(filepath.Join(os.TempDir(), "*"))
			require.NoError(w, err)
			require.Empty(w, files, "the file has no name")
			close(read)
			p.want("the body", answer(1, fmt.Sprintf("%x %v", sum, nil))...)
			p.sendAll(get(3))
			p.want("the connection goes on", answer(3, "small")...)
		}},
		{"over the limit the reads of that body fail, and the connection goes on", func(w *world) {
			read := make(chan bool)
			w.serve(func(rw http.ResponseWriter, r *http.Request) {
				if r.ContentLength != size {
					io.WriteString(rw, "small")
					return
				}
				<-read
				_, err := io.Copy(io.Discard, r.Body)
				fmt.Fprint(rw, errors.Is(err, fastcgi.ErrSpoolFull))
			}, func(s *fastcgi.Server) { s.MaxSpool = size / 2 })
			p := w.dial()
			body, _ := block(1, size)
			p.sendAll(post(1, size), body, []msg{stdin(1, "")}, get(2))
			p.want("another request is answered", answer(2, "small")...)
			close(read)
			p.want("the first is told", answer(1, "true")...)
			p.sendAll(get(3))
			p.want("the connection goes on", answer(3, "small")...)
		}},
		{"without a place for files the reads fail too", func(w *world) {
			read := make(chan bool)
			w.serve(func(rw http.ResponseWriter, r *http.Request) {
				if r.ContentLength != size {
					io.WriteString(rw, "small")
					return
				}
				<-read
				_, err := io.Copy(io.Discard, r.Body)
				fmt.Fprint(rw, errors.Is(err, os.ErrNotExist))
			})
			w.Setenv("TMPDIR", "/nonexistent")
			p := w.dial()
			body, _ := block(1, size)
			p.sendAll(post(1, size), body, []msg{stdin(1, "")}, get(2))
			p.want("another request is answered", answer(2, "small")...)
			close(read)
			p.want("the first is told", answer(1, "true")...)
		}},
	})
}

// Only in memory nothing but the handler decides how long it takes.
func TestBodyThatIsReadNeedsNoFile(t *testing.T) {
	const size = 1 << 20
	play(t, []row{
		{"by a handler that keeps reading while somebody else watches", func(w *world) {
			w.Setenv("TMPDIR", "/nonexistent")
			w.serve(func(rw http.ResponseWriter, r *http.Request) {
				r.Context().Done()
				n := 0
				for p := make([]byte, 50000); ; {
					m, err := r.Body.Read(p)
					n += m
					if err != nil {
						fmt.Fprint(rw, n, err)
						return
					}
				}
			})
			p := w.dial()
			body, _ := block(1, size)
			p.sendAll(post(1, size), body, []msg{stdin(1, "")})
			p.want("the body", answer(1, fmt.Sprint(size, io.EOF))...)
		}},
	}, memory)
}
