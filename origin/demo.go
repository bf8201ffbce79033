package origin

import (
	"fmt"
	"html"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/postern-go/postern/gateway"
)

// DemoApp returns wsgiref's demo_app: a handler that says hello and lists the
// variables of the request, sorted, one on a line, as CPython prints them. A
// client that prefers text/html gets the same as a page. The environment of
// the process is never shown, except by a CGI program, whose environment is
// the request.
func DemoApp() http.Handler {
	return http.HandlerFunc(serveDemo)
}

func serveDemo(w http.ResponseWriter, r *http.Request) {
	type pair struct{ name, value string }
	var list []pair
	for name, value := range gateway.Vars(r).All() {
		list = append(list, pair{name, value})
	}
	slices.SortFunc(list, func(a, b pair) int { return strings.Compare(a.name, b.name) })
	var b strings.Builder
	page := prefersHTML(r.Header["Accept"])
	if page {
		b.WriteString(pageHead)
	} else {
		b.WriteString("Hello world!\n\n")
	}
	for _, v := range list {
		if page {
			fmt.Fprintf(&b, "<tr><th scope=\"row\">%s</th><td>%s</td></tr>\n", html.EscapeString(v.name), html.EscapeString(repr(v.value)))
		} else {
			fmt.Fprintf(&b, "%s = %s\n", v.name, repr(v.value))
		}
	}
	kind := "text/plain"
	if page {
		b.WriteString("</table>\n")
		kind = "text/html"
	}
	w.Header().Set("Content-Type", kind+"; charset=utf-8")
	w.Header().Set("Vary", "Accept")
	w.Header().Set("Content-Length", strconv.Itoa(b.Len()))
	w.Write([]byte(b.String()))
}

const pageHead = `<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Hello world!</title>
<style>
body { font: 1rem/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 60rem; padding: 0 1rem }
table { border-collapse: collapse; width: 100% }
th { font-weight: 600; text-align: left; vertical-align: top; padding-right: 1rem }
td { font-family: ui-monospace, monospace; overflow-wrap: anywhere }
</style>
<h1>Hello world!</h1>
<table>
`

// prefersHTML reports whether the Accept fields (RFC 9110, section 12.5.1) rank
// text/html above text/plain. A client that does not mind gets plain text.
func prefersHTML(accept []string) bool {
	return quality(accept, "text/html") > quality(accept, "text/plain")
}

// quality returns what the most specific range that matches says of a type.
func quality(accept []string, kind string) float64 {
	best, q := -1, 0.0
	for item := range strings.SplitSeq(strings.Join(accept, ","), ",") {
		name, params, err := mime.ParseMediaType(item)
		rank := slices.Index([]string{"*/*", "text/*", kind}, name)
		if err != nil || rank <= best {
			continue
		}
		best, q = rank, 1
		if text, found := params["q"]; found {
			q, _ = strconv.ParseFloat(text, 64)
		}
	}
	return q
}
