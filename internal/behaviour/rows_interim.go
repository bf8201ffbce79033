package behaviour

import (
	"io"
	"net/http"
)

func interimRows() []Row {
	return []Row{
		{Name: "103", Why: "an informational response goes out at once, and the response follows",
			Handler: func(w http.ResponseWriter, _ *http.Request, _ *Probe) {
				w.Header().Set("Link", "</a.css>; rel=preload")
				w.WriteHeader(103)
				io.WriteString(w, "x")
			},
			Want: `
103 Early Hints
Link: </a.css>; rel=preload
200 OK
Content-Length: 1
Content-Type: text/plain; charset=utf-8
Link: </a.css>; rel=preload
body "x"
`},
		{Name: "103 twice", Why: "there may be several, each with the fields of its time",
			Handler: func(w http.ResponseWriter, _ *http.Request, _ *Probe) {
				w.Header().Set("Link", "</a.css>")
				w.WriteHeader(103)
				w.Header().Set("Link", "</b.css>")
				w.Header().Set("Content-Length", "1")
				w.WriteHeader(103)
				w.Header().Del("Link")
				w.WriteHeader(404)
				io.WriteString(w, "x")
			},
			Want: `
103 Early Hints
Link: </a.css>
103 Early Hints
Link: </b.css>
404 Not Found
Content-Length: 1
Content-Type: text/plain; charset=utf-8
body "x"
`},
		{Name: "100 without Expect", Why: "a 100 that nobody waits for does no harm",
			Handler: func(w http.ResponseWriter, _ *http.Request, _ *Probe) {
				w.WriteHeader(100)
				io.WriteString(w, "x")
			},
			Want: `
100 Continue
200 OK
Content-Length: 1
Content-Type: text/plain; charset=utf-8
body "x"
`},
		{Name: "103 alone", Why: "a handler that says nothing else answers 200",
			Handler: func(w http.ResponseWriter, _ *http.Request, _ *Probe) { w.WriteHeader(103) },
			Want: `
103 Early Hints
200 OK
Content-Length: 0
`},
		{Name: "103 of HTTP/1.0", Why: "an informational response to HTTP/1.0", Request: "GET / HTTP/1.0\nHost: h.test\n\n",
			Handler: func(w http.ResponseWriter, _ *http.Request, _ *Probe) {
				w.WriteHeader(103)
				io.WriteString(w, "x")
			},
			Want: `
~ HTTP/1.0
103 Early Hints
~ HTTP/1.0
200 OK
Content-Length: 1
Content-Type: text/plain; charset=utf-8
body "x"
~ closed
`},
		{Name: "103 too late", Why: "after the response there is no informational one", Log: "http: superfluous response.WriteHeader call",
			Handler: func(w http.ResponseWriter, _ *http.Request, _ *Probe) {
				io.WriteString(w, "x")
				w.WriteHeader(103)
			},
			Want: `
200 OK
Content-Length: 1
Content-Type: text/plain; charset=utf-8
body "x"
`},
		{Name: "101", Why: "a handler that switches protocols without Hijack has no body to send",
			Handler: func(w http.ResponseWriter, _ *http.Request, p *Probe) {
				w.Header().Set("Upgrade", "echo")
				w.Header().Set("Connection", "Upgrade")
				w.WriteHeader(101)
				_, err := io.WriteString(w, "x")
				p.Err("write", err)
			},
			Want: `
101 Switching Protocols
~ Connection: Upgrade
Upgrade: echo
> write: http: request method or response status code does not allow body
`},
	}
}

func trailerRows() []Row {
	return []Row{
		{Name: "trailer announced", Why: "a field named in Trailer is sent after the body",
			Handler: func(w http.ResponseWriter, _ *http.Request, _ *Probe) {
				w.Header().Set("Trailer", "X-Sum, X-Unset")
				io.WriteString(w, "hello")
				w.Header().Set("X-Sum", "5")
			},
			Want: `
200 OK
Content-Type: text/plain; charset=utf-8
Trailer: X-Sum, X-Unset
~ Transfer-Encoding: chunked
body "hello"
trailer X-Sum: 5
`},
		{Name: "trailer by prefix", Why: "a key with http.TrailerPrefix is sent after a body whose end shows",
			Handler: func(w http.ResponseWriter, _ *http.Request, _ *Probe) {
				io.WriteString(w, "hello")
				w.(http.Flusher).Flush()
				w.Header().Set(http.TrailerPrefix+"X-Sum", "5")
			},
			Want: `
200 OK
Content-Type: text/plain; charset=utf-8
~ Transfer-Encoding: chunked
body "hello"
trailer X-Sum: 5
`},
		{Name: "trailer by prefix, set early", Why: "a prefix set before the head keeps the body open for it",
			Handler: func(w http.ResponseWriter, _ *http.Request, _ *Probe) {
				w.Header().Set(http.TrailerPrefix+"X-Sum", "5")
				io.WriteString(w, "hello")
			},
			Want: `
200 OK
Content-Type: text/plain; charset=utf-8
~ Transfer-Encoding: chunked
body "hello"
trailer X-Sum: 5
`},
		{Name: "trailer by prefix, too late", Why: "a body with a length has no trailer",
			Handler: func(w http.ResponseWriter, _ *http.Request, _ *Probe) {
				io.WriteString(w, "hello")
				w.Header().Set(http.TrailerPrefix+"X-Sum", "5")
			},
			Want: `
200 OK
Content-Length: 5
Content-Type: text/plain; charset=utf-8
body "hello"
`},
		{Name: "forbidden trailers", Why: "what says how a message is read cannot come after it",
			Handler: func(w http.ResponseWriter, _ *http.Request, _ *Probe) {
				w.Header().Set("Trailer", "Content-Length, Transfer-Encoding, If-Match, X-Sum")
				io.WriteString(w, "hello")
				w.Header().Set("Content-Length", "99")
				w.Header().Set("If-Match", "x")
				w.Header().Set("X-Sum", "5")
			},
			Want: `
200 OK
Content-Type: text/plain; charset=utf-8
Trailer: Content-Length, Transfer-Encoding, If-Match, X-Sum
~ Transfer-Encoding: chunked
body "hello"
trailer X-Sum: 5
`},
		{Name: "trailer with a line end", Why: "a trailer is as safe as a header",
			Handler: func(w http.ResponseWriter, _ *http.Request, _ *Probe) {
				w.Header().Set("Trailer", "X-Sum")
				io.WriteString(w, "hello")
				w.Header().Set("X-Sum", "5\r\nX-Evil: 1")
			},
			Want: `
200 OK
Content-Type: text/plain; charset=utf-8
Trailer: X-Sum
~ Transfer-Encoding: chunked
body "hello"
trailer X-Sum: 5  X-Evil: 1
`},
		{Name: "trailer to HTTP/1.0", Why: "HTTP/1.0 has no trailers", Request: "GET / HTTP/1.0\nHost: h.test\n\n",
			Handler: func(w http.ResponseWriter, _ *http.Request, _ *Probe) {
				w.Header().Set("Trailer", "X-Sum")
				io.WriteString(w, "hello")
				w.Header().Set("X-Sum", "5")
			},
			Want: `
~ HTTP/1.0
200 OK
Content-Type: text/plain; charset=utf-8
Trailer: X-Sum
body "hello"
~ closed
`},
	}
}
