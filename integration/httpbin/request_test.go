package httpbin

import (
	"fmt"
	"strings"
)

// A request is one row: what a client sends, and why.
type request struct {
	why    string
	method string
	target string
	proto  string // "" is HTTP/1.1
	fields []string
	body   string

	chunked bool   // the body is sent in two chunks, and its length not announced
	tunnel  string // is sent after a 101
	random  bool   // only the length of the body can be compared

	// then makes the next request of the answer, as it came. A redirect, a challenge and a cookie are followed so.
	then func(a answer) request
}

func (r request) String() string { return fmt.Sprintf("%s %s (%s)", r.method, r.target, r.why) }

func (r request) wire() string {
	proto := r.proto
	if proto == "" {
		proto = "HTTP/1.1"
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s %s\r\nHost: httpbin.example\r\n", r.method, r.target, proto)
	for _, f := range r.fields {
		b.WriteString(f + "\r\n")
	}
	switch half := len(r.body) / 2; {
	case r.chunked:
		b.WriteString("Transfer-Encoding: chunked\r\n\r\n")
		for _, part := range []string{r.body[:half], r.body[half:]} {
			if part != "" {
				fmt.Fprintf(&b, "%x\r\n%s\r\n", len(part), part)
			}
		}
		b.WriteString("0\r\n\r\n")
	case r.body != "":
		fmt.Fprintf(&b, "Content-Length: %d\r\n\r\n%s", len(r.body), r.body)
	default:
		b.WriteString("\r\n")
	}
	return b.String()
}

// path is the target without its query.
func (r request) path() string {
	path, _, _ := strings.Cut(r.target, "?")
	return path
}
