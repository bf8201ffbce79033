package validate

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/postern-go/postern/headers"
)

// A sample is the beginning of a body, up to what ReadFrom copies unseen.
type sample struct {
	bytes [128]byte
	kept  int
	total int64
	blind bool // some was copied unseen
}

func addSample[T []byte | string](s *sample, p T) {
	if !s.blind {
		s.kept += copy(s.bytes[s.kept:], p)
	}
	s.total += int64(len(p))
}

// skip counts n bytes that nobody has seen.
func (s *sample) skip(n int64) {
	s.blind = s.blind || n > 0
	s.total += max(n, 0)
}

func (s *sample) appendText(b *strings.Builder) {
	if s.total == 0 {
		return
	}
	fmt.Fprintf(b, "\n%s", shown(string(s.bytes[:s.kept])))
	switch more := s.total - int64(s.kept); {
	case s.kept == 0:
		fmt.Fprintf(b, "(%d bytes)", more)
	case more > 0:
		fmt.Fprintf(b, " (%d more bytes)", more)
	}
	b.WriteByte('\n')
}

func (x *exchange) requestText() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s %s\n", shown(x.method), shown(bare(x.target)), shown(x.proto))
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

// secret tells by the name of a field or a variable whether its value is not for
// logs.
func secret(name string) bool {
	name = strings.ReplaceAll(strings.ToLower(name), "_", "-")
	for _, word := range [...]string{"authorization", "cookie", "token", "secret", "password", "api-key", "apikey"} {
		if strings.Contains(name, word) {
			return true
		}
	}
	return false
}

// bare is a request target without the user and the password of a URI.
func bare(target string) string {
	scheme, rest, absolute := strings.Cut(target, "://")
	if !absolute || strings.HasPrefix(scheme, "/") {
		return target
	}
	authority := rest
	if end := strings.IndexAny(rest, "/?#"); end >= 0 {
		authority = rest[:end]
	}
	return scheme + "://" + rest[strings.LastIndexByte(authority, '@')+1:]
}

// shown escapes what could pass for another line, or change a terminal.
func shown(s string) string {
	quoted := strconv.QuoteToASCII(s)
	return strings.ReplaceAll(quoted[1:len(quoted)-1], `\"`, `"`)
}
