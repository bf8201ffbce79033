package httpbin

import (
	"fmt"
	"regexp"
	"strings"
)

// A volatile row is what no two answers have in common. Its matches are replaced before answers are compared.
type volatile struct {
	what   string
	prefix string // of the targets it is about; "" is every one
	part   string // "body", or the name of a header or trailer field
	match  *regexp.Regexp
	with   string
}

func volatiles() []volatile {
	const date = `\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d \w+`
	row := func(what, prefix, part, match, with string) volatile {
		return volatile{what, prefix, part, regexp.MustCompile(match), with}
	}
	return []volatile{
		row("the time of the response", "", "Date", `^`+date+`$`, "(date)"),
		row("the time as the time of the last change", "/", "Last-Modified", `^`+date+`$`, "(date)"),
		row("an entity tag made of the time", "/cache", "Etag", `^[0-9a-f]{60,}$`, "(digest of the date)"),
		row("a cookie deleted as of last year", "/cookies/delete", "Set-Cookie", `Expires=`+date, "Expires=(date)"),
		row("the nonce of a challenge", "/digest-auth/", "Www-Authenticate", `(nonce|opaque)=[0-9a-f]{32}\b`, "$1=(digest)"),
		row("the boundary of the parts, in the header", "/range/", "Content-Type", `boundary=[0-9a-f]{60}$`, "boundary=(random)"),
		row("the boundary of the parts", "/range/", "body", `(?m)^--[0-9a-f]{60}\b`, "--(random)"),
		row("a random UUID", "/uuid", "body", `[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}`, "(uuid)"),
		row("the time of an event", "/sse", "body", `"timestamp":\d{13}\b`, `"timestamp":(time)`),
		row("how long the events took", "/sse", "Server-Timing", `total_duration;dur=\d+\.\d+;`, "total_duration;dur=(time);"),
	}
}

// settle replaces what is volatile in a body.
func settle(target, body string) string {
	for _, v := range volatiles() {
		if v.part == "body" && strings.HasPrefix(target, v.prefix) {
			body = v.match.ReplaceAllString(body, v.with)
		}
	}
	return body
}

// settled replaces what is volatile in the answer to r and reports each row that matched.
func (a answer) settled(r request, matched func(what string)) answer {
	a = a.clone()
	for _, v := range volatiles() {
		if !strings.HasPrefix(r.target, v.prefix) {
			continue
		}
		for _, s := range a.places(v.part) {
			if v.match.MatchString(*s) {
				matched(v.what)
			}
			*s = v.match.ReplaceAllString(*s, v.with)
		}
		if v.part == "body" {
			a.resize(settle(r.target, a.Body))
		}
	}
	if r.random {
		a.Body = fmt.Sprintf("(%d random bytes)", len(a.Body))
	}
	return a
}

// places points at the values of a field in header and trailer, or at a copy of the body.
func (a answer) places(part string) []*string {
	if part == "body" {
		body := a.Body
		return []*string{&body}
	}
	var list []*string
	for _, values := range [][]string{a.Header[part], a.Trailer[part]} {
		for i := range values {
			list = append(list, &values[i])
		}
	}
	return list
}
