package behaviour

import (
	"fmt"
	"hash/crc32"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// An Answer is what a client got.
type Answer struct {
	Interim []Head // informational responses
	Head           // zero: there was no response
	Body    string
	Trailer []Field
	Broken  bool   // the client can tell that the response is not whole
	Kept    bool   // the connection serves another request
	Log     string // the error stream, or log, of the server
}

// A Head is a status line and the fields after it.
type Head struct {
	Version string // "HTTP/1.1"; of a CGI response ""
	Status  string // "404 Not Found"
	Fields  []Field
}

// A Field is one line of a header, as it came.
type Field struct{ Name, Value string }

// get returns the first value of a field.
func (h Head) get(name string) string {
	for _, f := range h.Fields {
		if strings.EqualFold(f.Name, name) {
			return f.Value
		}
	}
	return ""
}

// text is one line for each thing that a client can see. Those about the
// connection begin with "~".
func (a Answer) text() string {
	var b strings.Builder
	for _, h := range a.Interim {
		h.write(&b)
	}
	if a.Status == "" {
		b.WriteString("no response\n")
	} else {
		a.Head.write(&b)
	}
	if a.Body != "" {
		b.WriteString(bodyLine(a.Body))
	}
	for _, f := range a.Trailer {
		fmt.Fprintf(&b, "trailer %s: %s\n", f.Name, f.Value)
	}
	switch {
	case a.Broken:
		b.WriteString("broken off\n")
	case !a.Kept:
		b.WriteString("~ closed\n")
	}
	return b.String()
}

func (h Head) write(b *strings.Builder) {
	if h.Version != "" && h.Version != "HTTP/1.1" {
		b.WriteString("~ " + h.Version + "\n")
	}
	b.WriteString(h.Status + "\n")
	dated := strings.HasPrefix(h.Status, "1")
	for _, f := range slices.SortedStableFunc(slices.Values(h.Fields), func(a, b Field) int { return strings.Compare(a.Name, b.Name) }) {
		switch http.CanonicalHeaderKey(f.Name) {
		case "Connection", "Transfer-Encoding":
			b.WriteString("~ ")
		case "Date":
			dated = true
			if today(f.Value) {
				continue
			}
		}
		fmt.Fprintf(b, "%s: %s\n", f.Name, quoted(f.Value))
	}
	if !dated {
		b.WriteString("~ no Date\n")
	}
}

// today reports whether a Date is that of the response and not the handler's.
func today(date string) bool {
	t, err := http.ParseTime(date)
	return err == nil && time.Since(t).Abs() < 24*time.Hour
}

// quoted shows bytes that cannot be seen.
func quoted(value string) string {
	if !utf8.ValidString(value) || strings.ContainsFunc(value, unicode.IsControl) {
		return fmt.Sprintf("%q", value)
	}
	return value
}

func bodyLine(body string) string {
	if len(body) <= 100 {
		return fmt.Sprintf("body %q\n", body)
	}
	return fmt.Sprintf("body of %d bytes, crc32 %08x\n", len(body), crc32.ChecksumIEEE([]byte(body)))
}
