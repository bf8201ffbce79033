package httpbin

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// limit is the handler's for request bodies, in bytes.
const limit = 1 << 20

func oversizeStays(r request, want *answer, _ answer) {
	if len(r.body) > limit {
		want.Closes = false
	}
}

func unreadStays(r request, want *answer, _ answer) {
	if len(r.body) > 256<<10 {
		want.Closes = false
	}
}

func unreadRaces(r request, want *answer, got answer) {
	if len(r.body) > 256<<10 && want.Closes {
		want.Closes = got.Closes
	}
}

func unaskedCloses(r request, want *answer, _ answer) {
	if r.has("Expect: 100-continue") && want.Interim == nil {
		want.Closes = true
	}
}

func unaskedRaces(r request, want *answer, got answer) {
	if r.has("Expect: 100-continue") && want.Interim == nil {
		want.Interim, want.Closes = got.Interim, got.Closes
	}
}

func joined(r request, want *answer, _ answer) {
	want.editFields(func(fields map[string][]string) {
		for name, values := range fields {
			fields[name] = []string{strings.Join(values, ", ")}
		}
	})
	if r.path() == "/dump/request" {
		want.resize(strings.ReplaceAll(want.Body, "Accept: text/html\r\nAccept: ", "Accept: text/html, "))
	}
}

func hyphened(_ request, want *answer, _ answer) {
	want.editFields(func(fields map[string][]string) {
		if values := fields["X_under"]; values != nil && fields["X-Under"] == nil {
			fields["X-Under"] = values
		}
		delete(fields, "X_under")
	})
}

func withoutProxy(_ request, want *answer, _ answer) {
	want.editFields(func(fields map[string][]string) { delete(fields, "Proxy") })
}

func announced(r request, want *answer, _ answer) {
	if r.chunked && r.body != "" {
		want.editFields(announce(len(r.body)))
		want.resize(strings.NewReplacer(
			"\r\nTransfer-Encoding: chunked\r\n", fmt.Sprintf("\r\nContent-Length: %d\r\n", len(r.body)),
			"\r\n\r\n8\r\nthe body\r\n0\r\n\r\n", "\r\n\r\nthe body",
		).Replace(want.Body))
	}
}

func announcedEmpty(r request, want *answer, _ answer) {
	if r.method == "POST" && r.body == "" {
		want.editFields(announce(0))
	}
}

func leftOut(r request, want *answer, _ answer) {
	if r.chunked && r.body == "" {
		want.editFields(func(fields map[string][]string) { delete(fields, "Transfer-Encoding") })
	}
}

func announce(n int) func(map[string][]string) {
	return func(fields map[string][]string) {
		delete(fields, "Transfer-Encoding")
		fields["Content-Length"] = []string{strconv.Itoa(n)}
	}
}

func (r request) has(field string) bool {
	for _, f := range r.fields {
		if f == field {
			return true
		}
	}
	return false
}

// shown is how the handler shows the fields of a request.
var shown = regexp.MustCompile(`(?s)(\n  "headers": )(\{.*?\n  \})`)

// editFields changes the fields of the request that the body shows.
func (a *answer) editFields(edit func(fields map[string][]string)) {
	at := shown.FindStringSubmatchIndex(a.Body)
	if at == nil {
		return
	}
	var fields map[string][]string
	if json.Unmarshal([]byte(a.Body[at[4]:at[5]]), &fields) != nil {
		return
	}
	before := fmt.Sprint(fields)
	if edit(fields); fmt.Sprint(fields) == before {
		return
	}
	var b strings.Builder
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("  ", "  ")
	encoder.Encode(fields)
	a.resize(a.Body[:at[4]] + strings.TrimSpace(b.String()) + a.Body[at[5]:])
}
