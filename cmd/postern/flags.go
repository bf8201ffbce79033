package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"strconv"
	"strings"

	"github.com/postern-go/postern/validate"
)

// flags is a command's flag set. Its errors are usage errors of one line.
type flags struct {
	*flag.FlagSet
	usage string
	log   logFormat
}

func newFlags(name, usage string) *flags {
	f := &flags{FlagSet: flag.NewFlagSet(name, flag.ContinueOnError), usage: usage}
	f.SetOutput(io.Discard)
	f.Var(&f.log, "log", "")
	return f
}

// parse reads args. It prints the usage to stdout and reports done when that was asked for.
func (f *flags) parse(args []string, stdout io.Writer) (done bool, err error) {
	err = f.Parse(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return true, say(stdout, f.usage)
	case err != nil && strings.Contains(err.Error(), "expected"):
		return false, usagef("%s: %v", f.Name(), err)
	case err != nil:
		return false, usagef("%s: %v: expected %s", f.Name(), err, f.names())
	case f.NArg() > 0:
		return false, usagef("%s: %q is no flag: expected %s", f.Name(), f.Arg(0), f.names())
	}
	return false, nil
}

func (f *flags) names() string {
	var names []string
	f.VisitAll(func(f *flag.Flag) { names = append(names, "--"+f.Name) })
	return strings.Join(names, ", ")
}

// listFlag collects the values of a flag that may be repeated.
type listFlag []string

func (l *listFlag) String() string     { return strings.Join(*l, " ") }
func (l *listFlag) Set(s string) error { *l = append(*l, s); return nil }

// onceFlag is a value that must not be given twice.
type onceFlag struct {
	value string
	set   bool
}

func (o *onceFlag) String() string { return o.value }

func (o *onceFlag) Set(s string) error {
	if o.set {
		return fmt.Errorf("expected it once, it was %q before", o.value)
	}
	o.value, o.set = s, true
	return nil
}

// modeFlag reads permission bits in octal.
type modeFlag fs.FileMode

func (m *modeFlag) String() string { return fmt.Sprintf("%04o", uint32(*m)) }

func (m *modeFlag) Set(s string) error {
	n, err := strconv.ParseUint(s, 8, 32)
	if err != nil || n == 0 || n > uint64(fs.ModePerm) {
		return errors.New("expected octal permission bits such as 0660, at most 0777")
	}
	*m = modeFlag(n)
	return nil
}

// validateFlag says whether exchanges are checked, and by which rules. It needs no value.
type validateFlag struct {
	on    bool
	level validate.Level
}

func (v *validateFlag) IsBoolFlag() bool { return true }

func (v *validateFlag) String() string {
	if !v.on {
		return "false"
	}
	return v.level.String()
}

func (v *validateFlag) Set(s string) error {
	switch s {
	case "true", "deployed":
		*v = validateFlag{on: true}
	case "strict":
		*v = validateFlag{on: true, level: validate.Strict}
	case "false":
		*v = validateFlag{}
	default:
		return errors.New("expected deployed or strict, or no value")
	}
	return nil
}

// logFormat is how log lines are written. The zero value is text.
type logFormat struct{ json bool }

func (l *logFormat) String() string {
	if l.json {
		return "json"
	}
	return "text"
}

func (l *logFormat) Set(s string) error {
	if s != "text" && s != "json" {
		return errors.New("expected text or json")
	}
	l.json = s == "json"
	return nil
}

func (l *logFormat) logger(w io.Writer) *slog.Logger {
	if l.json {
		return slog.New(slog.NewJSONHandler(w, nil))
	}
	return slog.New(slog.NewTextHandler(w, nil))
}
