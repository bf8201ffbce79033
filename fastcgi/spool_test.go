package fastcgi_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

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
	reads := func(piece int, pause time.Duration) func(w *world) {
		return func(w *world) {
			w.Setenv("TMPDIR", "/nonexistent")
			w.serve(func(rw http.ResponseWriter, r *http.Request) {
				r.Context().Done()
				n := 0
				for p := make([]byte, piece); ; time.Sleep(pause) {
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
		}
	}
	play(t, []row{
		{"by a handler that keeps reading while somebody else watches", reads(50000, 0)},
		{"nor by one that pauses after each piece", reads(32<<10, 2*time.Millisecond)},
		{"for long", reads(32<<10, 90*time.Millisecond)},
		{"and reads little at a time", reads(100, 2*time.Millisecond)},
	}, memory)
}

// TestBodyInTheWay is about how long an ABORT waits behind a body.
func TestBodyInTheWay(t *testing.T) {
	// behind returns how long after more of a body than is held in memory an
	// ABORT ends the context.
	behind := func(w *world, h http.HandlerFunc, before ...msg) time.Duration {
		ended := make(chan time.Duration, 1)
		w.serve(func(rw http.ResponseWriter, r *http.Request) {
			if r.Method == "POST" {
				start := time.Now()
				context.AfterFunc(r.Context(), func() { ended <- time.Since(start) })
			}
			h(rw, r)
		})
		p := w.dial()
		p.send(before...)
		w.pass()
		p.send(post(1, 1<<20)...)
		body, _ := block(1, 200<<10)
		p.sendAll(body, []msg{abort(1)})
		return receive(w, "the context ends", ended)
	}
	waits := func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }
	readsOnce := func(rw http.ResponseWriter, r *http.Request) {
		if r.Method == "PUT" {
			echo(rw, r)
			return
		}
		r.Body.Read(make([]byte, 1))
		waits(rw, r)
	}
	other := []msg{begin(2), params(2, vars("PUT", "CONTENT_LENGTH", "5")), params(2, ""), stdin(2, "hello")}
	play(t, []row{
		{"one that nobody reads is set aside after a millisecond", func(w *world) {
			require.Less(w, behind(w, waits), 2200*time.Microsecond)
		}},
		{"also when the handler of the request before has just read one", func(w *world) {
			require.Less(w, behind(w, func(rw http.ResponseWriter, r *http.Request) {
				if r.Method == "PUT" {
					echo(rw, r)
					return
				}
				waits(rw, r)
			}, append(other, stdin(2, ""))...), 2200*time.Microsecond)
		}},
		{"one whose handler has begun to read is, 100 of them after the last read", func(w *world) {
			require.InDelta(w, 100, behind(w, readsOnce).Milliseconds(), 1)
		}},
		{"unless there are others on the connection", func(w *world) {
			require.Less(w, behind(w, readsOnce, other[:3]...), 2200*time.Microsecond)
		}},
	}, memory)
}
