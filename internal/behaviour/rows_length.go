package behaviour

import (
	"io"
	"net/http"
	"strings"
)

func bodilessRows() []Row {
	head := "HEAD / HTTP/1.1\nHost: h.test\n\n"
	write := func(w http.ResponseWriter, text string, p *Probe) {
		n, err := io.WriteString(w, text)
		p.Note("%d bytes", n)
		p.Err("write", err)
	}
	return []Row{
		{Name: "HEAD", Why: "the head is that of GET, the body is not sent, and the handler cannot tell", Request: head,
			Handler: func(w http.ResponseWriter, _ *http.Request, p *Probe) { write(w, "<html>", p) },
			Want: `
200 OK
Content-Length: 6
Content-Type: text/html; charset=utf-8
> 6 bytes
> write: ok
`},
		{Name: "HEAD, nothing written", Why: "nothing written does not mean that GET has nothing", Request: head,
			Handler: func(http.ResponseWriter, *http.Request, *Probe) {},
			Want: `
200 OK
`},
		{Name: "HEAD, large body", Why: "a length that is not known is not made up", Request: head,
			Handler: func(w http.ResponseWriter, _ *http.Request, p *Probe) { write(w, strings.Repeat("x", 5000), p) },
			Want: `
200 OK
Content-Type: text/plain; charset=utf-8
> 5000 bytes
> write: ok
`},
		{Name: "HEAD, declared length", Why: "a declared length is passed without a body", Request: head, Quiet: true,
			Handler: func(w http.ResponseWriter, _ *http.Request, _ *Probe) { w.Header().Set("Content-Length", "1000") },
			Want: `
200 OK
Content-Length: 1000
`},
		{Name: "HEAD, Flush", Why: "a Flush sends the head alone", Request: head,
			Handler: func(w http.ResponseWriter, _ *http.Request, p *Probe) {
				p.Err("flush", http.NewResponseController(w).Flush())
				write(w, "x", p)
			},
			Want: `
200 OK
> flush: ok
> 1 bytes
> write: ok
`},
		{Name: "HEAD, method changed", Why: "a middleware that answers HEAD by GET changes the method of its own copy", Request: head,
			Handler: func(w http.ResponseWriter, r *http.Request, p *Probe) {
				inner := r.WithContext(r.Context())
				inner.Method = "GET"
				write(w, "x", p)
			},
			Want: `
200 OK
Content-Length: 1
Content-Type: text/plain; charset=utf-8
> 1 bytes
> write: ok
`},
		{Name: "204", Why: "204 has no body, and writing one is an error",
			Handler: func(w http.ResponseWriter, _ *http.Request, p *Probe) {
				w.WriteHeader(204)
				write(w, "forbidden", p)
			},
			Want: `
204 No Content
> 0 bytes
> write: http: request method or response status code does not allow body
`},
		{Name: "204, fields", Why: "204 has no length; a type that the handler set stays",
			Handler: func(w http.ResponseWriter, _ *http.Request, _ *Probe) {
				w.Header().Set("Content-Type", "text/x")
				w.Header().Set("Content-Length", "5")
				w.WriteHeader(204)
			},
			Want: `
204 No Content
Content-Type: text/x
`},
		{Name: "304", Why: "304 has no body, and no fields about one",
			Handler: func(w http.ResponseWriter, _ *http.Request, p *Probe) {
				w.Header().Set("Content-Type", "text/x")
				w.Header().Set("Content-Length", "5")
				w.Header().Set("Etag", `"x"`)
				w.WriteHeader(304)
				write(w, "forbidden", p)
			},
			Want: `
304 Not Modified
Etag: "x"
> 0 bytes
> write: http: request method or response status code does not allow body
`},
		{Name: "204, Flush", Why: "a Flush after 204 is fine",
			Handler: func(w http.ResponseWriter, _ *http.Request, p *Probe) {
				w.WriteHeader(204)
				p.Err("flush", http.NewResponseController(w).Flush())
				write(w, "", p)
			},
			Want: `
204 No Content
> flush: ok
> 0 bytes
> write: ok
`},
	}
}

func lengthRows() []Row {
	declare := func(length string, parts ...string) func(w http.ResponseWriter, _ *http.Request, p *Probe) {
		return func(w http.ResponseWriter, _ *http.Request, p *Probe) {
			w.Header().Set("Content-Length", length)
			for _, part := range parts {
				n, err := io.WriteString(w, part)
				p.Note("%d bytes", n)
				p.Err("write", err)
			}
		}
	}
	return []Row{
		{Name: "declared length", Why: "a body of the declared length", Handler: declare("5", "hello"), Quiet: true, Want: `
200 OK
Content-Length: 5
Content-Type: text/plain; charset=utf-8
body "hello"
> 5 bytes
> write: ok
`},
		{Name: "declared length, large", Why: "a large body of the declared length is not chunked", Handler: declare("100000", strings.Repeat("x", 50000), strings.Repeat("y", 50000)), Want: `
200 OK
Content-Length: 100000
Content-Type: text/plain; charset=utf-8
body of 100000 bytes, crc32 ab2df92e
> 50000 bytes
> write: ok
> 50000 bytes
> write: ok
`},
		{Name: "declared length with spaces", Why: "white space around a number is no part of it", Handler: declare(" 5 ", "hello"), Want: `
200 OK
Content-Type: text/plain; charset=utf-8
~ Transfer-Encoding: chunked
body "hello"
> 5 bytes
> write: ok
`},
		{Name: "body too short", Why: "a body shorter than declared is broken off: the client must not wait, nor take it for whole", Handler: declare("10", "hello"), Want: `
200 OK
Content-Length: 10
Content-Type: text/plain; charset=utf-8
body "hello"
broken off
> 5 bytes
> write: ok
`},
		{Name: "body missing", Why: "so is one that is missing", Handler: declare("10"), Want: `
200 OK
Content-Length: 10
broken off
`},
		{Name: "body too short, large", Why: "so is one of which a part has left", Handler: declare("10000", strings.Repeat("x", 9999)), Want: `
200 OK
Content-Length: 10000
Content-Type: text/plain; charset=utf-8
body of 9999 bytes, crc32 37a4edd4
broken off
> 9999 bytes
> write: ok
`},
		{Name: "body too long", Why: "a Write beyond the declared length fails as a whole, and the rest is missing", Handler: declare("5", "hello world"), Want: `
200 OK
Content-Length: 5
broken off
> 0 bytes
> write: http: wrote more than the declared Content-Length
`},
		{Name: "body too long, second write", Why: "what was within the length is sent", Handler: declare("5", "hello", " world"), Want: `
200 OK
Content-Length: 5
Content-Type: text/plain; charset=utf-8
body "hello"
~ closed
> 5 bytes
> write: ok
> 0 bytes
> write: http: wrote more than the declared Content-Length
`},
		{Name: "declared nothing, wrote something", Why: "a declared length of 0 lets nothing through", Handler: declare("0", "x"), Want: `
200 OK
Content-Length: 0
~ closed
> 0 bytes
> write: http: wrote more than the declared Content-Length
`},
		{Name: "malformed length", Why: "a length that is none is logged and not sent", Handler: declare("abc", "hello"), Log: `http: invalid Content-Length of`, Want: `
200 OK
Content-Type: text/plain; charset=utf-8
~ Transfer-Encoding: chunked
body "hello"
> 5 bytes
> write: ok
`},
		{Name: "negative length", Why: "so is one below nothing", Handler: declare("-5", "hello"), Log: `http: invalid Content-Length of`, Want: `
200 OK
Content-Type: text/plain; charset=utf-8
~ Transfer-Encoding: chunked
body "hello"
> 5 bytes
> write: ok
`},
		{Name: "length with a sign", Why: "so is one with a plus sign", Handler: declare("+5", "hello"), Want: `
200 OK
Content-Length: +5
Content-Type: text/plain; charset=utf-8
body "hello"
> 5 bytes
> write: ok
`},
		{Name: "empty length", Why: "an empty length means that none is to be computed", Handler: declare("", "hello"), Want: `
200 OK
Content-Type: text/plain; charset=utf-8
~ Transfer-Encoding: chunked
body "hello"
> 5 bytes
> write: ok
`},
		{Name: "no length", Why: "so does one set to nothing",
			Handler: func(w http.ResponseWriter, _ *http.Request, _ *Probe) {
				w.Header()["Content-Length"] = nil
				io.WriteString(w, "hello")
			},
			Want: `
200 OK
Content-Type: text/plain; charset=utf-8
~ Transfer-Encoding: chunked
body "hello"
`},
		{Name: "two lengths", Why: "two lengths are one too many",
			Handler: func(w http.ResponseWriter, _ *http.Request, _ *Probe) {
				w.Header()["Content-Length"] = []string{"5", "6"}
				io.WriteString(w, "hello")
			},
			Want: `
200 OK
Content-Length: 5
Content-Length: 6
Content-Type: text/plain; charset=utf-8
body "hello"
`},
		{Name: "length in small letters", Why: "a length behind a key that is not canonical is not the engine's",
			Handler: func(w http.ResponseWriter, _ *http.Request, _ *Probe) {
				w.Header()["content-length"] = []string{"5"}
				io.WriteString(w, "hello")
			},
			Want: `
200 OK
Content-Length: 5
Content-Type: text/plain; charset=utf-8
content-length: 5
body "hello"
`},
		{Name: "body that fits", Why: "a body of up to 2048 bytes gets its length",
			Handler: func(w http.ResponseWriter, _ *http.Request, _ *Probe) {
				io.WriteString(w, strings.Repeat("x", 1000))
				io.WriteString(w, strings.Repeat("y", 1048))
			},
			Want: `
200 OK
Content-Length: 2048
Content-Type: text/plain; charset=utf-8
body of 2048 bytes, crc32 bf81ea23
`},
		{Name: "body that does not fit", Why: "one byte more, and the length is not known in time",
			Handler: func(w http.ResponseWriter, _ *http.Request, _ *Probe) {
				io.WriteString(w, strings.Repeat("x", 1000))
				io.WriteString(w, strings.Repeat("y", 1049))
			},
			Want: `
200 OK
Content-Type: text/plain; charset=utf-8
~ Transfer-Encoding: chunked
body of 2049 bytes, crc32 5903d68d
`},
		{Name: "large write", Why: "a large slice in one Write arrives whole",
			Handler: func(w http.ResponseWriter, _ *http.Request, p *Probe) {
				n, err := w.Write([]byte(strings.Repeat("0123456789", 50000)))
				p.Note("%d bytes", n)
				p.Err("write", err)
			},
			Want: `
200 OK
Content-Type: text/plain; charset=utf-8
~ Transfer-Encoding: chunked
body of 500000 bytes, crc32 8578fe07
> 500000 bytes
> write: ok
`},
		{Name: "many small writes", Why: "small pieces arrive in order",
			Handler: func(w http.ResponseWriter, _ *http.Request, _ *Probe) {
				for range 3000 {
					io.WriteString(w, "abc")
				}
			},
			Want: `
200 OK
Content-Type: text/plain; charset=utf-8
~ Transfer-Encoding: chunked
body of 9000 bytes, crc32 e2a6ae25
`},
		{Name: "small, large, small", Why: "pieces of any size arrive in order",
			Handler: func(w http.ResponseWriter, _ *http.Request, _ *Probe) {
				io.WriteString(w, "head ")
				io.WriteString(w, strings.Repeat("x", 5000))
				io.WriteString(w, " tail")
			},
			Want: `
200 OK
Content-Type: text/plain; charset=utf-8
~ Transfer-Encoding: chunked
body of 5010 bytes, crc32 98038d8f
`},
	}
}
