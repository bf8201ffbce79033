package httpbin

import (
	"net/http"
	"strconv"
	"strings"
)

const switching = "101 Switching Protocols"

func withoutTunnel(r request, want *answer, got answer) {
	if want.Status == switching && r.tunnel != "" {
		page(r, want.refuse(), got)
	}
}

func withoutSwitch(r request, want *answer, _ answer) {
	if want.Status == switching {
		want.become("500 Internal Server Error", http.Header{}, "")
		want.Header.Del("Content-Length")
		if r.method != "HEAD" {
			want.Header.Set("Transfer-Encoding", "chunked")
		}
	}
}

func withoutInterim(r request, want *answer, _ answer) {
	if !r.has("Expect: 100-continue") {
		want.Interim = nil
	}
}

func withoutTrailers(_ request, want *answer, _ answer) {
	want.Announced, want.Trailer = nil, nil
	want.Header.Del("Trailer")
}

// without expects the fields to be missing that the handler sets, and not those of the server.
func without(names ...string) func(request, *answer, answer) {
	return func(r request, want *answer, _ answer) {
		if r.path() != "/response-headers" && want.Status != "407 Proxy Authentication Required" {
			return
		}
		for _, name := range names {
			want.Header.Del(name)
		}
	}
}

func handlerStays(r request, want *answer, _ answer) {
	if r.target == "/response-headers?Connection=close" {
		want.Closes = false
	}
}

func decoded(r request, want *answer, _ answer) {
	if strings.HasPrefix(want.Refused, "too many transfer encodings") {
		want.become("200 OK", everywhere(), `{
  "Content-Type": [
    "application/json; charset=utf-8"
  ],
  "Transfer-Encoding": [
    "x"
  ]
}
`)
		want.Header.Del("Content-Length")
		want.Header.Set("Transfer-Encoding", "chunked")
	}
}

func withoutNUL(_ request, want *answer, _ answer) {
	if strings.HasPrefix(want.Refused, "malformed MIME header line") {
		want.become("200 OK", everywhere(), `{
  "Content-Type": [
    "application/json; charset=utf-8"
  ],
  "X-One": [
    "a\u0000b"
  ]
}
`)
		want.Header.Set("X-One", "a b")
	}
}

// page expects the engine's error page in place of no answer.
func page(_ request, want *answer, _ answer) {
	if want.Refused == "unexpected EOF" {
		want.become("500 Internal Server Error", http.Header{"Content-Type": {"text/plain"}},
			"A server error occurred.  Please contact the administrator.")
	}
}

func closingPage(r request, want *answer, got answer) {
	if want.Refused != "" {
		page(r, want, got)
		want.Closes = true
	}
}

func badGateway(_ request, want *answer, _ answer) {
	if want.Broken {
		want.become("502 Bad Gateway", http.Header{
			"Content-Type":           {"text/plain; charset=utf-8"},
			"X-Content-Type-Options": {"nosniff"},
		}, "502 Bad Gateway\n")
	}
}

func framedAsCame(r request, want *answer, got answer) {
	if want.Header.Get("Content-Length") != "" || got.Header.Get("Content-Length") != strconv.Itoa(len(got.Body)) {
		return
	}
	want.Header.Del("Transfer-Encoding")
	want.Header.Set("Content-Length", strconv.Itoa(len(want.Body)))
	if r.has("Connection: keep-alive") {
		want.Header.Set("Connection", "keep-alive")
		want.Closes = false
	}
}

// refuse makes it as if there was no answer.
func (a *answer) refuse() *answer {
	*a = answer{Refused: "unexpected EOF"}
	return a
}

// become makes it a whole answer of a known length, with these fields and a date.
func (a *answer) become(status string, fields http.Header, body string) {
	fields = fields.Clone()
	fields.Set("Date", "(date)")
	fields.Set("Content-Length", strconv.Itoa(len(body)))
	*a = answer{Status: status, Proto: "HTTP/1.1", Header: fields, Body: body}
}

// everywhere has the fields that the handler gives to JSON.
func everywhere() http.Header {
	return http.Header{
		"Access-Control-Allow-Credentials": {"true"},
		"Access-Control-Allow-Origin":      {"*"},
		"Content-Type":                     {"application/json; charset=utf-8"},
	}
}
