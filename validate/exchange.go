package validate

import (
	"fmt"
	"net/http"
	"slices"
	"sync/atomic"

	"github.com/postern-go/postern/gateway"
	"github.com/postern-go/postern/headers"
)

// An exchange is one request under check. It is never used again, since a
// handler may keep what it got.
type exchange struct {
	checker *checker
	request *http.Request // the handler's
	outer   *http.Request // the server's
	writer  writer
	body    body

	// The request as it came.
	method, target, proto, host string
	fields                      []headers.Field
	variables                   bool // it came with CGI variables
	returned                    atomic.Bool

	room [16]headers.Field // of fields
}

func (c *checker) begin(w http.ResponseWriter, r *http.Request) *exchange {
	x := &exchange{checker: c, request: r, outer: r, method: r.Method, target: r.RequestURI, proto: r.Proto, host: r.Host}
	x.fields = appendFields(x.room[:0], r.Header)
	x.variables = gateway.HasVars(r)
	x.writer.exchange, x.writer.inner, x.writer.length = x, w, -1
	if r.Body != nil && r.Body != http.NoBody {
		x.body.exchange, x.body.inner, x.body.length = x, r.Body, r.ContentLength
		inner := *r
		inner.Body = &x.body
		x.request = &inner
	}
	return x
}

// shareTrailer shows the handler a trailer that the client had not announced:
// the server makes the map when it has read the body.
func (x *exchange) shareTrailer() {
	x.body.mu.Lock()
	defer x.body.mu.Unlock()
	if t := x.outer.Trailer; t != nil && !x.returned.Load() && x.request.Trailer == nil {
		x.request.Trailer = t
	}
}

// giveBack hands the server its request as the handler left it, but with the
// body that it came with: net/http.Server goes by the type of that.
func (x *exchange) giveBack() {
	if x.request == x.outer {
		return
	}
	x.body.mu.Lock()
	defer x.body.mu.Unlock()
	left := *x.request
	if left.Body == &x.body {
		left.Body = x.body.inner
	}
	*x.outer = left
}

// left reports whether the client is gone, or was given up: an answer does not
// matter then.
func (x *exchange) left() bool { return x.request.Context().Err() != nil }

// finish checks what shows only when the handler has returned.
func (x *exchange) finish() {
	x.writer.finish()
	x.body.finish()
	x.checkUnmodified()
}

// find reports that a rule is broken here. The caller holds no lock.
func (x *exchange) find(id, subject, format string, args ...any) {
	place := "server"
	switch rule := ruleOf(id); {
	case !x.checker.checks(rule):
		return
	case rule.Side == Application:
		if place = caller(); place == "" {
			place = x.route()
		}
	}
	x.findAt(place, id, subject, format, args...)
}

// findAt reports that a rule is broken, unless that is not wanted or was
// reported for this place before.
func (x *exchange) findAt(place, id, subject, format string, args ...any) {
	rule := ruleOf(id)
	if !x.checker.checks(rule) || !x.checker.places.first(placeKey{rule, place, clipped(subject)}) {
		return
	}
	x.checker.report(Finding{
		Rule:     *rule,
		Place:    place,
		Subject:  subject,
		Detail:   fmt.Sprintf(format, args...),
		Request:  x.requestText(),
		Response: x.writer.text(),
	})
}

// route names the handler of the request: by its pattern, or by the path. It is
// for the goroutine that called the handler.
func (x *exchange) route() string {
	switch {
	case x.request.Pattern != "":
		return x.request.Pattern
	case x.request.URL != nil:
		return shown(clipped(x.method + " " + x.request.URL.Path))
	}
	return shown(clipped(x.method + " " + x.target))
}

// checkUnmodified compares the request with what came.
func (x *exchange) checkUnmodified() {
	if !x.checker.checks(ruleOf("request-modified")) {
		return
	}
	var room [16]headers.Field
	r := x.request
	switch {
	case r.Method != x.method:
		x.find("request-modified", "Method", "Method became %q.", r.Method)
	case r.Host != x.host:
		x.find("request-modified", "Host", "Host became %q.", r.Host)
	case r.RequestURI != x.target:
		x.find("request-modified", "RequestURI", "RequestURI became %q.", r.RequestURI)
	default:
		for _, name := range changed(x.fields, appendFields(room[:0], r.Header)) {
			x.find("request-modified", name, "The field %q is not what it was.", name)
		}
	}
}

// appendFields lists a header in the order of the names.
func appendFields(list []headers.Field, h http.Header) []headers.Field {
	var room [24]string
	names := room[:0]
	for name := range h {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		for _, value := range h[name] {
			list = append(list, headers.Field{Name: name, Value: value})
		}
	}
	return list
}

// changed returns the names whose values differ in two ordered lists.
func changed(before, after []headers.Field) []string {
	if slices.Equal(before, after) {
		return nil
	}
	var names []string
	for len(before) > 0 || len(after) > 0 {
		name := firstName(before, after)
		b, a := run(before, name), run(after, name)
		if !slices.Equal(before[:b], after[:a]) {
			names = append(names, name)
		}
		before, after = before[b:], after[a:]
	}
	return names
}

func firstName(a, b []headers.Field) string {
	if len(a) == 0 || len(b) > 0 && b[0].Name < a[0].Name {
		return b[0].Name
	}
	return a[0].Name
}

// run counts the fields of this name at the beginning of list.
func run(list []headers.Field, name string) int {
	n := 0
	for n < len(list) && list[n].Name == name {
		n++
	}
	return n
}
