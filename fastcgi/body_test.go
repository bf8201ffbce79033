package fastcgi_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/postern-go/postern/internal/record"
	"github.com/stretchr/testify/require"
)

// told answers with what a handler read.
func told(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	fmt.Fprintf(w, "%d %q %v", r.ContentLength, body, err)
}

func TestBodyLength(t *testing.T) {
	for _, r := range []struct {
		why, length string
		stdin       []string
		want        string
	}{
		{"as declared", "5", []string{"hel", "lo"}, `5 "hello" <nil>`},
		{"longer than declared: cut", "5", []string{"hello", " there"}, `5 "hello" <nil>`},
		{"shorter than declared: an error", "9", []string{"hello"}, `9 "hello" unexpected EOF`},
		{"none where one was declared: an error", "9", nil, `9 "" unexpected EOF`},
		{"declared empty: nothing is read", "0", []string{"hello"}, `0 "" <nil>`},
		{"not declared: to the end of STDIN", "", []string{"hel", "lo"}, `-1 "hello" <nil>`},
		{"declared unknown: to the end of STDIN", "-1", []string{"hel", "lo"}, `-1 "hello" <nil>`},
		{"neither declared nor there: none", "", nil, `0 "" <nil>`},
	} {
		t.Run(r.why, func(t *testing.T) {
			play(t, []row{
				{"in one piece", func(w *world) {
					w.serve(told)
					p := w.dial()
					list := []msg{begin(1), params(1, vars("POST", "CONTENT_LENGTH", r.length)), params(1, "")}
					for _, s := range r.stdin {
						list = append(list, stdin(1, s))
					}
					p.send(append(list, stdin(1, ""))...)
					p.want("the answer", answer(1, r.want)...)
					p.wantIdle("the connection goes on")
					w.wantLog("none of it is a fault of the connection")
				}},
				{"record by record", func(w *world) {
					w.serve(told)
					p := w.dial()
					p.send(begin(1), params(1, vars("POST", "CONTENT_LENGTH", r.length)), params(1, ""))
					for _, s := range r.stdin {
						p.send(stdin(1, s))
						w.pass()
					}
					p.send(stdin(1, ""))
					p.want("the answer", answer(1, r.want)...)
					p.wantIdle("the connection goes on")
				}},
			})
		})
	}
}

func TestStreaming(t *testing.T) {
	play(t, []row{
		{"a handler that reads and flushes in turns answers each piece as it comes", func(w *world) {
			w.serve(func(rw http.ResponseWriter, r *http.Request) {
				buf := make([]byte, 100)
				for {
					n, err := r.Body.Read(buf)
					if n > 0 {
						rw.Write(bytes.ToUpper(buf[:n]))
						require.NoError(w, http.NewResponseController(rw).Flush())
					}
					if err != nil {
						return
					}
				}
			})
			p := w.dial()
			p.sendAll(post(1, len("onetwothreefour")), []msg{stdin(1, "one")})
			p.want("the head comes with the first piece", stdout(1, "Status: 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nONE"))
			for _, s := range []string{"two", "three", "four"} {
				p.send(stdin(1, s))
				p.want("a piece", stdout(1, strings.ToUpper(s)))
			}
			p.want("the end", stdout(1, ""), fin(1, 0))
		}},
		{"Flush before the first Write sends the head", func(w *world) {
			release := make(chan bool)
			w.serve(func(rw http.ResponseWriter, r *http.Request) {
				rw.Header().Set("Content-Type", "text/event-stream")
				http.NewResponseController(rw).Flush()
				<-release
				io.WriteString(rw, "data: 1\n\n")
			})
			p := w.dial()
			p.send(get(1)...)
			p.want("the head", stdout(1, "Status: 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"))
			release <- true
			p.want("the event", stdout(1, "data: 1\n\n"), stdout(1, ""), fin(1, 0))
		}},
		{"a large body is echoed, however slowly it is taken", func(w *world) {
			const size = 3<<20 + 5
			w.serve(func(rw http.ResponseWriter, r *http.Request) {
				r.Context().Done() // somebody else reads the connection from here on
				io.Copy(rw, r.Body)
			})
			p := w.dial()
			sent := make([]byte, size)
			for i := range sent {
				sent[i] = byte(i ^ i>>8 ^ i>>16)
			}
			go func() {
				p.Write(bytesOf(begin(1), params(1, vars("POST", "CONTENT_LENGTH", fmt.Sprint(size), "CONTENT_TYPE", "a/b")), params(1, "")))
				for rest := sent; ; {
					n := min(len(rest), 65000)
					p.Write(bytesOf(stdin(1, string(rest[:n]))))
					if rest = rest[n:]; n == 0 {
						return
					}
				}
			}()
			out, _, last := p.streams("the answer", 1)
			require.Equal(w, fin(1, 0), last)
			_, body, _ := strings.Cut(out, "\r\n\r\n")
			require.True(w, body == string(sent), "the body is the same, %d bytes", len(body))
		}},
	})
}

func TestUnreadBody(t *testing.T) {
	piece := stdin(1, strings.Repeat("x", 60000))
	play(t, []row{
		{"not kept: the answer comes at once, then the end, and the peer may go on sending", func(w *world) {
			w.serve(func(rw http.ResponseWriter, r *http.Request) { io.WriteString(rw, "no, thanks") })
			p := w.dial()
			p.sendAll(postLast(1, 1<<20), []msg{piece})
			p.want("the answer", answer(1, "no, thanks")...)
			p.wantClosed("the sending side only")
			for range 16 {
				p.send(piece)
			}
			p.send(stdin(1, ""))
		}},
		{"not kept, with an answer larger than the connection holds", func(w *world) {
			w.serve(func(rw http.ResponseWriter, r *http.Request) { rw.Write(make([]byte, 4<<20)) })
			p := w.dial()
			p.sendAll(postLast(1, 1<<20), []msg{piece})
			out, _, last := p.streams("the answer", 1)
			require.Equal(w, fin(1, 0), last)
			require.Greater(w, len(out), 4<<20)
			p.wantClosed("the sending side only")
			for range 16 {
				p.send(piece)
			}
		}},
		{"not kept: a peer that leaves in the middle of a record is none to log", func(w *world) {
			w.serve(func(rw http.ResponseWriter, r *http.Request) { io.WriteString(rw, "no, thanks") })
			for _, n := range []int{3, 1000} {
				p := w.dial()
				p.sendAll(postLast(1, 1<<20), []msg{piece})
				p.want("the answer", answer(1, "no, thanks")...)
				p.wantClosed("the sending side only")
				p.raw(bytesOf(piece)[:n])
				p.Close()
			}
			require.NoError(w, w.srv.Shutdown(w.Context()))
			w.wantLog("nothing was wrong")
		}},
		{"kept: the answer comes at once, the rest of the body is dropped, and the connection goes on", func(w *world) {
			w.serve(func(rw http.ResponseWriter, r *http.Request) { io.WriteString(rw, "no, thanks") })
			p := w.dial()
			p.sendAll(post(1, 1<<20), []msg{piece})
			p.want("the answer", answer(1, "no, thanks")...)
			for range 16 {
				p.send(piece)
			}
			p.send(stdin(1, ""))
			p.wantIdle("the connection goes on")
			p.send(get(1)...)
			p.want("the next answer", answer(1, "no, thanks")...)
		}},
		{"kept: more than is held waits for the handler, and nothing is lost", func(w *world) {
			release := make(chan bool)
			w.serve(func(rw http.ResponseWriter, r *http.Request) {
				r.Context().Done()
				<-release
				n, err := io.Copy(io.Discard, r.Body)
				fmt.Fprint(rw, n, err)
			})
			p := w.dial()
			sent := make(chan bool)
			go func() {
				p.Write(bytesOf(post(1, 20*60000)...))
				for range 20 {
					p.Write(bytesOf(piece))
				}
				p.Write(bytesOf(stdin(1, "")))
				close(sent)
			}()
			w.pass()
			release <- true
			p.want("the answer", answer(1, "1200000 <nil>")...)
			receive(w, "all was sent", sent)
		}},
		{"kept: a handler that returns lets go of a body that was held up", func(w *world) {
			release := make(chan bool)
			w.serve(func(rw http.ResponseWriter, r *http.Request) {
				r.Context().Done()
				<-release
				io.WriteString(rw, "no, thanks")
			})
			p := w.dial()
			go func() {
				p.Write(bytesOf(post(1, 20*60000)...))
				for range 20 {
					p.Write(bytesOf(piece))
				}
				p.Write(bytesOf(append([]msg{stdin(1, "")}, get(2)...)...))
			}()
			w.pass()
			release <- true
			p.want("the answer", answer(1, "no, thanks")...)
			release <- true
			p.want("the next answer", answer(2, "no, thanks")...)
		}},
		{"kept: a handler that returns ends a read of its own that waits inside a record", func(w *world) {
			w.serve(func(rw http.ResponseWriter, r *http.Request) {
				if r.Method == "POST" {
					io.ReadFull(r.Body, make([]byte, 5))
					go io.ReadAll(r.Body)
					w.pass()
				}
				io.WriteString(rw, r.Method)
			})
			p := w.dial()
			whole := bytesOf(stdin(1, "half of it"))
			const half = record.HeaderLen + 5
			p.raw(bytesOf(post(1, 10)...))
			p.raw(whole[:half])
			p.want("the answer", answer(1, "POST")...)
			p.raw(whole[half:])
			p.sendAll([]msg{stdin(1, "")}, get(2))
			p.want("the next one", answer(2, "GET")...)
		}},
		{"a handler that returns takes nothing from a read that waits for another's body", func(w *world) {
			release, started := map[string]chan bool{"POST": make(chan bool), "PUT": make(chan bool)}, make(chan string, 3)
			w.serve(func(rw http.ResponseWriter, r *http.Request) {
				if r.Method == "POST" {
					go io.ReadAll(r.Body)
				}
				started <- r.Method
				if r.Method != "GET" {
					<-release[r.Method]
				}
				io.WriteString(rw, r.Method)
			})
			p := w.dial()
			p.send(post(1, 10)...)
			receive(w, "one handler has let another goroutine read", started)
			w.settle()
			sent := make(chan bool)
			go func() {
				p.Write(bytesOf(begin(2), params(2, vars("PUT", "CONTENT_LENGTH", "600000")), params(2, "")))
				for range 10 {
					p.Write(bytesOf(stdin(2, piece.Content)))
				}
				p.Write(bytesOf(get(3)...))
				close(sent)
			}()
			receive(w, "the other handler runs", started)
			w.settle()
			release["POST"] <- true
			p.want("the first answer", answer(1, "POST")...)
			w.settle()
			release["PUT"] <- true
			want := map[uint16]string{2: page("PUT"), 3: page("GET")}
			require.Equal(w, want, p.answers("the others, which may come in turns", 2))
			receive(w, "all was sent", sent)
		}},
		{"a goroutine that still reads when the handler returns gets an error", func(w *world) {
			reads := make(chan error, 1)
			w.serve(func(rw http.ResponseWriter, r *http.Request) {
				started := make(chan bool)
				go func() {
					close(started)
					_, err := io.ReadAll(r.Body)
					reads <- err
				}()
				<-started
				w.pass()
			})
			p := w.dial()
			p.send(post(1, 10)...)
			_, _, last := p.streams("the answer", 1)
			require.Equal(w, fin(1, 0), last)
			require.Error(w, receive(w, "the read fails", reads))
			p.send(stdin(1, "0123456789"), stdin(1, ""))
			p.wantIdle("the connection goes on")
		}},
	})
}

func TestLargeResponse(t *testing.T) {
	play(t, []row{
		{"comes in records as large as can be", func(w *world) {
			w.serve(func(rw http.ResponseWriter, r *http.Request) { rw.Write(make([]byte, 4<<20)) })
			p := w.dial()
			p.send(get(1)...)
			records, size := 0, 0
			for {
				r, err := p.next()
				require.NoError(w, err)
				if r == stdout(1, "") {
					break
				}
				records++
				size += len(r.Content)
			}
			p.want("the end", fin(1, 0))
			require.Greater(w, size, 4<<20)
			require.LessOrEqual(w, records, 2+(4<<20)/(record.MaxContent&^7))
		}},
	})
}
