package behaviour

import "slices"

// deviations are the rows that the engine answers in another way than net/http,
// whatever the front end. The documentation of package gateway has them in
// fewer words.
var deviations = []Deviation{
	{Row: "NUL in a value", In: Both, Why: "a control character may end a line or a string somewhere on the way: it goes out as a space", Want: `
200 OK
Content-Length: 0
X-A: "a b c d\te"
`},
	{Row: "declared length with spaces", In: Both, Why: "white space is no part of a field's value (RFC 9110, section 5.5), and is cut before the number is read", Want: `
200 OK
Content-Length: 5
Content-Type: text/plain; charset=utf-8
body "hello"
> 5 bytes
> write: ok
`},
	{Row: "length with a sign", In: Both, Why: "+5 is no Content-Length (RFC 9110, section 8.6), and recipients differ about it", Want: `
200 OK
Content-Type: text/plain; charset=utf-8
~ Transfer-Encoding: chunked
body "hello"
> 5 bytes
> write: ok
`},
	{Row: "two lengths", In: Both, Why: "two lengths in one message are how responses are split", Want: `
200 OK
Content-Type: text/plain; charset=utf-8
~ Transfer-Encoding: chunked
body "hello"
`},
	{Row: "length in small letters", In: Both, Why: "it would be a second length", Want: `
200 OK
Content-Length: 5
Content-Type: text/plain; charset=utf-8
body "hello"
`},
	{Row: "Keep-Alive", In: Both, Why: "a hop-by-hop field is not the handler's", Want: `
200 OK
Content-Length: 1
Content-Type: text/plain; charset=utf-8
body "x"
`},
	{Row: "Upgrade without 101", In: Both, Why: "a hop-by-hop field is not the handler's", Want: `
200 OK
Content-Length: 1
Content-Type: text/plain; charset=utf-8
body "x"
`},
	{Row: "other hop-by-hop fields", In: Both, Why: "a hop-by-hop field is not the handler's", Want: `
200 OK
Content-Length: 1
Content-Type: text/plain; charset=utf-8
body "x"
`},
	{Row: "short body", In: Both, Why: "net/http returns io.EOF when a read follows io.ErrUnexpectedEOF; here the error stays", Want: `
400 Bad Request
Content-Length: 0
~ closed
> "hello", io.ErrUnexpectedEOF true
> again an error true
`},
	{Row: "half duplex", In: Both, Why: "the body can always be read while the response goes out", Want: `
200 OK
~ Transfer-Encoding: chunked
> "hello"
> read all: ok
`},
	{Row: "server of the request", In: Both, Why: "there is no http.Server", Want: `
200 OK
Content-Length: 0
> *http.Server false
`},
	errorPage("panic at once"),
	errorPage("panic after WriteHeader"),
	errorPage("panic after a small Write"),
	errorPage("panic with an error"),
	errorPage("panic with nil"),
	errorPage("panic with what cannot be compared"),
	errorPage("panic of the runtime"),
	{Row: "panic to HEAD", In: Both, Why: "the page, without its body", Want: `
500 Internal Server Error
~ Connection: close
Content-Length: 59
Content-Type: text/plain
~ closed
`},

	{Row: "103 of HTTP/1.0", In: Both, Why: "HTTP/1.0 has no informational responses (RFC 9110, section 15.2)", Want: `
~ HTTP/1.0
200 OK
Content-Length: 1
Content-Type: text/plain; charset=utf-8
body "x"
~ closed
`},
	{Row: "body too long, second write", In: Origin, Why: "the response is whole, and the connection can be used again", Want: `
200 OK
Content-Length: 5
Content-Type: text/plain; charset=utf-8
body "hello"
> 5 bytes
> write: ok
> 0 bytes
> write: http: wrote more than the declared Content-Length
`},
	{Row: "declared nothing, wrote something", In: Origin, Why: "the response is whole, and the connection can be used again", Want: `
200 OK
Content-Length: 0
> 0 bytes
> write: http: wrote more than the declared Content-Length
`},
	{Row: "io.ReaderFrom, beyond the length", In: Origin, Why: "the response is whole, and the connection can be used again", Want: `
200 OK
Content-Length: 3
Content-Type: text/plain; charset=utf-8
body "abc"
> copy: http: wrote more than the declared Content-Length
`},
	{Row: "http.MaxBytesReader", In: Origin, Why: "the reader speaks to net/http's own ResponseWriter only; what is left of a body closes the connection when it is large", Want: `
413 Request Entity Too Large
Content-Length: 10
Content-Type: text/plain; charset=utf-8
X-Content-Type-Options: nosniff
body "too large\n"
> "hel"
> read all: http: request body too large
`},

	{Row: "Status of the handler", In: Status, Why: "it would be a second Status", Want: `
200 OK
Content-Length: 1
Content-Type: text/plain; charset=utf-8
body "x"
`},
	{Row: "empty Location", In: Status, Why: "a CGI field without a value is not sent (RFC 3875, section 6.3); Apache would redirect to nowhere", Want: `
200 OK
Content-Length: 0
`},
	{Row: "Upgrade with 426", In: Status, Why: "a hop-by-hop field is not the gateway's", Want: `
426 Upgrade Required
Content-Length: 0
`},
	{Row: "103", In: Status, Why: "nginx and Apache take an informational response for the last one", Want: `
200 OK
Content-Length: 1
Content-Type: text/plain; charset=utf-8
Link: </a.css>; rel=preload
body "x"
`},
	{Row: "103 twice", In: Status, Why: "nginx and Apache take an informational response for the last one", Want: `
404 Not Found
Content-Length: 1
Content-Type: text/plain; charset=utf-8
body "x"
`},
	{Row: "103 alone", In: Status, Why: "nginx and Apache take an informational response for the last one", Want: `
200 OK
Content-Length: 0
`},
	{Row: "100 without Expect", In: Status, Why: "the web server answers Expect", Want: `
200 OK
Content-Length: 1
Content-Type: text/plain; charset=utf-8
body "x"
`},
	{Row: "Expect: 100-continue", In: Status, Why: "the web server answers Expect", Want: `
200 OK
Content-Length: 5
Content-Type: text/plain; charset=utf-8
body "hello"
> read all: ok
`},
	{Row: "Expect, answered by the handler", In: Status, Why: "the web server answers Expect", Want: `
200 OK
Content-Length: 5
Content-Type: text/plain; charset=utf-8
body "hello"
> read all: ok
`},
	{Row: "Expect of anything else", In: Status, Why: "the web server answers Expect", Want: `
200 OK
Content-Length: 0
> the handler runs
`},
	{Row: "101", In: Status, Why: "there is no connection that could be switched", Want: `
500 Internal Server Error
> write: http: request method or response status code does not allow body
`},
	{Row: "trailer announced", In: Status, Why: "a CGI response has no trailers", Want: `
200 OK
Content-Length: 5
Content-Type: text/plain; charset=utf-8
body "hello"
`},
	{Row: "trailer by prefix", In: Status, Why: "a CGI response has no trailers", Want: `
200 OK
Content-Type: text/plain; charset=utf-8
body "hello"
`},
	{Row: "trailer by prefix, set early", In: Status, Why: "a CGI response has no trailers", Want: `
200 OK
Content-Length: 5
Content-Type: text/plain; charset=utf-8
body "hello"
`},
	{Row: "forbidden trailers", In: Status, Why: "a CGI response has no trailers", Want: `
200 OK
Content-Length: 5
Content-Type: text/plain; charset=utf-8
body "hello"
`},
	{Row: "trailer with a line end", In: Status, Why: "a CGI response has no trailers", Want: `
200 OK
Content-Length: 5
Content-Type: text/plain; charset=utf-8
body "hello"
`},
	{Row: "trailer to HTTP/1.0", In: Status, Why: "a CGI response has no trailers", Want: `
200 OK
Content-Length: 5
Content-Type: text/plain; charset=utf-8
body "hello"
`},
	{Row: "Hijacker", In: Status, Why: "the connection is the web server's", Want: `
200 OK
Content-Length: 0
> Hijacker false
`},
	{Row: "request in absolute form", In: Status, Why: "URL has path and query only, whatever the server passes on", Want: `
200 OK
Content-Length: 0
> GET http://abs.test/a?b HTTP/1.1 1.1
> path "/a" raw "" query "b" force false host ""
> host "abs.test" length 0 coding [] close false
`},
	{Row: "request of HTTP/1.0", In: Status, Why: "the host is the server's own name when the client gives none", Want: `
~ HTTP/1.0
200 OK
Content-Length: 0
~ closed
> GET /a HTTP/1.0 1.0
> path "/a" raw "" query "" force false host ""
> host "127.0.0.1" length 0 coding [] close true
`},
	{Row: "trailers of the request", In: Status, Why: "the variables are there before the body", Want: `
200 OK
Content-Length: 0
> before map[]
> after map[]
`},
}

// errorPage is what a panic comes to while nothing has left.
func errorPage(row string) Deviation {
	return Deviation{Row: row, In: Both, Why: "net/http closes the connection without a word; here the client gets a page, as from wsgiref", Want: `
500 Internal Server Error
~ Connection: close
Content-Length: 59
Content-Type: text/plain
body "A server error occurred.  Please contact the administrator."
~ closed
`}
}

// Deviations returns those of a mode that are about some rows, for a gate of
// the other mode that shares them.
func Deviations(in Mode, rows ...string) []Deviation {
	var list []Deviation
	for _, d := range deviations {
		if d.In&in != 0 && slices.Contains(rows, d.Row) {
			list = append(list, d)
		}
	}
	return list
}
