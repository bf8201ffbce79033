package fastcgi_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/postern-go/postern/fastcgi"
	"github.com/postern-go/postern/gateway"
	"github.com/postern-go/postern/internal/record"
	"github.com/stretchr/testify/require"
)

func data(id uint16, s string) msg { return msg{record.Data, id, s} }

// filter is a request up to its body of n bytes and a file of m.
func filter(id uint16, method string, n, m int, more ...string) []msg {
	more = append([]string{"CONTENT_LENGTH", fmt.Sprint(n), "FCGI_DATA_LENGTH", fmt.Sprint(m), "FCGI_DATA_LAST_MOD", "1000000000"}, more...)
	return []msg{beginAs(id, record.Filter, record.KeepConn), params(id, vars(method, more...)), params(id, "")}
}

// filtered answers with what it reads, the body before the file.
func filtered(w http.ResponseWriter, r *http.Request) {
	body, bodyErr := io.ReadAll(r.Body)
	file, ok := fastcgi.Data(r)
	if !ok {
		panic("no Filter")
	}
	text, err := io.ReadAll(file)
	fmt.Fprintf(w, "%q %v %d %q %v", body, bodyErr, file.Length, text, err)
}

// filtering starts a server with h for the Filter role, whose Responder echoes.
func (w *world) filtering(h http.HandlerFunc, set ...func(s *fastcgi.Server)) {
	w.serve(echo, append(set, func(s *fastcgi.Server) { s.Filter = h })...)
}

func TestFilter(t *testing.T) {
	play(t, []row{
		{"it gets the body, then the file with its length and time", func(w *world) {
			w.filtering(func(rw http.ResponseWriter, r *http.Request) {
				require.Equal(w, "FILTER", gateway.FlagsOf(r).Role)
				d, ok := fastcgi.Data(r)
				require.True(w, ok)
				require.Equal(w, time.Unix(1e9, 0), d.ModTime)
				again, _ := fastcgi.Data(r.WithContext(r.Context()))
				require.Same(w, d, again, "whoever asks gets the same")
				filtered(rw, r)
			})
			p := w.dial()
			p.sendAll(filter(1, "POST", 2, 4), []msg{stdin(1, "in"), stdin(1, ""), data(1, "da"), data(1, "ta"), data(1, "")})
			p.want("the answer", answer(1, `"in" <nil> 4 "data" <nil>`)...)
			p.send(get(1)...)
			p.want("the id is free", answer(1, "GET ")...)
			p.wantIdle("each is answered once")
			w.wantLog("nothing was wrong")
		}},
		{"split in two at every byte", func(w *world) {
			w.filtering(filtered)
			sent := bytesOf(append(filter(1, "POST", 2, 4), stdin(1, "in"), stdin(1, ""), data(1, "da"), data(1, "ta"), data(1, ""))...)
			p := w.dial()
			for i := 1; i < len(sent); i++ {
				p.raw(sent[:i])
				w.settle()
				p.raw(sent[i:])
				p.want(fmt.Sprintf("split at byte %d", i), answer(1, `"in" <nil> 4 "data" <nil>`)...)
			}
		}},
		{"the file may be read before the body, however large that is", func(w *world) {
			const size = 1 << 20
			w.filtering(func(rw http.ResponseWriter, r *http.Request) {
				d, _ := fastcgi.Data(r)
				text, err := io.ReadAll(d)
				n, bodyErr := io.Copy(io.Discard, r.Body)
				fmt.Fprintf(rw, "%q %v %d %v", text, err, n, bodyErr)
			})
			p := w.dial()
			body, _ := block(1, size)
			p.sendAll(filter(1, "POST", size, 4), body, []msg{stdin(1, ""), data(1, "data"), data(1, "")})
			p.want("the answer", answer(1, fmt.Sprintf(`"data" <nil> %d <nil>`, size))...)
		}},
		{"both may be read at the same time", func(w *world) {
			w.filtering(func(rw http.ResponseWriter, r *http.Request) {
				d, _ := fastcgi.Data(r)
				read := make(chan string)
				go func() {
					text, err := io.ReadAll(d)
					read <- fmt.Sprintf("%q %v", text, err)
				}()
				body, err := io.ReadAll(r.Body)
				fmt.Fprintf(rw, "%q %v %s", body, err, <-read)
			})
			p := w.dial()
			p.send(filter(1, "POST", 4, 4)...)
			for _, r := range []msg{stdin(1, "bo"), stdin(1, "dy"), stdin(1, ""), data(1, "da"), data(1, "ta"), data(1, "")} {
				p.send(r)
				w.settle()
			}
			p.want("the answer", answer(1, `"body" <nil> "data" <nil>`)...)
		}},
		{"DATA after its end, and STDIN after its, are ignored", func(w *world) {
			release := make(chan bool)
			w.filtering(func(rw http.ResponseWriter, r *http.Request) {
				<-release
				filtered(rw, r)
			})
			p := w.dial()
			p.sendAll(filter(1, "POST", 2, 4), []msg{stdin(1, "in"), stdin(1, ""), stdin(1, "x"), data(1, "data"), stdin(1, "x"), data(1, ""), data(1, "x"), stdin(1, "")})
			p.wantIdle("all of it is taken")
			release <- true
			p.want("the answer", answer(1, `"in" <nil> 4 "data" <nil>`)...)
		}},
		{"a Responder has no file, and DATA for it is ignored", func(w *world) {
			w.serve(func(rw http.ResponseWriter, r *http.Request) {
				d, ok := fastcgi.Data(r)
				require.False(w, ok)
				require.Nil(w, d)
				echo(rw, r)
			})
			p := w.dial()
			p.sendAll(post(1, 2), []msg{data(1, "x"), stdin(1, "ok"), data(1, ""), stdin(1, "")})
			p.want("the answer", answer(1, "POST ok")...)
		}},
		{"a file that was not read to its end goes on after the handler has returned: it fails", func(w *world) {
			files := make(chan *fastcgi.FilterData, 1)
			w.filtering(func(rw http.ResponseWriter, r *http.Request) {
				d, _ := fastcgi.Data(r)
				files <- d
			})
			p := w.dial()
			for _, length := range []string{"4", ""} {
				p.sendAll(filter(1, "POST", 0, 4)[:1], []msg{params(1, vars("POST", "CONTENT_LENGTH", "0", "FCGI_DATA_LENGTH", length)), params(1, "")},
					[]msg{stdin(1, ""), data(1, "data"), data(1, "")})
				p.streams("the answer", 1)
				_, err := io.ReadAll(receive(w, "the handler has run", files))
				require.ErrorIs(w, err, io.ErrClosedPipe)
			}
		}},
	})
}

func TestFilterUnread(t *testing.T) {
	const size = 1 << 20
	file := func(id uint16) (records []msg) {
		records, _ = block(id, size)
		for i := range records {
			records[i].Type = record.Data
		}
		return records
	}
	play(t, []row{
		{"a handler may answer without the file: the rest is dropped, and the connection goes on", func(w *world) {
			w.filtering(func(rw http.ResponseWriter, r *http.Request) { io.WriteString(rw, "cached") })
			p := w.dial()
			for range 3 {
				p.sendAll(filter(1, "GET", 0, size), []msg{stdin(1, ""), data(1, "x")})
				p.want("the answer", answer(1, "cached")...)
				p.sendAll(file(1), []msg{data(1, "")})
			}
			p.send(get(1)...)
			p.want("the next request", answer(1, "GET ")...)
		}},
		{"not kept: the answer comes at once, and the peer may go on sending", func(w *world) {
			w.filtering(func(rw http.ResponseWriter, r *http.Request) { io.WriteString(rw, "cached") })
			p := w.dial()
			list := filter(1, "GET", 0, size)
			list[0] = beginAs(1, record.Filter, 0)
			p.sendAll(list, []msg{stdin(1, ""), data(1, "x")})
			p.want("the answer", answer(1, "cached")...)
			p.wantClosed("the sending side only")
			p.sendAll(file(1), []msg{data(1, "")})
		}},
		{"a file that nobody reads holds up neither questions, nor requests, nor ABORT", func(w *world) {
			told := make(chan error, 2)
			w.filtering(w.untilDone(told))
			p := w.dial()
			p.sendAll(filter(1, "GET", 0, size), []msg{stdin(1, "")}, file(1))
			p.wantIdle("a question is answered")
			p.send(get(2)...)
			p.want("a request is answered", answer(2, "GET ")...)
			p.send(abort(1))
			p.want("the end of the first", aborted(1)...)
		}},
		{"it arrives whole later", func(w *world) {
			read := make(chan bool)
			w.filtering(func(rw http.ResponseWriter, r *http.Request) {
				<-read
				d, _ := fastcgi.Data(r)
				n, err := io.Copy(io.Discard, d)
				fmt.Fprint(rw, n, err)
			})
			p := w.dial()
			p.sendAll(filter(1, "GET", 0, size), []msg{stdin(1, "")}, file(1), []msg{data(1, "")}, get(2))
			p.want("a request is answered", answer(2, "GET ")...)
			read <- true
			p.want("the answer", answer(1, fmt.Sprint(size, nil))...)
		}},
		{"over MaxSpool its reads fail, and the connection goes on", func(w *world) {
			read := make(chan bool)
			w.filtering(func(rw http.ResponseWriter, r *http.Request) {
				<-read
				d, _ := fastcgi.Data(r)
				_, err := io.Copy(io.Discard, d)
				fmt.Fprint(rw, errors.Is(err, fastcgi.ErrSpoolFull))
			}, func(s *fastcgi.Server) { s.MaxSpool = size / 2 })
			p := w.dial()
			p.sendAll(filter(1, "GET", 0, size), []msg{stdin(1, "")}, file(1), []msg{data(1, "")}, get(2))
			p.want("a request is answered", answer(2, "GET ")...)
			read <- true
			p.want("the answer", answer(1, "true")...)
			p.wantIdle("the connection goes on")
		}},
	})
}
