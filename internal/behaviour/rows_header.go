package behaviour

import (
	"io"
	"net/http"
	"strings"
)

func headerRows() []Row {
	return []Row{
		{Name: "order and repeats", Why: "names are sorted, the values of one name keep their order",
			Handler: func(w http.ResponseWriter, _ *http.Request, _ *Probe) {
				w.Header()["B"] = []string{"2", "1"}
				w.Header().Set("A", "3")
				w.Header().Add("Set-Cookie", "b=2")
				w.Header().Add("Set-Cookie", "a=1")
			},
			Want: `
200 OK
A: 3
B: 2
B: 1
Content-Length: 0
Set-Cookie: b=2
Set-Cookie: a=1
`},
		{Name: "spelling", Why: "a key that was put into the map as it is goes out as it is",
			Handler: func(w http.ResponseWriter, _ *http.Request, _ *Probe) { w.Header()["x-ODD"] = []string{"1"} },
			Want: `
200 OK
Content-Length: 0
x-ODD: 1
`},
		{Name: "header after WriteHeader", Why: "a change after WriteHeader does not reach the client",
			Handler: func(w http.ResponseWriter, _ *http.Request, _ *Probe) {
				w.Header().Set("X-A", "early")
				w.WriteHeader(200)
				w.Header().Set("X-A", "late")
				w.Header().Set("X-B", "late")
			},
			Want: `
200 OK
Content-Length: 0
X-A: early
`},
		{Name: "header after Write", Why: "nor does one after the first Write, though nothing has left yet",
			Handler: func(w http.ResponseWriter, _ *http.Request, _ *Probe) {
				io.WriteString(w, "x")
				w.Header().Set("X-B", "late")
				w.Header().Del("Content-Type")
			},
			Want: `
200 OK
Content-Length: 1
Content-Type: text/plain; charset=utf-8
body "x"
`},
		{Name: "header after Flush", Why: "nor does one after Flush",
			Handler: func(w http.ResponseWriter, _ *http.Request, _ *Probe) {
				w.(http.Flusher).Flush()
				w.Header().Set("X-B", "late")
				io.WriteString(w, "x")
			},
			Want: `
200 OK
~ Transfer-Encoding: chunked
body "x"
`},
		{Name: "header kept from before", Why: "the map that Header returned stays the handler's own",
			Handler: func(w http.ResponseWriter, _ *http.Request, p *Probe) {
				h := w.Header()
				h.Set("X-A", "1")
				w.WriteHeader(200)
				h.Set("X-A", "2")
				p.Note("it reads %s", w.Header().Get("X-A"))
			},
			Want: `
200 OK
Content-Length: 0
X-A: 1
> it reads 2
`},
		{Name: "line ends in values", Why: "CR and LF in a value become spaces: no second header line, no second response",
			Handler: func(w http.ResponseWriter, _ *http.Request, _ *Probe) {
				w.Header()["X-A"] = []string{"a\r\nX-Evil: 1", "b\nc", "d\re", "\r\n\r\nHTTP/1.1 200 OK"}
			},
			Want: `
200 OK
Content-Length: 0
X-A: a  X-Evil: 1
X-A: b c
X-A: d e
X-A: HTTP/1.1 200 OK
`},
		{Name: "NUL in a value", Why: "no control character but the tab reaches the client",
			Handler: func(w http.ResponseWriter, _ *http.Request, _ *Probe) { w.Header().Set("X-A", "a\x00b\x01c\x7fd\te") },
			Want: `
200 OK
Content-Length: 0
X-A: "a\x00b\x01c\x7fd\te"
`},
		{Name: "invalid names", Why: "a field whose name is no token is left out",
			Handler: func(w http.ResponseWriter, _ *http.Request, _ *Probe) {
				for _, name := range []string{"", "X A", "X:A", "X\r\nEvil", "X\x00", "Xé", "X(A)"} {
					w.Header()[name] = []string{"1"}
				}
				w.Header().Set("X-A", "1")
			},
			Want: `
200 OK
Content-Length: 0
X-A: 1
`},
		{Name: "spaces around a value", Why: "white space around a value is not sent",
			Handler: func(w http.ResponseWriter, _ *http.Request, _ *Probe) { w.Header().Set("X-A", " \t a  b \t ") },
			Want: `
200 OK
Content-Length: 0
X-A: a  b
`},
		{Name: "empty value", Why: "a field may have no value",
			Handler: func(w http.ResponseWriter, _ *http.Request, _ *Probe) { w.Header().Set("X-A", "") },
			Want: `
200 OK
Content-Length: 0
X-A:
`},
		{Name: "value without ASCII", Why: "bytes outside ASCII pass as they are",
			Handler: func(w http.ResponseWriter, _ *http.Request, _ *Probe) { w.Header().Set("X-A", "ä\xff") },
			Want: `
200 OK
Content-Length: 0
X-A: "ä\xff"
`},
		{Name: "large header", Why: "a header of any size goes out whole",
			Handler: func(w http.ResponseWriter, _ *http.Request, p *Probe) {
				w.Header().Set("X-A", strings.Repeat("a", 20000))
				w.WriteHeader(200)
				w.Header().Del("X-A")
				io.WriteString(w, "x")
			},
			Want: "200 OK\nContent-Length: 1\nContent-Type: text/plain; charset=utf-8\nX-A: " + strings.Repeat("a", 20000) + "\nbody \"x\"\n"},
		{Name: "Date of the handler", Why: "a Date that the handler set is kept",
			Handler: func(w http.ResponseWriter, _ *http.Request, _ *Probe) {
				w.Header().Set("Date", "Thu, 01 Jan 1970 00:00:00 GMT")
			},
			Want: `
200 OK
Content-Length: 0
Date: Thu, 01 Jan 1970 00:00:00 GMT
`},
		{Name: "no Date", Why: "a Date set to nothing asks for none",
			Handler: func(w http.ResponseWriter, _ *http.Request, _ *Probe) { w.Header()["Date"] = nil },
			Want: `
200 OK
Content-Length: 0
~ no Date
`},
		{Name: "Server of the handler", Why: "a Server field that the handler set is kept",
			Handler: func(w http.ResponseWriter, _ *http.Request, _ *Probe) { w.Header().Set("Server", "mine") },
			Want: `
200 OK
Content-Length: 0
Server: mine
`},
		{Name: "Location with 302", Why: "a redirect passes as it is",
			Handler: func(w http.ResponseWriter, _ *http.Request, _ *Probe) {
				w.Header().Set("Location", "/there")
				w.WriteHeader(302)
			},
			Want: `
302 Found
Content-Length: 0
Location: /there
`},
		{Name: "Location with 201", Why: "a Location does not make a redirect of another status",
			Handler: func(w http.ResponseWriter, _ *http.Request, _ *Probe) {
				w.Header().Set("Location", "/made")
				w.WriteHeader(201)
			},
			Want: `
201 Created
Content-Length: 0
Location: /made
`},
		{Name: "empty Location", Why: "an empty Location is an empty field",
			Handler: func(w http.ResponseWriter, _ *http.Request, _ *Probe) { w.Header().Set("Location", "") },
			Want: `
200 OK
Content-Length: 0
Location:
`},
		{Name: "fields for the web server", Why: "what web servers act on themselves passes",
			Handler: func(w http.ResponseWriter, _ *http.Request, _ *Probe) {
				w.Header().Set("X-Accel-Redirect", "/internal/x")
				w.Header().Set("X-Accel-Buffering", "no")
				w.Header().Set("X-Sendfile", "/srv/x")
			},
			Want: `
200 OK
Content-Length: 0
X-Accel-Buffering: no
X-Accel-Redirect: /internal/x
X-Sendfile: /srv/x
`},
		{Name: "Status of the handler", Why: "a field of the name Status is a field like any other",
			Handler: func(w http.ResponseWriter, _ *http.Request, _ *Probe) {
				w.Header().Set("Status", "404 Not Found")
				io.WriteString(w, "x")
			},
			Want: `
200 OK
Content-Length: 1
Content-Type: text/plain; charset=utf-8
Status: 404 Not Found
body "x"
`},
	}
}

func hopRows() []Row {
	return []Row{
		{Name: "Connection: close", Why: "the handler may end the connection",
			Handler: func(w http.ResponseWriter, _ *http.Request, _ *Probe) {
				w.Header().Set("Connection", "close")
				io.WriteString(w, "x")
			},
			Want: `
200 OK
~ Connection: close
Content-Length: 1
Content-Type: text/plain; charset=utf-8
body "x"
~ closed
`},
		{Name: "Keep-Alive", Why: "what the handler says of a connection that is not its own",
			Handler: func(w http.ResponseWriter, _ *http.Request, _ *Probe) {
				w.Header().Set("Keep-Alive", "timeout=5")
				io.WriteString(w, "x")
			},
			Want: `
200 OK
Content-Length: 1
Content-Type: text/plain; charset=utf-8
Keep-Alive: timeout=5
body "x"
`},
		{Name: "Upgrade without 101", Why: "an offer of another protocol",
			Handler: func(w http.ResponseWriter, _ *http.Request, _ *Probe) {
				w.Header().Set("Upgrade", "h2c")
				io.WriteString(w, "x")
			},
			Want: `
200 OK
Content-Length: 1
Content-Type: text/plain; charset=utf-8
Upgrade: h2c
body "x"
`},
		{Name: "Upgrade with 426", Why: "426 has to say which protocol",
			Handler: func(w http.ResponseWriter, _ *http.Request, _ *Probe) {
				w.Header().Set("Upgrade", "websocket")
				w.WriteHeader(426)
			},
			Want: `
426 Upgrade Required
Content-Length: 0
Upgrade: websocket
`},
		{Name: "other hop-by-hop fields", Why: "fields of one connection that a handler passes on by mistake",
			Handler: func(w http.ResponseWriter, _ *http.Request, _ *Probe) {
				w.Header().Set("Te", "trailers")
				w.Header().Set("Proxy-Connection", "close")
				w.Header().Set("Proxy-Authenticate", "Basic")
				io.WriteString(w, "x")
			},
			Want: `
200 OK
Content-Length: 1
Content-Type: text/plain; charset=utf-8
Proxy-Authenticate: Basic
Proxy-Connection: close
Te: trailers
body "x"
`},
		{Name: "Transfer-Encoding: chunked", Why: "a handler may ask for what the server would do with a longer body; no type is guessed then",
			Handler: func(w http.ResponseWriter, _ *http.Request, _ *Probe) {
				w.Header().Set("Transfer-Encoding", "chunked")
				io.WriteString(w, "x")
			},
			Want: `
200 OK
~ Transfer-Encoding: chunked
body "x"
`},
		{Name: "Transfer-Encoding beside Content-Length", Why: "the length is dropped, never both sent", Log: "http: WriteHeader called with both Transfer-Encoding of",
			Handler: func(w http.ResponseWriter, _ *http.Request, _ *Probe) {
				w.Header().Set("Transfer-Encoding", "chunked")
				w.Header().Set("Content-Length", "1")
				io.WriteString(w, "x")
			},
			Want: `
200 OK
~ Transfer-Encoding: chunked
body "x"
`},
		{Name: "Transfer-Encoding: identity", Why: "the end of the connection is the end of the body",
			Handler: func(w http.ResponseWriter, _ *http.Request, _ *Probe) {
				w.Header().Set("Transfer-Encoding", "identity")
				io.WriteString(w, "x")
			},
			Want: `
200 OK
~ Connection: close
body "x"
~ closed
`},
	}
}
