package fastcgi_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/postern-go/postern/env"
	"github.com/postern-go/postern/gateway"
	"github.com/stretchr/testify/require"
)

// said is what a request is to say: its target, its fields, its variables.
func said(i int) (uri, field, variable string) {
	return fmt.Sprintf("/target-%d?q=%d", i, i), fmt.Sprintf("field-%d", i), fmt.Sprintf("variable-%d", i)
}

// saying is the PARAMS of such a request, of about size bytes.
func saying(i, size int) string {
	uri, field, variable := said(i)
	s := vars("GET") + pairs("REQUEST_URI", uri, "HTTP_X_ODD", field, "HTTP_REFERER", field, "OWN", variable, "REMOTE_ADDR", "@"+field)
	return s + pairs("FILL", strings.Repeat("x", size))
}

// What a handler keeps of a request, and variables that it has asked for, stay
// what they are, whatever other requests the memory of PARAMS serves: small ones,
// those of ordinary size, and large ones, also in pieces.
func TestKeptRequests(t *testing.T) {
	play(t, []row{
		{"requests and variables that a handler keeps stay what they are", func(w *world) {
			const n = 30
			var requests [n]*http.Request
			var lists [n]*env.Vars
			served := 0
			w.serve(func(rw http.ResponseWriter, r *http.Request) {
				requests[served] = r
				if served%2 == 0 {
					lists[served] = gateway.Vars(r)
				}
				served++
				io.WriteString(rw, "kept")
			})
			p := w.dial()
			for i := range n {
				all := saying(i, []int{1, 500, 1000, 3000}[i%4])
				cut := len(all) / 3
				sent := []msg{begin(1), params(1, all)}
				if i%3 == 0 {
					sent = []msg{begin(1), params(1, all[:cut]), params(1, all[cut:])}
				}
				p.send(append(sent, params(1, ""), stdin(1, ""))...)
				p.want("the answer", answer(1, "kept")...)
			}
			for i, r := range requests {
				uri, field, variable := said(i)
				require.Equal(w, uri, r.RequestURI)
				require.Equal(w, fmt.Sprintf("q=%d", i), r.URL.RawQuery)
				require.Equal(w, "@"+field, r.RemoteAddr)
				require.Equal(w, http.Header{"X-Odd": {field}, "Referer": {field}}, r.Header)
				if v := lists[i]; v != nil {
					require.Equal(w, variable, v.Get("OWN"))
					require.Equal(w, v, gateway.Vars(r), "the list is the request's own")
				} else {
					require.Equal(w, field, gateway.Vars(r).Get("HTTP_REFERER"), "asked for late")
				}
			}
		}},
		{"nothing of a request that was refused or aborted is in the next", func(w *world) {
			w.serve(func(rw http.ResponseWriter, r *http.Request) {
				fmt.Fprint(rw, r.RequestURI, len(gateway.Vars(r).Environ()))
			})
			p := w.dial()
			p.send(begin(1), params(1, saying(1, 900)), abort(1))
			p.want("the end", fin(1, 0))
			p.send(begin(1), params(1, saying(2, 900)+"\xff"), params(1, ""), stdin(1, ""))
			p.wantRefusal("what does not parse", 1, "400 Bad Request")
			p.send(get(1)...)
			p.want("its own variables alone", answer(1, "/5")...)
		}},
	})
}
