package behaviour

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"
)

func bodyRows() []Row {
	form := "--b\r\nContent-Disposition: form-data; name=\"f\"; filename=\"f\"\r\n\r\n" + strings.Repeat("x", 100) + "\r\n--b--\r\n"
	post := "POST / HTTP/1.1\nHost: h.test\nContent-Length: 5\n\nhello"
	return []Row{
		{Name: "body of known length", Why: "the body ends after its length, with io.EOF and again io.EOF", Request: post,
			Handler: func(w http.ResponseWriter, r *http.Request, p *Probe) {
				b, err := io.ReadAll(r.Body)
				p.Note("length %d, %q", r.ContentLength, b)
				p.Err("read all", err)
				n, err := r.Body.Read(make([]byte, 1))
				p.Note("then %d bytes", n)
				p.Err("read", err)
			},
			Want: `
200 OK
Content-Length: 0
> length 5, "hello"
> read all: ok
> then 0 bytes
> read: EOF
`},
		{Name: "body in small reads", Why: "a body can be read a byte at a time, and a read of nothing is nothing", Request: post,
			Handler: func(_ http.ResponseWriter, r *http.Request, p *Probe) {
				n, err := r.Body.Read(nil)
				p.Note("%d bytes", n)
				p.Err("read of nothing", err)
				var got []byte
				for {
					var one [1]byte
					n, err := r.Body.Read(one[:])
					got = append(got, one[:n]...)
					if err != nil {
						p.Note("%q, %v", got, err)
						return
					}
				}
			},
			Want: `
200 OK
Content-Length: 0
> 0 bytes
> read of nothing: ok
> "hello", EOF
`},
		{Name: "no body", Why: "a request without a body has http.NoBody",
			Handler: func(_ http.ResponseWriter, r *http.Request, p *Probe) {
				p.Note("NoBody %v, length %d", r.Body == http.NoBody, r.ContentLength)
				_, err := r.Body.Read(make([]byte, 1))
				p.Err("read", err)
			},
			Want: `
200 OK
Content-Length: 0
> NoBody true, length 0
> read: EOF
`},
		{Name: "empty body", Why: "a declared empty body is no body, either", Request: "POST / HTTP/1.1\nHost: h.test\nContent-Length: 0\n\n",
			Handler: func(_ http.ResponseWriter, r *http.Request, p *Probe) {
				p.Note("NoBody %v, length %d, field %q", r.Body == http.NoBody, r.ContentLength, r.Header["Content-Length"])
			},
			Want: `
200 OK
Content-Length: 0
> NoBody true, length 0, field ["0"]
`},
		{Name: "chunked body", Why: "a body of unknown length has ContentLength -1 and ends where it ends",
			Request: "POST / HTTP/1.1\nHost: h.test\nTransfer-Encoding: chunked\n\n5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n",
			Handler: func(_ http.ResponseWriter, r *http.Request, p *Probe) {
				b, err := io.ReadAll(r.Body)
				p.Note("length %d, %q", r.ContentLength, b)
				p.Err("read all", err)
			},
			Want: `
200 OK
Content-Length: 0
> length -1, "hello world"
> read all: ok
`},
		{Name: "short body", Why: "a body that ends before its length is an error, not an end", Request: "POST / HTTP/1.1\nHost: h.test\nContent-Length: 10\n\nhello", Cut: true, Quick: true,
			Handler: func(w http.ResponseWriter, r *http.Request, p *Probe) {
				b, err := io.ReadAll(r.Body)
				p.Note("%q, io.ErrUnexpectedEOF %v", b, errors.Is(err, io.ErrUnexpectedEOF))
				_, err = r.Body.Read(make([]byte, 1))
				p.Note("again an error %v", err != nil && err != io.EOF)
				w.WriteHeader(400)
			},
			Want: `
400 Bad Request
Content-Length: 0
~ closed
> "hello", io.ErrUnexpectedEOF true
> again an error false
`},
		{Name: "large body", Why: "a body of a megabyte arrives whole", Request: "PUT / HTTP/1.1\nHost: h.test\nContent-Length: 1048576\n\n" + strings.Repeat("0123456789abcdef", 1<<16),
			Handler: func(w http.ResponseWriter, r *http.Request, p *Probe) {
				n, err := io.Copy(io.Discard, r.Body)
				p.Note("%d bytes", n)
				p.Err("copy", err)
			},
			Want: `
200 OK
Content-Length: 0
> 1048576 bytes
> copy: ok
`},
		{Name: "unread small body", Why: "a small body that the handler leaves does not cost the connection", Request: post,
			Handler: func(w http.ResponseWriter, _ *http.Request, _ *Probe) { io.WriteString(w, "x") },
			Want: `
200 OK
Content-Length: 1
Content-Type: text/plain; charset=utf-8
body "x"
`},
		{Name: "unread large body", Why: "a large one does", Request: "POST / HTTP/1.1\nHost: h.test\nContent-Length: 400000\n\n" + strings.Repeat("x", 400000),
			Handler: func(w http.ResponseWriter, _ *http.Request, _ *Probe) { io.WriteString(w, "x") },
			Want: `
200 OK
~ Connection: close
Content-Length: 1
Content-Type: text/plain; charset=utf-8
body "x"
~ closed
`},
		{Name: "body hidden from the server", Why: "also when the handler has put something in its place", Request: "POST / HTTP/1.1\nHost: h.test\nContent-Length: 400000\n\n" + strings.Repeat("x", 400000),
			Handler: func(w http.ResponseWriter, r *http.Request, _ *Probe) {
				r.Body = struct{ io.ReadCloser }{r.Body}
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
		{Name: "read after Close", Why: "a closed body cannot be read", Request: post,
			Handler: func(_ http.ResponseWriter, r *http.Request, p *Probe) {
				p.Err("close", r.Body.Close())
				_, err := r.Body.Read(make([]byte, 1))
				p.Err("read", err)
			},
			Want: `
200 OK
Content-Length: 0
> close: ok
> read: http: invalid Read on closed Body
`},
		{Name: "read after return", Why: "nor can one whose handler has returned", Request: post,
			Handler: func(_ http.ResponseWriter, r *http.Request, p *Probe) {
				p.After(func() {
					_, err := r.Body.Read(make([]byte, 1))
					p.Err("read", err)
				})
			},
			Want: `
200 OK
Content-Length: 0
> read: http: invalid Read on closed Body
`},
		{Name: "read after the response has begun", Why: "what the client sends can be read while the response goes out", Request: post,
			Handler: func(w http.ResponseWriter, r *http.Request, p *Probe) {
				http.NewResponseController(w).EnableFullDuplex()
				io.WriteString(w, "begin ")
				w.(http.Flusher).Flush()
				b, err := io.ReadAll(r.Body)
				p.Err("read all", err)
				w.Write(b)
			},
			Want: `
200 OK
Content-Type: text/plain; charset=utf-8
~ Transfer-Encoding: chunked
body "begin hello"
> read all: ok
`},
		{Name: "half duplex", Why: "without EnableFullDuplex the body is read away before the response", Request: post,
			Handler: func(w http.ResponseWriter, r *http.Request, p *Probe) {
				w.(http.Flusher).Flush()
				b, err := io.ReadAll(r.Body)
				p.Note("%q", b)
				p.Err("read all", err)
			},
			Want: `
200 OK
~ Transfer-Encoding: chunked
> ""
> read all: http: invalid Read on closed Body
`},
		{Name: "http.MaxBytesReader", Why: "a limit that the handler sets gives its own error", Request: post,
			Handler: func(w http.ResponseWriter, r *http.Request, p *Probe) {
				b, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 3))
				p.Note("%q", b)
				p.Err("read all", err)
				http.Error(w, "too large", http.StatusRequestEntityTooLarge)
			},
			Want: `
413 Request Entity Too Large
~ Connection: close
Content-Length: 10
Content-Type: text/plain; charset=utf-8
X-Content-Type-Options: nosniff
body "too large\n"
~ closed
> "hel"
> read all: http: request body too large
`},
		{Name: "form", Why: "a form is parsed from query and body", Request: "POST /?a=1 HTTP/1.1\nHost: h.test\nContent-Type: application/x-www-form-urlencoded\nContent-Length: 3\n\nb=2",
			Handler: func(_ http.ResponseWriter, r *http.Request, p *Probe) {
				p.Err("parse", r.ParseForm())
				p.Note("%v", r.Form)
			},
			Want: `
200 OK
Content-Length: 0
> parse: ok
> map[a:[1] b:[2]]
`},
		{Name: "multipart form", Why: "files of a form are removed when the request is over",
			Request: fmt.Sprintf("POST / HTTP/1.1\nHost: h.test\nContent-Type: multipart/form-data; boundary=b\nContent-Length: %d\n\n%s", len(form), form),
			Handler: func(_ http.ResponseWriter, r *http.Request, p *Probe) {
				p.Err("parse", r.ParseMultipartForm(0))
				f, _, err := r.FormFile("f")
				p.Err("open", err)
				if file, ok := f.(*os.File); ok {
					f.Close()
					p.After(func() {
						_, err := os.Stat(file.Name())
						p.Note("removed %v", os.IsNotExist(err))
					})
				}
			},
			Want: `
200 OK
Content-Length: 0
> parse: ok
> open: ok
> removed true
`},
		{Name: "read deadline", Why: "a deadline that has passed ends a read of the body", Request: "POST / HTTP/1.1\nHost: h.test\nContent-Length: 10\n\nhello",
			Handler: func(w http.ResponseWriter, r *http.Request, p *Probe) {
				p.Err("set", http.NewResponseController(w).SetReadDeadline(time.Unix(1, 0)))
				_, err := io.ReadAll(r.Body)
				p.Note("os.ErrDeadlineExceeded %v", errors.Is(err, os.ErrDeadlineExceeded))
				panic(http.ErrAbortHandler)
			},
			Want: `
no response
broken off
> set: ok
> os.ErrDeadlineExceeded true
`},
		{Name: "Expect: 100-continue", Why: "the first read of the body asks the client for it", Request: "PUT / HTTP/1.1\nHost: h.test\nExpect: 100-continue\nContent-Length: 5\n\nhello",
			Handler: func(w http.ResponseWriter, r *http.Request, p *Probe) {
				b, err := io.ReadAll(r.Body)
				p.Err("read all", err)
				w.Write(b)
			},
			Want: `
100 Continue
200 OK
Content-Length: 5
Content-Type: text/plain; charset=utf-8
body "hello"
> read all: ok
`},
		{Name: "Expect, body not wanted", Why: "without a read the client is not asked, and the connection cannot be used again", Request: "PUT / HTTP/1.1\nHost: h.test\nExpect: 100-continue\nContent-Length: 5\n\nhello",
			Handler: func(w http.ResponseWriter, _ *http.Request, _ *Probe) { w.WriteHeader(403) },
			Want: `
403 Forbidden
~ Connection: close
Content-Length: 0
~ closed
`},
		{Name: "Expect, answered by the handler", Why: "the handler may ask the client itself, once", Request: "PUT / HTTP/1.1\nHost: h.test\nExpect: 100-continue\nContent-Length: 5\n\nhello",
			Handler: func(w http.ResponseWriter, r *http.Request, p *Probe) {
				w.WriteHeader(100)
				b, err := io.ReadAll(r.Body)
				p.Err("read all", err)
				w.Write(b)
			},
			Want: `
100 Continue
200 OK
Content-Length: 5
Content-Type: text/plain; charset=utf-8
body "hello"
> read all: ok
`},
		{Name: "Expect of HTTP/1.0", Why: "a client of HTTP/1.0 is never sent a 100", Request: "PUT / HTTP/1.0\nHost: h.test\nExpect: 100-continue\nContent-Length: 5\n\nhello",
			Handler: func(w http.ResponseWriter, r *http.Request, p *Probe) {
				b, err := io.ReadAll(r.Body)
				p.Err("read all", err)
				w.Write(b)
			},
			Want: `
~ HTTP/1.0
200 OK
Content-Length: 5
Content-Type: text/plain; charset=utf-8
body "hello"
~ closed
> read all: ok
`},
		{Name: "Expect of anything else", Why: "nobody knows another expectation, and the handler does not run", Request: "GET / HTTP/1.1\nHost: h.test\nExpect: miracle\n\n",
			Handler: func(w http.ResponseWriter, _ *http.Request, p *Probe) { p.Note("the handler runs") },
			Want: `
417 Expectation Failed
~ Connection: close
Content-Length: 0
~ closed
`},
		{Name: "echo while reading", Why: "copying the body into the response works in both directions at once",
			Request: "POST / HTTP/1.1\nHost: h.test\nContent-Length: 100000\n\n" + strings.Repeat("0123456789", 10000),
			Handler: func(w http.ResponseWriter, r *http.Request, p *Probe) {
				http.NewResponseController(w).EnableFullDuplex()
				w.Header().Set("Content-Type", "text/plain")
				w.Header().Set("Content-Length", fmt.Sprint(r.ContentLength))
				n, err := io.Copy(w, r.Body)
				p.Note("%d bytes", n)
				p.Err("copy", err)
			},
			Want: `
200 OK
Content-Length: 100000
Content-Type: text/plain
body of 100000 bytes, crc32 1cc5b887
> 100000 bytes
> copy: ok
`},
	}
}
