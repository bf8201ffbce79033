package validate

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
)

// A Finding is one rule broken at one place.
type Finding struct {
	Rule Rule
	// Place is where the handler broke the rule: file and line of the call that
	// is nearest and neither in the standard library nor in a method of a wrapper
	// of the ResponseWriter or the body, such as Write. Where there is none, it is
	// the pattern, or the line of the wrapper or the library. When the handler had
	// returned, or is a back end of this module or a reverse proxy, it is the
	// pattern or the path that was asked for. For a rule of the server's side it
	// is "server".
	Place string
	// Subject is the variable or header field that the finding is about, or "".
	Subject string
	// Detail says what was found, with the bytes in question quoted: of a
	// variable its value, which is not in Request.
	Detail string
	// Request is the head of the request that caused it, and the first bytes of
	// its body that were read. Control characters are escaped.
	Request string
	// Response is the head of the response as far as it had come, and the first
	// bytes of its body that the handler wrote, with those that broke the rule. Of
	// what io.ReaderFrom copied it has the length.
	Response string
}

// String returns the rule, the place and the detail in one line.
func (f Finding) String() string {
	s := fmt.Sprintf("%s: %s (%s, %s): %s %s", f.Place, f.Rule.ID, f.Rule.Severity, f.Rule.Section, f.Rule.Sentence, f.Detail)
	return strings.TrimSpace(s)
}

// text is the whole finding, for people.
func (f Finding) text() string {
	return fmt.Sprintf("%s\n\tfix: %s\n%s%s", f, f.Rule.Fix, indented("> ", f.Request), indented("< ", f.Response))
}

func indented(mark, text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		b.WriteString("\t" + mark + line)
	}
	return b.String()
}

// TB is what [ToTest] needs of a test: testing.TB has it.
type TB interface {
	Helper()
	Errorf(format string, args ...any)
}

// ToTest makes each finding an error of the test t, with the request and the
// response. The test must not end before the handler has.
func ToTest(t TB) func(Finding) {
	return func(f Finding) {
		t.Helper()
		t.Errorf("%s", f.text())
	}
}

// ToLog makes each finding a record of the logger: of the level Error or Warn,
// with the head of the request that caused it. Bodies are not logged. Nil means
// slog.Default().
func ToLog(l *slog.Logger) func(Finding) {
	return func(f Finding) {
		logger := l
		if logger == nil {
			logger = slog.Default()
		}
		level := slog.LevelError
		if f.Rule.Severity == Warning {
			level = slog.LevelWarn
		}
		request, _, _ := strings.Cut(f.Request, "\n\n")
		logger.LogAttrs(context.Background(), level, f.Rule.Sentence,
			slog.String("rule", f.Rule.ID), slog.String("side", f.Rule.Side.String()), slog.String("place", f.Place),
			slog.String("detail", f.Detail), slog.String("section", f.Rule.Section), slog.String("fix", f.Rule.Fix),
			slog.String("request", strings.TrimSuffix(request, "\n")))
	}
}

// Panic panics with the finding, as wsgiref.validate does. A rule that a
// goroutine of the handler breaks ends the process, unless that recovers.
func Panic(f Finding) {
	panic(f)
}
