package behaviour

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"
)

func connectionRows() []Row {
	hello := func(w http.ResponseWriter, _ *http.Request, _ *Probe) { io.WriteString(w, "hello") }
	long := func(w http.ResponseWriter, _ *http.Request, _ *Probe) { io.WriteString(w, strings.Repeat("x", 5000)) }
	return []Row{
		{Name: "the client closes", Why: "a client that wants to go is let go", Request: "GET / HTTP/1.1\nHost: h.test\nConnection: close\n\n", Handler: hello, Want: `
200 OK
~ Connection: close
Content-Length: 5
Content-Type: text/plain; charset=utf-8
body "hello"
~ closed
`},
		{Name: "HTTP/1.0", Why: "a client of HTTP/1.0 is answered and let go", Request: "GET / HTTP/1.0\n\n", Handler: hello, Want: `
~ HTTP/1.0
200 OK
Content-Length: 5
Content-Type: text/plain; charset=utf-8
body "hello"
~ closed
`},
		{Name: "HTTP/1.0, unknown length", Why: "its body ends with the connection, without chunks", Request: "GET / HTTP/1.0\n\n", Handler: long, Want: `
~ HTTP/1.0
200 OK
Content-Type: text/plain; charset=utf-8
body of 5000 bytes, crc32 00dbf026
~ closed
`},
		{Name: "HTTP/1.0 keep-alive", Why: "one that wants to stay is told that it may", Request: "GET / HTTP/1.0\nConnection: keep-alive\n\n", Handler: hello, Want: `
~ HTTP/1.0
200 OK
~ Connection: keep-alive
Content-Length: 5
Content-Type: text/plain; charset=utf-8
body "hello"
`},
		{Name: "HTTP/1.0 keep-alive, unknown length", Why: "but not when only the end of the connection ends the body", Request: "GET / HTTP/1.0\nConnection: keep-alive\n\n", Handler: long, Want: `
~ HTTP/1.0
200 OK
Content-Type: text/plain; charset=utf-8
body of 5000 bytes, crc32 00dbf026
~ closed
`},
		{Name: "HTTP/1.0 keep-alive, the handler closes", Why: "nor when the handler says otherwise", Request: "GET / HTTP/1.0\nConnection: keep-alive\n\n",
			Handler: func(w http.ResponseWriter, _ *http.Request, _ *Probe) {
				w.Header().Set("Connection", "close")
				io.WriteString(w, "x")
			},
			Want: `
~ HTTP/1.0
200 OK
~ Connection: close
Content-Length: 1
Content-Type: text/plain; charset=utf-8
body "x"
~ closed
`},
		{Name: "HTTP/1.0 HEAD keep-alive", Why: "HEAD has no body whose end could be missed", Request: "HEAD / HTTP/1.0\nConnection: keep-alive\n\n", Handler: long, Want: `
~ HTTP/1.0
200 OK
~ Connection: keep-alive
Content-Type: text/plain; charset=utf-8
`},
		{Name: "HTTP/1.2", Why: "a later minor version is answered as HTTP/1.1", Request: "GET / HTTP/1.2\nHost: h.test\n\n", Handler: long, Want: `
200 OK
Content-Type: text/plain; charset=utf-8
~ Transfer-Encoding: chunked
body of 5000 bytes, crc32 00dbf026
`},
		{Name: "OPTIONS *", Why: "a question to the server as a whole is not the handler's", Request: "OPTIONS * HTTP/1.1\nHost: h.test\n\n",
			Handler: func(_ http.ResponseWriter, _ *http.Request, p *Probe) { p.Note("the handler runs") },
			Want: `
200 OK
Content-Length: 0
`},
	}
}

func requestRows() []Row {
	seen := func(name, why, request, want string) Row {
		return Row{Name: name, Why: why, Request: request, Want: want,
			Handler: func(_ http.ResponseWriter, r *http.Request, p *Probe) { noteRequest(r, p) }}
	}
	return []Row{
		seen("request", "what the handler sees of a plain request", get, `
200 OK
Content-Length: 0
> GET / HTTP/1.1 1.1
> path "/" raw "" query "" force false host ""
> host "h.test" length 0 coding [] close false
`),
		seen("request with a query", "path and query are apart, the target is whole", "GET /a/b?c=d&e HTTP/1.1\nHost: h.test:81\n\n", `
200 OK
Content-Length: 0
> GET /a/b?c=d&e HTTP/1.1 1.1
> path "/a/b" raw "" query "c=d&e" force false host ""
> host "h.test:81" length 0 coding [] close false
`),
		seen("request with escapes", "the path is decoded, and its escaped form is kept where it says more", "GET /a%2Fb%20c/%7Ed?e%20f HTTP/1.1\nHost: h.test\n\n", `
200 OK
Content-Length: 0
> GET /a%2Fb%20c/%7Ed?e%20f HTTP/1.1 1.1
> path "/a/b c/~d" raw "/a%2Fb%20c/%7Ed" query "e%20f" force false host ""
> host "h.test" length 0 coding [] close false
`),
		seen("request with two slashes", "a path of two slashes is a path", "GET //evil.test/x HTTP/1.1\nHost: h.test\n\n", `
200 OK
Content-Length: 0
> GET //evil.test/x HTTP/1.1 1.1
> path "//evil.test/x" raw "" query "" force false host ""
> host "h.test" length 0 coding [] close false
`),
		seen("request with dots", "the path is not cleaned", "GET /a/../b/./c// HTTP/1.1\nHost: h.test\n\n", `
200 OK
Content-Length: 0
> GET /a/../b/./c// HTTP/1.1 1.1
> path "/a/../b/./c//" raw "" query "" force false host ""
> host "h.test" length 0 coding [] close false
`),
		seen("request with an empty query", "a question mark alone is not lost", "GET /? HTTP/1.1\nHost: h.test\n\n", `
200 OK
Content-Length: 0
> GET /? HTTP/1.1 1.1
> path "/" raw "" query "" force true host ""
> host "h.test" length 0 coding [] close false
`),
		seen("request in absolute form", "the host of the target counts", "GET http://abs.test/a?b HTTP/1.1\nHost: other.test\n\n", `
200 OK
Content-Length: 0
> GET http://abs.test/a?b HTTP/1.1 1.1
> path "/a" raw "" query "b" force false host "abs.test"
> host "abs.test" length 0 coding [] close false
`),
		seen("request with fields", "fields as they came, names in their canonical form",
			"GET / HTTP/1.1\nHost: h.test\nx-a: 1\nACCEPT: */*\nCookie: a=1\nUser-Agent: \nX-Utf8: ä\nAuthorization: Basic x\n\n", `
200 OK
Content-Length: 0
> GET / HTTP/1.1 1.1
> path "/" raw "" query "" force false host ""
> host "h.test" length 0 coding [] close false
> Accept ["*/*"]
> Authorization ["Basic x"]
> Cookie ["a=1"]
> User-Agent [""]
> X-A ["1"]
> X-Utf8 ["ä"]
`),
		seen("request with repeats", "repeated fields are separate values", "GET / HTTP/1.1\nHost: h.test\nX-A: 1\nX-A: 2\n\n", `
200 OK
Content-Length: 0
> GET / HTTP/1.1 1.1
> path "/" raw "" query "" force false host ""
> host "h.test" length 0 coding [] close false
> X-A ["1" "2"]
`),
		seen("request with Pragma", "an old cache's Pragma is said in the new way", "GET / HTTP/1.1\nHost: h.test\nPragma: no-cache\n\n", `
200 OK
Content-Length: 0
> GET / HTTP/1.1 1.1
> path "/" raw "" query "" force false host ""
> host "h.test" length 0 coding [] close false
> Cache-Control ["no-cache"]
> Pragma ["no-cache"]
`),
		seen("request with a body", "length and type of the body", "POST /form HTTP/1.1\nHost: h.test\nContent-Type: text/x\nContent-Length: 2\n\nab", `
200 OK
Content-Length: 0
> POST /form HTTP/1.1 1.1
> path "/form" raw "" query "" force false host ""
> host "h.test" length 2 coding [] close false
> Content-Length ["2"]
> Content-Type ["text/x"]
`),
		seen("request with chunks", "a body without a length", "POST /form HTTP/1.1\nHost: h.test\nTransfer-Encoding: chunked\n\n1\r\na\r\n0\r\n\r\n", `
200 OK
Content-Length: 0
> POST /form HTTP/1.1 1.1
> path "/form" raw "" query "" force false host ""
> host "h.test" length -1 coding [chunked] close false
`),
		seen("request of HTTP/1.0", "an old client without a host", "GET /a HTTP/1.0\n\n", `
~ HTTP/1.0
200 OK
Content-Length: 0
~ closed
> GET /a HTTP/1.0 1.0
> path "/a" raw "" query "" force false host ""
> host "" length 0 coding [] close true
`),
		seen("request that closes", "the client's wish for the connection", "GET / HTTP/1.1\nHost: h.test\nConnection: close\n\n", `
200 OK
~ Connection: close
Content-Length: 0
~ closed
> GET / HTTP/1.1 1.1
> path "/" raw "" query "" force false host ""
> host "h.test" length 0 coding [] close true
> Connection ["close"]
`),
		seen("request of WebDAV", "any method arrives", "PROPFIND /a HTTP/1.1\nHost: h.test\nDepth: 1\n\n", `
200 OK
Content-Length: 0
> PROPFIND /a HTTP/1.1 1.1
> path "/a" raw "" query "" force false host ""
> host "h.test" length 0 coding [] close false
> Depth ["1"]
`),
		{Name: "client address", Why: "RemoteAddr is address and port",
			Handler: func(_ http.ResponseWriter, r *http.Request, p *Probe) {
				host, port, err := net.SplitHostPort(r.RemoteAddr)
				p.Note("%s, port %v", host, port != "" && port != "0")
				p.Err("split", err)
				p.Note("TLS %v", r.TLS != nil)
			},
			Want: `
200 OK
Content-Length: 0
> 127.0.0.1, port true
> split: ok
> TLS false
`},
		{Name: "trailers of the request", Why: "trailers of a chunked body are there after its end", Request: "POST / HTTP/1.1\nHost: h.test\nTransfer-Encoding: chunked\nTrailer: X-Sum\n\n1\r\na\r\n0\r\nX-Sum: 1\r\n\r\n",
			Handler: func(_ http.ResponseWriter, r *http.Request, p *Probe) {
				p.Note("before %v", r.Trailer)
				io.Copy(io.Discard, r.Body)
				p.Note("after %v", r.Trailer)
			},
			Want: `
200 OK
Content-Length: 0
> before map[X-Sum:[]]
> after map[X-Sum:[1]]
`},
	}
}

func noteRequest(r *http.Request, p *Probe) {
	p.Note("%s %s %s %d.%d", r.Method, r.RequestURI, r.Proto, r.ProtoMajor, r.ProtoMinor)
	p.Note("path %q raw %q query %q force %v host %q", r.URL.Path, r.URL.RawPath, r.URL.RawQuery, r.URL.ForceQuery, r.URL.Host)
	p.Note("host %q length %d coding %v close %v", r.Host, r.ContentLength, r.TransferEncoding, r.Close)
	var fields []string
	for name, values := range r.Header {
		fields = append(fields, fmt.Sprintf("%s %q", name, values))
	}
	slices.Sort(fields)
	for _, f := range fields {
		p.Note("%s", f)
	}
}

// libraryRows are handlers of the standard library.
func libraryRows() []Row {
	const text = "0123456789"
	content := func(w http.ResponseWriter, r *http.Request, _ *Probe) {
		w.Header().Set("Etag", `"x"`)
		http.ServeContent(w, r, "x.txt", time.Unix(1e9, 0), strings.NewReader(text))
	}
	return []Row{
		{Name: "http.Error", Why: "an error page", Handler: func(w http.ResponseWriter, _ *http.Request, _ *Probe) { http.Error(w, "no", http.StatusForbidden) }, Want: `
403 Forbidden
Content-Length: 3
Content-Type: text/plain; charset=utf-8
X-Content-Type-Options: nosniff
body "no\n"
`},
		{Name: "http.Redirect", Why: "a redirect relative to the path", Request: "GET /a/b HTTP/1.1\nHost: h.test\n\n",
			Handler: func(w http.ResponseWriter, r *http.Request, _ *Probe) { http.Redirect(w, r, "c", http.StatusSeeOther) }, Want: `
303 See Other
Content-Length: 31
Content-Type: text/html; charset=utf-8
Location: /a/c
body "<a href=\"/a/c\">See Other</a>.\n\n"
`},
		{Name: "http.ServeMux", Why: "a mux cleans paths and finds values in them", Request: "GET /item/7 HTTP/1.1\nHost: h.test\n\n",
			Handler: func(w http.ResponseWriter, r *http.Request, p *Probe) {
				mux := http.NewServeMux()
				mux.HandleFunc("GET /item/{id}", func(w http.ResponseWriter, r *http.Request) { p.Note("%s %s", r.Pattern, r.PathValue("id")) })
				mux.ServeHTTP(w, r)
			},
			Want: `
200 OK
Content-Length: 0
> GET /item/{id} 7
`},
		{Name: "http.ServeContent", Why: "a whole file", Handler: content, Want: `
200 OK
Accept-Ranges: bytes
Content-Length: 10
Content-Type: text/plain; charset=utf-8
Etag: "x"
Last-Modified: Sun, 09 Sep 2001 01:46:40 GMT
body "0123456789"
`},
		{Name: "http.ServeContent, range", Why: "a part of a file", Request: "GET / HTTP/1.1\nHost: h.test\nRange: bytes=2-4\n\n", Handler: content, Want: `
206 Partial Content
Accept-Ranges: bytes
Content-Length: 3
Content-Range: bytes 2-4/10
Content-Type: text/plain; charset=utf-8
Etag: "x"
Last-Modified: Sun, 09 Sep 2001 01:46:40 GMT
body "234"
`},
		{Name: "http.ServeContent, not modified", Why: "a file that the client has", Request: "GET / HTTP/1.1\nHost: h.test\nIf-None-Match: \"x\"\n\n", Handler: content, Want: `
304 Not Modified
Etag: "x"
`},
		{Name: "http.ServeContent, HEAD", Why: "the head of a file", Request: "HEAD / HTTP/1.1\nHost: h.test\n\n", Handler: content, Want: `
200 OK
Accept-Ranges: bytes
Content-Length: 10
Content-Type: text/plain; charset=utf-8
Etag: "x"
Last-Modified: Sun, 09 Sep 2001 01:46:40 GMT
`},
		{Name: "http.TimeoutHandler", Why: "a handler with a time limit",
			Handler: func(w http.ResponseWriter, r *http.Request, _ *Probe) {
				http.TimeoutHandler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "in time") }), time.Hour, "").ServeHTTP(w, r)
			},
			Want: `
200 OK
Content-Length: 7
Content-Type: text/plain; charset=utf-8
body "in time"
`},
		{Name: "http.TimeoutHandler, too late", Why: "a handler beyond its time limit",
			Handler: func(w http.ResponseWriter, r *http.Request, _ *Probe) {
				answered := make(chan struct{})
				defer close(answered)
				http.TimeoutHandler(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-answered }), time.Nanosecond, "too late").ServeHTTP(w, r)
			},
			Want: `
503 Service Unavailable
Content-Length: 8
Content-Type: text/plain; charset=utf-8
body "too late"
`},
		{Name: "http.StripPrefix", Why: "a handler below a prefix", Request: "GET /app/a%2Fb HTTP/1.1\nHost: h.test\n\n",
			Handler: func(w http.ResponseWriter, r *http.Request, p *Probe) {
				http.StripPrefix("/app", http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { p.Note("%s %s", r.URL.Path, r.URL.RawPath) })).ServeHTTP(w, r)
			},
			Want: `
200 OK
Content-Length: 0
> /a/b /a%2Fb
`},
	}
}
