package behaviour

import (
	"io"
	"net/http"
	"strings"
)

func flushRows() []Row {
	return []Row{
		{Name: "Flush before Write", Why: "a Flush sends the head, before there is a body whose type could be guessed",
			Handler: func(w http.ResponseWriter, _ *http.Request, p *Probe) {
				p.Err("flush", http.NewResponseController(w).Flush())
				io.WriteString(w, "<html>")
			},
			Want: `
200 OK
~ Transfer-Encoding: chunked
body "<html>"
> flush: ok
`},
		{Name: "Flush after Write", Why: "a Flush sends what was written; the rest comes later",
			Handler: func(w http.ResponseWriter, _ *http.Request, p *Probe) {
				io.WriteString(w, "<html>")
				p.Err("flush", http.NewResponseController(w).Flush())
				io.WriteString(w, "</html>")
			},
			Want: `
200 OK
Content-Type: text/html; charset=utf-8
~ Transfer-Encoding: chunked
body "<html></html>"
> flush: ok
`},
		{Name: "Flush alone", Why: "a Flush and nothing else is an empty body whose length is not said",
			Handler: func(w http.ResponseWriter, _ *http.Request, _ *Probe) { w.(http.Flusher).Flush() },
			Want: `
200 OK
~ Transfer-Encoding: chunked
`},
		{Name: "Flush at the end", Why: "a Flush as the last act costs the length",
			Handler: func(w http.ResponseWriter, _ *http.Request, _ *Probe) {
				io.WriteString(w, "hello")
				w.(http.Flusher).Flush()
			},
			Want: `
200 OK
Content-Type: text/plain; charset=utf-8
~ Transfer-Encoding: chunked
body "hello"
`},
		{Name: "Flush with a declared length", Why: "a declared length stays",
			Handler: func(w http.ResponseWriter, _ *http.Request, _ *Probe) {
				w.Header().Set("Content-Length", "5")
				io.WriteString(w, "he")
				w.(http.Flusher).Flush()
				w.(http.Flusher).Flush()
				io.WriteString(w, "llo")
			},
			Want: `
200 OK
Content-Length: 5
Content-Type: text/plain; charset=utf-8
body "hello"
`},
		{Name: "Flush after WriteHeader", Why: "a status other than 200 goes out by Flush, too",
			Handler: func(w http.ResponseWriter, _ *http.Request, _ *Probe) {
				w.WriteHeader(404)
				w.(http.Flusher).Flush()
			},
			Want: `
404 Not Found
~ Transfer-Encoding: chunked
`},
	}
}

func typeRows() []Row {
	write := func(parts ...string) func(w http.ResponseWriter, _ *http.Request, _ *Probe) {
		return func(w http.ResponseWriter, _ *http.Request, _ *Probe) {
			for _, part := range parts {
				io.WriteString(w, part)
			}
		}
	}
	set := func(name string, value []string, text string) func(w http.ResponseWriter, _ *http.Request, _ *Probe) {
		return func(w http.ResponseWriter, _ *http.Request, _ *Probe) {
			w.Header()[name] = value
			io.WriteString(w, text)
		}
	}
	return []Row{
		{Name: "type of text", Why: "plain text is seen as such", Handler: write("hello"), Want: `
200 OK
Content-Length: 5
Content-Type: text/plain; charset=utf-8
body "hello"
`},
		{Name: "type of HTML", Why: "so is HTML", Handler: write("<!DOCTYPE HTML>"), Want: `
200 OK
Content-Length: 15
Content-Type: text/html; charset=utf-8
body "<!DOCTYPE HTML>"
`},
		{Name: "type of PNG", Why: "so is an image", Handler: write("\x89PNG\x0d\x0a\x1a\x0a"), Want: `
200 OK
Content-Length: 8
Content-Type: image/png
body "\x89PNG\r\n\x1a\n"
`},
		{Name: "type of bytes", Why: "what is nothing known is bytes", Handler: write("\x00\x01\x02"), Want: `
200 OK
Content-Length: 3
Content-Type: application/octet-stream
body "\x00\x01\x02"
`},
		{Name: "type in two writes", Why: "the first 512 bytes count, however they were written", Handler: write("<ht", "ml>"), Want: `
200 OK
Content-Length: 6
Content-Type: text/html; charset=utf-8
body "<html>"
`},
		{Name: "type of a large body", Why: "the type of a large body is guessed from its beginning", Handler: write(strings.Repeat("<html>", 1000)), Want: `
200 OK
Content-Type: text/html; charset=utf-8
~ Transfer-Encoding: chunked
body of 6000 bytes, crc32 1e02d43c
`},
		{Name: "type of nothing", Why: "nothing has no type", Handler: write(""), Want: `
200 OK
Content-Length: 0
`},
		{Name: "type set", Why: "a type that the handler set counts", Handler: set("Content-Type", []string{"text/x"}, "<html>"), Want: `
200 OK
Content-Length: 6
Content-Type: text/x
body "<html>"
`},
		{Name: "type set to nothing", Why: "a type set to nothing asks for none", Handler: set("Content-Type", nil, "<html>"), Want: `
200 OK
Content-Length: 6
body "<html>"
`},
		{Name: "type empty", Why: "an empty type is a field without a value", Handler: set("Content-Type", []string{""}, "<html>"), Want: `
200 OK
Content-Length: 6
Content-Type:
body "<html>"
`},
		{Name: "type of an encoded body", Why: "the type of a compressed body cannot be guessed", Handler: set("Content-Encoding", []string{"gzip"}, "\x1f\x8b"), Want: `
200 OK
Content-Encoding: gzip
Content-Length: 2
body "\x1f\x8b"
`},
		{Name: "type with an empty encoding", Why: "an empty encoding is none", Handler: set("Content-Encoding", []string{""}, "<html>"), Want: `
200 OK
Content-Encoding:
Content-Length: 6
Content-Type: text/html; charset=utf-8
body "<html>"
`},
		{Name: "type with nosniff", Why: "nosniff is for the client", Handler: set("X-Content-Type-Options", []string{"nosniff"}, "<html>"), Want: `
200 OK
Content-Length: 6
Content-Type: text/html; charset=utf-8
X-Content-Type-Options: nosniff
body "<html>"
`},
	}
}
