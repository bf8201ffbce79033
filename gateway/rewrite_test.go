package gateway_test

import (
	"cmp"
	"net/http"
	"slices"
	"strings"
)

// A rewrite changes the bytes of a response.
type rewrite func(e recorded, wire string) string

func replace(old, new string) rewrite {
	return func(_ recorded, wire string) string { return strings.Replace(wire, old, new, 1) }
}

// add adds a field after the others.
func add(field string) rewrite { return replace("\r\n\r\n", "\r\n"+field+"\r\n\r\n") }

func drop(field string) rewrite { return replace("\r\n"+field+"\r\n", "\r\n") }

func withoutBody(_ recorded, wire string) string {
	head, _, _ := strings.Cut(wire, "\r\n\r\n")
	return head + "\r\n\r\n"
}

const errorPage = "Content-Length: 59\r\n\r\nA server error occurred.  Please contact the administrator."

// pageInstead makes an error page of a response that had begun.
func pageInstead(_ recorded, wire string) string {
	wire = strings.Replace(wire, "200 OK", "500 Internal Server Error", 1)
	return strings.Replace(wire, "\r\nhello", errorPage, 1)
}

// answerInstead makes an answer of an error page.
func answerInstead(_ recorded, wire string) string {
	wire = strings.Replace(wire, "500 Internal Server Error", "200 OK", 1)
	return strings.Replace(wire, errorPage, "Content-Length: 5\r\n\r\nhello", 1)
}

// added are the fields of the engine, which come last.
var added = []string{"Content-Length", "Date", "Server", "Transfer-Encoding", "Connection"}

// sorted puts the fields in the order of the engine.
func sorted(e recorded, wire string) string {
	head, body, _ := strings.Cut(wire, "\r\n\r\n")
	lines := strings.Split(head, "\r\n")
	slices.SortStableFunc(lines[1:], func(a, b string) int {
		a, _, _ = strings.Cut(a, ":")
		b, _, _ = strings.Cut(b, ":")
		return cmp.Or(rank(e, a)-rank(e, b), strings.Compare(a, b))
	})
	return strings.Join(lines, "\r\n") + "\r\n\r\n" + body
}

// rank is 0 for the fields of the handler, which keep the order of their
// names. A Content-Length or a Connection of its own counts as the engine's.
func rank(e recorded, name string) int {
	own := slices.ContainsFunc(e.App.Headers, func(field [2]bytesOfString) bool {
		return http.CanonicalHeaderKey(string(field[0])) == name
	})
	if own && name != "Content-Length" && name != "Connection" {
		return 0
	}
	return slices.Index(added, name) + 1
}
