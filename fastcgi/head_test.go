package fastcgi_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestHead(t *testing.T) {
	play(t, []row{
		{"however large, it comes in one record, also after a log", func(w *world) {
			w.serve(func(rw http.ResponseWriter, r *http.Request) {
				rw.Header().Set("Location", "/elsewhere")
				rw.Header().Set("X", strings.Repeat("x", int(r.ContentLength)))
				rw.WriteHeader(http.StatusSeeOther)
				io.WriteString(rw, strings.Repeat("y", 3000))
			})
			p := w.dial()
			for _, size := range []int{100, 3900, 4096, 5000, 8000, 8192, 9000, 60000} {
				p.sendAll(post(1, size), []msg{stdin(1, "")})
				first, err := p.next()
				require.NoError(w, err)
				head := fmt.Sprintf("Location: /elsewhere\r\nStatus: 303 See Other\r\nX: %s\r\n", strings.Repeat("x", size))
				require.Equal(w, stdout(1, "").Type, first.Type)
				require.True(w, strings.HasPrefix(first.Content, head), "%d bytes: %.60q", size, first.Content)
				require.Contains(w, first.Content[len(head):], "\r\n\r\n", "%d bytes: the end of the head", size)
				out, _, last := p.streams("the rest", 1)
				require.Equal(w, fin(1, 0), last)
				require.True(w, strings.HasSuffix(first.Content+out, "\r\n\r\n"+strings.Repeat("y", 3000)), "the body")
			}
		}},
		{"one that some web server does not take is logged once for the server", func(w *world) {
			w.serve(func(rw http.ResponseWriter, r *http.Request) {
				for i := range 120 {
					rw.Header().Add("X", fmt.Sprint(i))
				}
			})
			for range 2 {
				p := w.dial()
				p.send(get(1)...)
				p.streams("the answer", 1)
				p.send(get(1)...)
				p.streams("the next answer", 1)
			}
			w.wantLog("one line", "response head larger than some web servers take")
		}},
	})
}
