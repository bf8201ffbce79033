package validate_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/postern-go/postern/validate"
)

var fieldRows = []row{
	{rule: "field-name-malformed", fires: answer(204, "X A: 1"), quiet: answer(204, "X-A: 1")},
	{rule: "field-name-unusual", fires: answer(204, "X.a: 1"), quiet: answer(204, "X_a: 1")},
	{rule: "field-name-unusual", fires: answer(204, "1-A: 1"), quiet: answer(204, "A-1: 1")},
	{rule: "field-name-ending", fires: answer(204, "X-: 1"), quiet: answer(204, "X-1: 1")},
	{rule: "field-name-not-canonical", fires: answer(204, "ETag: \"a\""), quiet: answer(204, "Etag: \"a\"")},
	{rule: "field-name-in-two-spellings", fires: answer(204, "X-A: 1\nX-a: 2"), quiet: answer(204, "X-A: 1\nX-B: 2")},
	{rule: "field-value-malformed", fires: answer(204, "X-A: 1\r2"), quiet: answer(204, "X-A: 1\t2")},
	{rule: "field-value-malformed", fires: do(text, set{"Trailer", "X-A"}, "a", set{"X-A", "1\n2"}), quiet: do(text, set{"Trailer", "X-A"}, "a", set{"X-A", "1 2"})},
	{rule: "field-value-malformed", fires: do(text, "a", set{http.TrailerPrefix + "X-A", "1\n2"}), quiet: do(text, "a", set{http.TrailerPrefix + "X-A", "1 2"})},
	{rule: "field-value-space", fires: answer(204, "X-A:  1"), quiet: answer(204, "X-A: 1")},
	{rule: "field-value-not-ascii", fires: answer(204, "X-A: \u00e9"), quiet: answer(204, "X-A: e")},
	{rule: "field-repeated", fires: answer(302, "Location: /\nLocation: /"), quiet: answer(302, "Location: /\nVary: a\nVary: b")},
	{rule: "hop-by-hop-field", fires: answer(204, "Keep-Alive: timeout=5"), quiet: answer(204, "X-Keep-Alive: timeout=5")},
	{rule: "hop-by-hop-field", fires: answer(204, "Connection: keep-alive"), quiet: answer(204, "Connection: close")},
	{rule: "hop-by-hop-field", fires: answer(204, "Connection: upgrade, X-A"), quiet: answer(204, "Connection: upgrade\nUpgrade: h2c")},
	{rule: "hop-by-hop-field", fires: answer(204, "Upgrade: h2c"), ways: []way{overGateway}, quietWay: overRecorder},
	{rule: "hop-by-hop-field", fires: answer(204, "Connection: close"), ways: []way{overGateway}, quietWay: overRecorder},
	{rule: "status-field", fires: answer(204, "Status: 404"), quiet: answer(204, "X-Status: 404")},
	{rule: "content-type-missing", fires: say("", "a"), quiet: say("Content-Type: text/plain", "a")},
	{rule: "content-type-missing", fires: say("", "a"), quiet: say("", "")},
	{rule: "content-type-missing", fires: say("Content-Encoding: gzip", "a"), quiet: say("Content-Encoding: gzip\nContent-Type: text/plain", "a")},
	{rule: "content-type-missing", ask: connect, fires: do(403, "a"), quiet: do(200, "a")},
	{rule: "content-type-without-body", fires: answer(204, "Content-Type: text/plain"), quiet: answer(200, "Content-Type: text/plain")},
	{rule: "content-type-malformed", fires: answer(200, "Content-Type: text"), quiet: answer(200, "Content-Type: text/plain")},
	{rule: "content-type-malformed", fires: answer(200, "Content-Type: text/plain; charset"), quiet: answer(200, "Content-Type: text/plain; charset=\"utf-8\"")},
	{rule: "content-type-charset-missing", fires: answer(200, "Content-Type: text/css"), quiet: answer(200, "Content-Type: image/png")},
	{rule: "content-type-charset-missing", fires: answer(200, "Content-Type: text/x-event-stream"), quiet: answer(200, "Content-Type: text/event-stream")},
	{rule: "content-length-malformed", fires: answer(200, "Content-Length: 0x"), quiet: answer(200, "Content-Length: 0")},
	{rule: "content-length-repeated", fires: answer(200, "Content-Length: 0\nContent-Length: 0"), quiet: answer(200, "Content-Length: 0")},
	{rule: "content-length-forbidden", fires: answer(204, "Content-Length: 0"), quiet: answer(304, "Content-Length: 0")},
	{rule: "content-length-forbidden", ask: connect, fires: answer(200, "Content-Length: 0"), quiet: answer(403, "Content-Length: 0")},
	{rule: "content-length-and-coding", fires: answer(200, "Content-Length: 0\nTransfer-Encoding: chunked"), quiet: answer(200, "Content-Length: 0\nContent-Encoding: chunked")},
	{rule: "location-malformed", fires: answer(302, "Location: /a b"), quiet: answer(302, "Location: /a%20b")},
	{rule: "location-malformed", fires: answer(302, "location: /a b"), quiet: answer(302, "location: /a%20b")},
	{rule: "content-length-and-coding", fires: answer(200, "Content-Length: 0\ntransfer-encoding: chunked"), quiet: answer(200, "Content-Length: 0\ntransfer-codings: chunked")},
	{rule: "location-malformed", fires: answer(302, "Location: /\u00e9"), quiet: answer(302, "Location: /%C3%A9")},
	{rule: "location-malformed", fires: answer(302, "Location: "), quiet: answer(302, "Location: ?")},
	{rule: "location-relative", fires: answer(302, "Location: /a#b"), ways: []way{overGateway}, quietWay: overRecorder},
	{rule: "location-relative", fires: answer(302, "Location: /a#b"), quiet: answer(302, "Location: http://h.test/a#b"), ways: []way{overGateway}},
	{rule: "location-relative", fires: answer(302, "Location: a"), quiet: answer(302, "Location: /a")},
	{rule: "location-relative", fires: answer(302, "Location: //h.test/a"), quiet: answer(302, "Location: http://h.test//a")},
	{rule: "set-cookie-malformed", fires: answer(204, "Set-Cookie: a"), quiet: answer(204, "Set-Cookie: a=")},
	{rule: "set-cookie-malformed", fires: answer(204, "Set-Cookie: a b=1"), quiet: answer(204, "Set-Cookie: ab=1")},
	{rule: "set-cookie-malformed", fires: answer(204, "Set-Cookie: a=\"1"), quiet: answer(204, "Set-Cookie: a=\"1\"")},
	{rule: "set-cookie-malformed", fires: answer(204, "Set-Cookie: a=1; Expires=tomorrow"), quiet: answer(204, "Set-Cookie: a=1; Expires=Fri, 31 Dec 2100 23:59:59 GMT")},
	{rule: "set-cookie-malformed", fires: answer(204, "Set-Cookie: a=1; Max-Age=1h"), quiet: answer(204, "Set-Cookie: a=1; Max-Age=-1")},
	{rule: "set-cookie-malformed", fires: answer(204, "Set-Cookie: a=1; Domain=a b"), quiet: answer(204, "Set-Cookie: a=1; Domain=.h.test")},
	{rule: "set-cookie-malformed", fires: answer(204, "Set-Cookie: a=1; Domain=h.test:80"), quiet: answer(204, "Set-Cookie: a=1; Domain=h.test")},
	{rule: "set-cookie-malformed", fires: answer(204, "Set-Cookie: a=1; Path=a"), quiet: answer(204, "Set-Cookie: a=1; Path=/a")},
	{rule: "set-cookie-malformed", fires: answer(204, "Set-Cookie: a=1; SameSite=Some"), quiet: answer(204, "Set-Cookie: a=1; SameSite=Lax")},
	{rule: "set-cookie-malformed", fires: answer(204, "Set-Cookie: a=1; Secure=1"), quiet: answer(204, "Set-Cookie: a=1; Secure; HttpOnly")},
	{rule: "set-cookie-malformed", fires: answer(204, "Set-Cookie: ;a=1"), quiet: answer(204, "Set-Cookie: a=1; Extension=1;")},
	{rule: "set-cookie-malformed", fires: answer(204, "Set-Cookie: a=1; Expires=31-Dec-2100"), quiet: answer(204, "Set-Cookie: a=1; Expires=Fri, 31-Dec-2100 23:59:59 GMT")},
	{rule: "set-cookie-octets", fires: answer(204, "Set-Cookie: a=1,2"), quiet: answer(204, "Set-Cookie: a=1.2")},
	{rule: "set-cookie-prefix", fires: answer(204, "Set-Cookie: __Secure-a=1"), quiet: answer(204, "Set-Cookie: __Secure-a=1; Secure")},
	{rule: "set-cookie-prefix", fires: answer(204, "Set-Cookie: __Host-a=1; Secure"), quiet: answer(204, "Set-Cookie: __Host-a=1; Secure; Path=/")},
	{rule: "set-cookie-prefix", fires: answer(204, "Set-Cookie: __Host-a=1; Secure; Path=/; Domain=h.test"), quiet: answer(204, "Set-Cookie: Host-a=1; Secure; Path=/; Domain=h.test")},
	{rule: "set-cookie-same-site", fires: answer(204, "Set-Cookie: a=1; SameSite=None"), quiet: answer(204, "Set-Cookie: a=1; SameSite=None; Secure")},
	{rule: "date-malformed", fires: answer(204, "Last-Modified: 2026-01-01"), quiet: answer(204, "Last-Modified: Thu, 01 Jan 2026 00:00:00 GMT")},
	{rule: "etag-malformed", fires: answer(204, "Etag: a"), quiet: answer(204, "Etag: W/\"a\"")},
	{rule: "etag-malformed", fires: answer(204, "ETag: a"), quiet: answer(204, "ETag: \"a\"")},
	{rule: "retry-after-malformed", fires: answer(503, "Retry-After: soon"), quiet: answer(503, "Retry-After: 120")},
	{rule: "trailer-forbidden", fires: answer(200, "Trailer: Content-Length"), quiet: answer(200, "Trailer: Content-Digest")},
	{rule: "trailer-forbidden", fires: do(text, "a", set{http.TrailerPrefix + "Location", "/"}), quiet: do(text, "a", set{http.TrailerPrefix + "Content-Digest", "a"})},
}

var headRows = []row{
	{rule: "status-unassigned", fires: answer(600, ""), quiet: answer(599, "")},
	{rule: "set-cookie-repeated", fires: answer(204, "Set-Cookie: a=1\nSet-Cookie: a=2"), quiet: answer(204, "Set-Cookie: a=1\nSet-Cookie: a=2; Path=/x")},
	{rule: "redirect-without-location", fires: answer(302, ""), quiet: answer(302, "Location: /")},
	{rule: "redirect-without-location", fires: answer(302, "x-location: /"), quiet: answer(302, "location: /")},
	{rule: "location-without-redirect", fires: answer(200, "Location: /"), quiet: answer(201, "Location: /")},
	{rule: "unauthorized-without-challenge", fires: answer(401, ""), quiet: answer(401, "WWW-Authenticate: Basic")},
	{rule: "method-not-allowed-without-allow", fires: answer(405, ""), quiet: answer(405, "Allow: GET")},
	{rule: "upgrade-required-without-upgrade", fires: answer(426, ""), quiet: answer(426, "Upgrade: h2c")},
	{rule: "switching-without-upgrade", ask: ask{fields: "Upgrade: a"}, fires: answer(101, ""), quiet: answer(101, "Upgrade: a")},
	{rule: "switching-without-upgrade", fires: answer(101, "Upgrade: a"), quietAsk: &ask{fields: "Upgrade: a"}},
	{rule: "partial-without-range", ask: ask{fields: "Range: bytes=0-0"}, fires: answer(206, ""), quiet: answer(206, "Content-Range: bytes 0-0/1")},
	{rule: "partial-without-range", ask: ask{fields: "Range: bytes=0-0"}, fires: answer(206, ""), quiet: answer(206, "Content-Type: multipart/byteranges; boundary=a")},
	{rule: "partial-without-range", ask: ask{fields: "Range: bytes=0-0"}, fires: answer(206, "Content-Type: multipart/byterange"), quiet: answer(206, "Content-Type: Multipart/ByteRanges; boundary=a")},
	{rule: "partial-unasked", fires: answer(206, "Content-Range: bytes 0-0/1"), quietAsk: &ask{fields: "Range: bytes=0-0"}},
	{rule: "range-not-satisfiable-without-range", fires: answer(416, ""), quiet: answer(416, "Content-Range: bytes */1")},
	{rule: "content-range-unexpected", fires: answer(200, "Content-Range: bytes 0-0/1"), quiet: answer(206, "Content-Range: bytes 0-0/1")},
	{rule: "not-modified-unasked", fires: answer(304, ""), quietAsk: &ask{fields: "If-None-Match: \"a\""}},
	{rule: "not-modified-unasked", ask: ask{method: "POST", fields: "If-None-Match: \"a\""}, fires: answer(304, ""), quietAsk: &ask{method: "HEAD", fields: "If-None-Match: \"a\""}},
	{rule: "unknown-method-accepted", ask: ask{method: "FROB"}, fires: answer(204, ""), quiet: answer(501, "")},
	{rule: "unknown-method-accepted", ask: ask{method: "FROB"}, fires: answer(204, ""), quietAsk: &ask{method: "DELETE"}},
	{rule: "unknown-method-accepted", ask: ask{method: "propfind"}, fires: answer(204, ""), quietAsk: &ask{method: "PROPFIND"}},
	{rule: "head-too-large", fires: answer(204, "X-A: "+strings.Repeat("a", 4096)), quiet: answer(204, "X-A: "+strings.Repeat("a", 4000))},
	{rule: "head-too-many-fields", fires: answer(204, strings.Repeat("X-A: 1\n", 101)), quiet: answer(204, strings.Repeat("X-A: 1\n", 100))},
	{rule: "trailer-not-carried", fires: answer(200, "Trailer: X-A"), ways: []way{overGateway, overHTTP10}, quietWay: overRecorder},
}

func TestFields(t *testing.T) { runRows(t, fieldRows) }

func TestHeads(t *testing.T) { runRows(t, headRows) }

// A head that is too large with what the engine adds is too large.
func TestHeadOnTheWire(t *testing.T) {
	for size := 3900; size < 4100; size++ {
		var n notebook
		h := say("Content-Type: text/plain\nX-A: "+strings.Repeat("a", size), "a")
		response := through(t, fastcgi, "", "", validate.Handler(h, n.strict()))
		if head := strings.Index(response, "\r\n\r\n") + 4; head > 4096 {
			requireRule(t, &n, "head-too-large", true, itoa(head))
		}
	}
}

// What the standard library answers is in order.
func TestStandardAnswers(t *testing.T) {
	rows := []row{}
	for _, h := range []http.HandlerFunc{
		http.NotFound,
		func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "a?b=c%20d", http.StatusFound) },
		func(w http.ResponseWriter, r *http.Request) { http.Error(w, "no", http.StatusForbidden) },
		func(w http.ResponseWriter, r *http.Request) {
			http.SetCookie(w, &http.Cookie{Name: "__Host-a", Value: "1", Path: "/", MaxAge: 5, Secure: true, HttpOnly: true, SameSite: http.SameSiteNoneMode})
			w.WriteHeader(http.StatusNoContent)
		},
	} {
		rows = append(rows, row{fires: h})
	}
	for _, row := range rows {
		for _, way := range []way{overRecorder, overServer, overGateway} {
			var n notebook
			way.run(t, row.ask, handler(row.fires, n.strict()))
			requireNothing(t, &n)
		}
	}
}
