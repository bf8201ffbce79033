package validate

import (
	"fmt"
	"net/http"
	"runtime"
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
	path, query, remote         string
	length                      int64
	fields                      []headers.Field
	variables                   bool // it came with CGI variables
	returned                    atomic.Bool

	room [16]headers.Field // of fields
}

func (c *checker) begin(w http.ResponseWriter, r *http.Request) *exchange {
	x := &exchange{checker: c, request: r, outer: r, method: r.Method, target: r.RequestURI, proto: r.Proto, host: r.Host,
		remote: r.RemoteAddr, length: r.ContentLength}
	if r.URL != nil {
		x.path, x.query = r.URL.Path, r.URL.RawQuery
	}
	x.fields = appendFields(x.room[:0], r.Header)
	x.variables = gateway.HasVars(r)
	x.writer.exchange, x.writer.inner, x.writer.length = x, w, -1
	if r.Body != nil && r.Body != http.NoBody {
		x.body.exchange, x.body.inner = x, r.Body
		inner := *r
		inner.Body = &x.body
		x.request = &inner
	}
	return x
}

// shareTrailer shows the handler a trailer that the client had not announced:
// the server makes the map when it has read the body. It is called when the
// server is known to have done with that.
func (x *exchange) shareTrailer() {
	if x.request.Trailer == nil {
		x.request.Trailer = x.outer.Trailer
	}
}

// lend gives the server what net/http.Server goes by when it sends the head:
// whether it reads what is left of the body depends on the type of that.
func (x *exchange) lend() {
	outer, r := x.outer, x.request
	if outer == r {
		return
	}
	outer.Method, outer.ContentLength, outer.Body = r.Method, r.ContentLength, r.Body
	if r.Body == &x.body {
		outer.Body = x.body.inner
	}
}

// giveBack gives the server what the handler has set in its request. It leaves
// the trailer alone, which a Read under way may set.
func (x *exchange) giveBack() {
	outer, r := x.outer, x.request
	if outer == r {
		return
	}
	x.lend()
	outer.URL, outer.Header, outer.Host, outer.Close, outer.Pattern = r.URL, r.Header, r.Host, r.Close, r.Pattern
	outer.Form, outer.PostForm, outer.MultipartForm = r.Form, r.PostForm, r.MultipartForm
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
	rule, place := ruleOf(id), "server"
	if !x.checker.checks(rule) {
		return
	}
	if rule.Side == Application {
		place = x.place()
	}
	x.findAt(place, id, subject, format, args...)
}

// place is where the handler is. A line of the standard library says less than
// the pattern.
func (x *exchange) place() string {
	var pcs [maxFrames]uintptr
	at := x.checker.places.spot(pcs[:runtime.Callers(3, pcs[:])])
	if at.line == "" || at.standard && x.request.Pattern != "" {
		return x.route()
	}
	return at.line
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
	case x.path != "":
		return shown(clipped(x.method + " " + x.path))
	}
	return shown(clipped(x.method + " " + bare(x.target)))
}

// checkUnmodified compares the request with what came.
func (x *exchange) checkUnmodified() {
	if !x.checker.checks(ruleOf("request-modified")) {
		return
	}
	r := x.request
	x.compare("Method", x.method, r.Method)
	x.compare("Proto", x.proto, r.Proto)
	x.compare("Host", x.host, r.Host)
	x.compare("RequestURI", x.target, r.RequestURI)
	x.compare("RemoteAddr", x.remote, r.RemoteAddr)
	if r.URL != nil {
		x.compare("URL.Path", x.path, r.URL.Path)
		x.compare("URL.RawQuery", x.query, r.URL.RawQuery)
	}
	if r.ContentLength != x.length {
		x.find("request-modified", "ContentLength", "ContentLength became %d.", r.ContentLength)
	}
	var room [16]headers.Field
	for _, name := range changed(x.fields, appendFields(room[:0], r.Header)) {
		x.find("request-modified", name, "The field %q is not what it was.", name)
	}
}

func (x *exchange) compare(name, came, now string) {
	if now != came {
		x.find("request-modified", name, "%s became %q.", name, bare(now))
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
