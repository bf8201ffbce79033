package fastcgi_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/postern-go/postern/fastcgi"
	"github.com/postern-go/postern/internal/record"
	"github.com/stretchr/testify/require"
)

func TestFilterLengths(t *testing.T) {
	const stdinLength = "STDIN is not of the length of CONTENT_LENGTH"
	const dataLength = "DATA is not of the length of FCGI_DATA_LENGTH"
	for _, r := range []struct {
		why, body, file string // what is declared
		stdin, data     string // what comes
		want            string
	}{
		{"as declared", "2", "4", "in", "data", `"in" <nil> 4 "data" <nil>`},
		{"both declared empty", "0", "0", "", "", `"" <nil> 0 "" <nil>`},
		{"a file that is shorter", "2", "5", "in", "data", `"in" <nil> 5 "data" fastcgi: ` + dataLength + `: unexpected EOF`},
		{"a file that is longer is cut, and told", "2", "3", "in", "data", `"in" <nil> 3 "dat" fastcgi: ` + dataLength},
		{"a file that should be empty", "2", "0", "in", "data", `"in" <nil> 0 "" fastcgi: ` + dataLength},
		{"a length beyond 32 bits", "2", "5000000000", "in", "data", `"in" <nil> 5000000000 "data" fastcgi: ` + dataLength + `: unexpected EOF`},
		{"a body that is shorter is told by both", "5", "4", "in", "data", `"in" unexpected EOF 4 "data" fastcgi: ` + stdinLength},
		{"a body that is longer is cut, and told at the end", "1", "4", "in", "data", `"i" <nil> 4 "data" fastcgi: ` + stdinLength},
		{"a body that should be empty", "0", "4", "in", "data", `"" <nil> 4 "data" fastcgi: ` + stdinLength},
		{"no lengths at all", "", "", "in", "data", `"in" <nil> -1 "data" <nil>`},
	} {
		t.Run(r.why, func(t *testing.T) {
			var list []msg
			for _, m := range []msg{stdin(1, r.stdin), stdin(1, ""), data(1, r.data), data(1, "")} {
				if n := len(list); n == 0 || list[n-1] != m {
					list = append(list, m)
				}
			}
			head := []msg{beginAs(1, record.Filter, record.KeepConn),
				params(1, vars("POST", "CONTENT_LENGTH", r.body, "FCGI_DATA_LENGTH", r.file)), params(1, "")}
			play(t, []row{
				{"in one piece", func(w *world) {
					w.filtering(filtered)
					p := w.dial()
					p.sendAll(head, list)
					p.want("the answer", answer(1, r.want)...)
					p.wantIdle("the connection goes on")
				}},
				{"record by record", func(w *world) {
					w.filtering(filtered)
					p := w.dial()
					p.send(head...)
					for _, m := range list {
						w.pass()
						p.send(m)
					}
					p.want("the answer", answer(1, r.want)...)
					p.wantIdle("the connection goes on")
				}},
			})
		})
	}
}

func TestFilterErrors(t *testing.T) {
	play(t, []row{
		{"a file that ends early is an unexpected end, too; every later read says the same", func(w *world) {
			told := make(chan error, 2)
			w.filtering(func(rw http.ResponseWriter, r *http.Request) {
				d, _ := fastcgi.Data(r)
				for range 2 {
					_, err := io.ReadAll(d)
					told <- err
				}
			})
			p := w.dial()
			p.sendAll(filter(1, "GET", 0, 5), []msg{stdin(1, ""), data(1, "data"), data(1, "")})
			for range 2 {
				err := receive(w, "the read fails", told)
				require.ErrorIs(w, err, fastcgi.ErrDataLength)
				require.ErrorIs(w, err, io.ErrUnexpectedEOF)
			}
		}},
		{"ABORT_REQUEST ends a read of the file", func(w *world) {
			told := make(chan error, 2)
			w.filtering(func(rw http.ResponseWriter, r *http.Request) {
				d, _ := fastcgi.Data(r)
				told <- nil
				_, err := io.ReadAll(d)
				told <- err
			})
			p := w.dial()
			p.sendAll(filter(1, "GET", 0, 5), []msg{stdin(1, ""), data(1, "da")})
			receive(w, "the handler runs", told)
			p.send(abort(1))
			require.ErrorContains(w, receive(w, "the read fails", told), "aborted by the web server")
			p.want("one end", aborted(1)...)
			p.wantIdle("the connection goes on")
		}},
		{"and so does a web server that leaves", func(w *world) {
			told := make(chan error, 2)
			w.filtering(func(rw http.ResponseWriter, r *http.Request) {
				d, _ := fastcgi.Data(r)
				told <- nil
				_, err := io.ReadAll(d)
				told <- err
			})
			p := w.dial()
			p.sendAll(filter(1, "GET", 0, 5), []msg{stdin(1, ""), data(1, "da")})
			receive(w, "the handler runs", told)
			p.Close()
			require.Error(w, receive(w, "the read fails", told))
		}},
		{"a deadline for reading is one for the file, too, and another one may follow", func(w *world) {
			told := make(chan error, 1)
			w.filtering(func(rw http.ResponseWriter, r *http.Request) {
				d, _ := fastcgi.Data(r)
				control := http.NewResponseController(rw)
				control.SetReadDeadline(time.Now().Add(time.Millisecond))
				_, err := io.ReadAll(d)
				told <- err
				control.SetReadDeadline(time.Time{})
				filtered(rw, r)
			})
			p := w.dial()
			p.sendAll(filter(1, "GET", 0, 4), []msg{stdin(1, "")})
			require.ErrorIs(w, receive(w, "the read fails", told), os.ErrDeadlineExceeded)
			p.send(data(1, "data"), data(1, ""))
			p.want("the answer", answer(1, `"" <nil> 4 "data" <nil>`)...)
		}},
		{"DATA before the end of STDIN costs the connection", func(w *world) {
			w.filtering(filtered)
			p := w.dial()
			p.sendAll(filter(1, "POST", 2, 4), []msg{stdin(1, "in"), data(1, "data")})
			_, err := io.Copy(io.Discard, p)
			require.False(w, errors.Is(err, os.ErrDeadlineExceeded), "the connection ends")
			w.awaitLog("what was wrong", "DATA before the end of STDIN")
		}},
		{"and so does DATA before the end of PARAMS", func(w *world) {
			w.filtering(w.notRun)
			p := w.dial()
			p.send(beginAs(1, record.Filter, record.KeepConn), data(1, "data"))
			_, err := io.Copy(io.Discard, p)
			require.False(w, errors.Is(err, os.ErrDeadlineExceeded), "the connection ends")
			w.awaitLog("what was wrong", "DATA before the end of PARAMS")
		}},
		{"numbers that are none are a 400", func(w *world) {
			w.filtering(w.notRun)
			p := w.dial()
			for _, pair := range [][2]string{
				{"FCGI_DATA_LENGTH", "+5"}, {"FCGI_DATA_LENGTH", "-1"}, {"FCGI_DATA_LENGTH", "9223372036854775808"},
				{"FCGI_DATA_LAST_MOD", "yesterday"}, {"FCGI_DATA_LAST_MOD", "--1"},
			} {
				p.send(beginAs(1, record.Filter, record.KeepConn), params(1, vars("GET", pair[:]...)), params(1, ""), stdin(1, ""))
				p.wantRefusal(strings.Join(pair[:], "="), 1, "400 Bad Request")
				lines := w.log.lines()
				require.Contains(w, lines[len(lines)-1], pair[0])
				p.send(data(1, ""))
			}
			require.Len(w, w.log.lines(), 5, "a line for each")
		}},
		{"no time is the zero time, and one before 1970 is one", func(w *world) {
			w.filtering(func(rw http.ResponseWriter, r *http.Request) {
				d, _ := fastcgi.Data(r)
				fmt.Fprint(rw, d.ModTime.IsZero(), d.ModTime.Unix())
			})
			p := w.dial()
			for text, want := range map[string]string{"": "true -62135596800", "-2": "false -2", "0": "false 0", "5000000000": "false 5000000000"} {
				p.send(beginAs(1, record.Filter, record.KeepConn), params(1, vars("GET", "FCGI_DATA_LAST_MOD", text)), params(1, ""), stdin(1, ""))
				p.want("the time", answer(1, want)...)
			}
		}},
	})
}
