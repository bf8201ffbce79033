package validate

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/postern-go/postern/headers"
)

// A sample is the beginning of a body.
type sample struct {
	bytes [128]byte
	kept  int
	total int64
}

func addSample[T []byte | string](s *sample, p T) {
	s.kept += copy(s.bytes[s.kept:], p)
	s.total += int64(len(p))
}

func (s *sample) appendText(b *strings.Builder) {
	if s.total == 0 {
		return
	}
	fmt.Fprintf(b, "\n%s", shown(string(s.bytes[:s.kept])))
	if more := s.total - int64(s.kept); more > 0 {
		fmt.Fprintf(b, " (%d more bytes)", more)
	}
	b.WriteByte('\n')
}

func (x *exchange) requestText() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s %s\n", shown(x.method), shown(x.target), shown(x.proto))
	if x.host != "" {
		fmt.Fprintf(&b, "Host: %s\n", shown(x.host))
	}
	appendFieldText(&b, x.fields)
	x.body.mu.Lock()
	defer x.body.mu.Unlock()
	x.body.sample.appendText(&b)
	return b.String()
}

func (w *writer) text() string {
	var b strings.Builder
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.status == 0 {
		return ""
	}
	fmt.Fprintf(&b, "%d %s\n", w.status, http.StatusText(w.status))
	appendFieldText(&b, w.fields)
	w.sample.appendText(&b)
	return b.String()
}

func appendFieldText(b *strings.Builder, fields []headers.Field) {
	for _, f := range fields {
		value := shown(f.Value)
		if secret(f.Name) {
			value = fmt.Sprintf("(%d bytes)", len(f.Value))
		}
		fmt.Fprintf(b, "%s: %s\n", shown(f.Name), value)
	}
}

// secret tells the fields whose values are not for logs.
func secret(name string) bool {
	switch http.CanonicalHeaderKey(name) {
	case "Authorization", "Proxy-Authorization", "Cookie", "Set-Cookie":
		return true
	}
	return false
}

// shown escapes what could pass for another line, or change a terminal.
func shown(s string) string {
	quoted := strconv.QuoteToASCII(s)
	return strings.ReplaceAll(quoted[1:len(quoted)-1], `\"`, `"`)
}
