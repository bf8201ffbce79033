package behaviour

import (
	"errors"
	"io"
	"net/http"
	"strings"
)

func panicRows() []Row {
	big := strings.Repeat("x", 5000)
	return []Row{
		{Name: "panic at once", Why: "a panic costs its request, and is logged", Log: "boom",
			Handler: func(http.ResponseWriter, *http.Request, *Probe) { panic("boom") },
			Want: `
no response
broken off
`},
		{Name: "panic after WriteHeader", Why: "nothing has left yet", Log: "boom",
			Handler: func(w http.ResponseWriter, _ *http.Request, _ *Probe) {
				w.Header().Set("X-Secret", "1")
				w.WriteHeader(202)
				panic("boom")
			},
			Want: `
no response
broken off
`},
		{Name: "panic after a small Write", Why: "nothing has left yet", Log: "boom",
			Handler: func(w http.ResponseWriter, _ *http.Request, _ *Probe) {
				w.Header().Set("Content-Length", "100")
				io.WriteString(w, "secret")
				panic("boom")
			},
			Want: `
no response
broken off
`},
		{Name: "panic after Flush", Why: "a client that has a part must not take it for the whole", Log: "boom",
			Handler: func(w http.ResponseWriter, _ *http.Request, _ *Probe) {
				io.WriteString(w, "partial")
				w.(http.Flusher).Flush()
				panic("boom")
			},
			Want: `
200 OK
Content-Type: text/plain; charset=utf-8
~ Transfer-Encoding: chunked
body "partial"
broken off
`},
		{Name: "panic after a large Write", Why: "the part that has left stays a part", Log: "boom",
			Handler: func(w http.ResponseWriter, _ *http.Request, _ *Probe) {
				w.Header().Set("Content-Length", "6000")
				io.WriteString(w, big)
				w.(http.Flusher).Flush()
				panic("boom")
			},
			Want: `
200 OK
Content-Length: 6000
Content-Type: text/plain; charset=utf-8
body of 5000 bytes, crc32 00dbf026
broken off
`},
		{Name: "panic with an error", Why: "any value is logged", Log: "a sad error",
			Handler: func(http.ResponseWriter, *http.Request, *Probe) { panic(errors.New("a sad error")) },
			Want: `
no response
broken off
`},
		{Name: "panic with nil", Why: "so is none", Log: "panic called with nil argument",
			Handler: func(http.ResponseWriter, *http.Request, *Probe) { panic(nil) },
			Want: `
no response
broken off
`},
		{Name: "panic with what cannot be compared", Why: "a value may be of any type", Log: "[1 2]",
			Handler: func(http.ResponseWriter, *http.Request, *Probe) { panic([]int{1, 2}) },
			Want: `
no response
broken off
`},
		{Name: "panic of the runtime", Why: "a mistake is a panic like any other", Log: "index out of range [0] with length 0",
			Handler: func(_ http.ResponseWriter, r *http.Request, p *Probe) {
				var list []int
				p.Note("%d", list[len(r.URL.RawQuery)])
			},
			Want: `
no response
broken off
`},
		{Name: "panic to HEAD", Why: "an answer to HEAD has no body, whatever happens", Request: "HEAD / HTTP/1.1\nHost: h.test\n\n", Log: "boom",
			Handler: func(http.ResponseWriter, *http.Request, *Probe) { panic("boom") },
			Want: `
no response
broken off
`},
		{Name: "http.ErrAbortHandler", Why: "it breaks the response off and says nothing", Quiet: true,
			Handler: func(w http.ResponseWriter, _ *http.Request, _ *Probe) {
				w.WriteHeader(200)
				panic(http.ErrAbortHandler)
			},
			Want: `
no response
broken off
`},
		{Name: "http.ErrAbortHandler after Flush", Why: "so does it in the middle", Quiet: true,
			Handler: func(w http.ResponseWriter, _ *http.Request, _ *Probe) {
				io.WriteString(w, "partial")
				w.(http.Flusher).Flush()
				panic(http.ErrAbortHandler)
			},
			Want: `
200 OK
Content-Type: text/plain; charset=utf-8
~ Transfer-Encoding: chunked
body "partial"
broken off
`},
		{Name: "panic that is recovered", Why: "what the handler recovers from did not happen", Quiet: true,
			Handler: func(w http.ResponseWriter, _ *http.Request, _ *Probe) {
				defer func() {
					recover()
					http.Error(w, "sorry", http.StatusServiceUnavailable)
				}()
				panic("boom")
			},
			Want: `
503 Service Unavailable
Content-Length: 6
Content-Type: text/plain; charset=utf-8
X-Content-Type-Options: nosniff
body "sorry\n"
`},
	}
}
