package behaviour

import (
	"fmt"
	"io"
	"net/http"
)

func statusRows() []Row {
	rows := []Row{
		{Name: "implicit 200", Why: "the first Write without WriteHeader means 200",
			Handler: func(w http.ResponseWriter, _ *http.Request, _ *Probe) { io.WriteString(w, "hello") },
			Want: `
200 OK
Content-Length: 5
Content-Type: text/plain; charset=utf-8
body "hello"
`},
		{Name: "nothing at all", Why: "a handler that does nothing answers 200 with an empty body", Quiet: true,
			Handler: func(http.ResponseWriter, *http.Request, *Probe) {},
			Want: `
200 OK
Content-Length: 0
`},
		{Name: "empty write", Why: "a Write of nothing means 200, too, and fixes the header",
			Handler: func(w http.ResponseWriter, _ *http.Request, p *Probe) {
				n, err := w.Write(nil)
				p.Note("%d bytes", n)
				p.Err("write", err)
				w.Header().Set("X-Late", "1")
			},
			Want: `
200 OK
Content-Length: 0
> 0 bytes
> write: ok
`},
		{Name: "status without body", Why: "a status alone has Content-Length: 0",
			Handler: func(w http.ResponseWriter, _ *http.Request, _ *Probe) { w.WriteHeader(404) },
			Want: `
404 Not Found
Content-Length: 0
`},
		{Name: "second WriteHeader", Why: "the first status counts, the second one is logged", Log: "http: superfluous response.WriteHeader call from",
			Handler: func(w http.ResponseWriter, _ *http.Request, _ *Probe) {
				w.WriteHeader(201)
				w.WriteHeader(500)
				io.WriteString(w, "made")
			},
			Want: `
201 Created
Content-Length: 4
Content-Type: text/plain; charset=utf-8
body "made"
`},
		{Name: "WriteHeader after Write", Why: "a Write has decided for 200", Log: "http: superfluous response.WriteHeader call from",
			Handler: func(w http.ResponseWriter, _ *http.Request, _ *Probe) {
				io.WriteString(w, "hello")
				w.WriteHeader(500)
			},
			Want: `
200 OK
Content-Length: 5
Content-Type: text/plain; charset=utf-8
body "hello"
`},
		{Name: "WriteHeader after Flush", Why: "a Flush has decided for 200", Log: "http: superfluous response.WriteHeader call from",
			Handler: func(w http.ResponseWriter, _ *http.Request, _ *Probe) {
				w.(http.Flusher).Flush()
				w.WriteHeader(500)
			},
			Want: `
200 OK
~ Transfer-Encoding: chunked
`},
		{Name: "invalid second status", Why: "a second status is superfluous before it is invalid", Log: "http: superfluous response.WriteHeader call from",
			Handler: func(w http.ResponseWriter, _ *http.Request, _ *Probe) {
				w.WriteHeader(202)
				w.WriteHeader(0)
			},
			Want: `
202 Accepted
Content-Length: 0
`},
	}
	for _, code := range []int{200, 202, 206, 299, 300, 308, 400, 418, 451, 499, 500, 511, 599, 600, 999} {
		rows = append(rows, Row{Name: fmt.Sprint("status ", code), Why: "any status of three digits goes out, with the phrase that net/http has for it",
			Handler: func(w http.ResponseWriter, _ *http.Request, _ *Probe) {
				w.WriteHeader(code)
				io.WriteString(w, "x")
			},
			Want: fmt.Sprintf("%d %s\nContent-Length: 1\nContent-Type: text/plain; charset=utf-8\nbody \"x\"\n", code, phrase(code))})
	}
	for _, code := range []int{-1, 0, 7, 99, 1000} {
		rows = append(rows, Row{Name: fmt.Sprint("status ", code), Why: "what is no status panics, and the response is as it was",
			Handler: func(w http.ResponseWriter, _ *http.Request, p *Probe) {
				func() {
					defer func() { p.Note("panic: %v", recover()) }()
					w.WriteHeader(code)
				}()
				io.WriteString(w, "still here")
			},
			Want: fmt.Sprintf("200 OK\nContent-Length: 10\nContent-Type: text/plain; charset=utf-8\nbody \"still here\"\n> panic: invalid WriteHeader code %d\n", code)})
	}
	return rows
}

func phrase(code int) string {
	if text := http.StatusText(code); text != "" {
		return text
	}
	return fmt.Sprint("status code ", code)
}
