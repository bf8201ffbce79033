package httpbin

import "slices"

// A deviation is a row of the table of what a client gets otherwise than from net/http.Server.
type deviation struct {
	what   string
	reason string
	fronts []string // names of fronts
	// expect turns an answer of net/http.Server into what the front can carry. Only where time decides does it look at what came.
	expect func(r request, want *answer, got answer)
	// sometimes says that time decides whether it is seen at all.
	sometimes bool
}

// deviations is the table. Its rows apply in order.
func deviations() []deviation {
	every, gates := []string{"origin", "FastCGI", "SCGI", "CGI"}, []string{"FastCGI", "SCGI", "CGI"}
	ended := []string{"SCGI", "CGI"} // the end of a response is the end of the connection
	return []deviation{
		{what: "WebSocket", fronts: gates, expect: withoutTunnel,
			reason: "the protocols have no upgrade: the handler finds no Hijacker and panics"},
		{what: "a 101 without a Hijack", fronts: gates, expect: withoutSwitch,
			reason: "the protocols have no upgrade: a 101 is a 500"},
		{what: "informational responses", fronts: gates, expect: withoutInterim,
			reason: "the protocols have one head"},
		{what: "trailers", fronts: gates, expect: withoutTrailers,
			reason: "the protocols have none"},
		{what: "the field Status", fronts: gates, expect: without("Status"),
			reason: "it is the status line of the protocols"},
		{what: "fields of the connection", fronts: every, expect: without("Keep-Alive", "Upgrade", "Proxy-Authenticate"),
			reason: "hop-by-hop fields are the server's; net/http passes them"},
		{what: "Connection: keep-alive from the handler", fronts: every, expect: without("Connection"),
			reason: "it is the server's to say; net/http passes it"},
		{what: "Connection: close from the handler", fronts: gates, expect: handlerStays,
			reason: "the client's connection is the web server's"},
		{what: "a coding of the transfer that the server does not apply", fronts: every, expect: decoded,
			reason: "net/http sends it beside its own, which clients refuse"},
		{what: "NUL in a value", fronts: every, expect: withoutNUL,
			reason: "control characters become spaces; net/http sends NUL, which clients refuse"},
		{what: "a panic before the head", fronts: []string{"origin"}, expect: closingPage,
			reason: "the client gets the error page; net/http breaks off"},
		{what: "a panic before the head, in a gate", fronts: gates, expect: page,
			reason: "the client gets the error page; net/http breaks off"},
		{what: "a body that is too short for its length", fronts: ended, expect: badGateway,
			reason: "a response that breaks off before anything is flushed does not reach the web server"},
		{what: "http.MaxBytesReader", fronts: every, expect: oversizeStays,
			reason: "it asks net/http's ResponseWriter to close the connection by a method that no other can have"},
		{what: "a large body that the handler does not read", fronts: ended, expect: unreadStays,
			reason: "the head is sent before the end of the response shows what becomes of the connection"},
		{what: "a large body that the handler does not read, in FastCGI", fronts: []string{"FastCGI"}, expect: unreadRaces, sometimes: true,
			reason: "the back end's client may have read all of it by the end of the response, which comes with the head"},
		{what: "Expect with a body that the handler does not read", fronts: []string{"origin"}, expect: unaskedCloses,
			reason: "the client need not send it; net/http does not notice that it asked, since the handler put another Body in the request"},
		{what: "Expect with a body that the handler does not read, in a gate", fronts: gates, expect: unaskedRaces,
			reason: "the back end's client asks for it while the response comes"},
		{what: "repeated fields", fronts: gates, expect: joined,
			reason: "RFC 3875, section 4.1.18: they are one variable"},
		{what: "fields with an underscore", fronts: gates, expect: hyphened,
			reason: "RFC 3875, section 4.1.18: names that differ in it only have one variable, and the one spelled with hyphens gets it"},
		{what: "the field Proxy", fronts: gates, expect: withoutProxy,
			reason: "HTTP_PROXY is a setting of programs"},
		{what: "a request body in chunks", fronts: gates, expect: announced,
			reason: "its length comes before it"},
		{what: "no request body, in SCGI", fronts: []string{"SCGI"}, expect: announcedEmpty,
			reason: "SCGI has no way to leave the length out"},
		{what: "no request body, in chunks", fronts: []string{"FastCGI", "CGI"}, expect: leftOut,
			reason: "RFC 3875, section 4.1.2: without a body there is no length"},
		{what: "the framing of what is flushed", fronts: []string{"FastCGI"}, expect: framedAsCame,
			reason: "net/http says how long a response is that it has whole before it has sent the head"},
		{what: "the framing of what is flushed, when its end is late", fronts: ended, expect: framedAsCame, sometimes: true,
			reason: "the same; the end of these responses is the end of the connection, and mostly comes after the head was sent"},
	}
}

func (d deviation) applies(front string) bool { return slices.Contains(d.fronts, front) }

// level reports whether the row changed what is wanted.
func (d deviation) level(r request, want *answer, got answer) bool {
	before := want.clone()
	d.expect(r, want, got)
	return difference(before, *want) != ""
}
