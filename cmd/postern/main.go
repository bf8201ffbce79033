package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"unicode"

	"github.com/postern-go/postern/internal/reaper"
)

func main() {
	if reaper.Inherits() {
		status, err := reaper.Supervise()
		if err != nil {
			fmt.Fprintf(os.Stderr, "postern: %s\n", oneLine(err))
			status = 1
		}
		os.Exit(status)
	}
	reaper.TakeSockets()
	args := os.Args[1:]
	if len(args) == 0 && os.Getenv(asProgram) != "" {
		os.Unsetenv(asProgram) // the environment is the request
		args = []string{"serve", "--listen", "cgi:", "--to", "demo:"}
	}
	os.Exit(run(args, os.Stdout, os.Stderr))
}

// usageError is a mistake in the command line: exit status 2.
type usageError string

func (e usageError) Error() string { return "postern: " + string(e) }

func usagef(format string, args ...any) error {
	return usageError(fmt.Sprintf(format, args...))
}

// run is the command with the exit status as its result. An error is one line on stderr.
func run(args []string, stdout, stderr io.Writer) int {
	err := usagef("no command: expected serve, demo or version; postern help says more")
	if len(args) > 0 {
		err = command(args[0], args[1:], stdout, stderr)
	}
	if err == nil {
		return 0
	}
	fmt.Fprintln(stderr, oneLine(err))
	if usage := usageError(""); errors.As(err, &usage) {
		return 2
	}
	return 1
}

// oneLine is the error's text with what is not printable escaped: flags and paths may hold line ends.
func oneLine(err error) string {
	var b strings.Builder
	for _, r := range err.Error() {
		if unicode.IsPrint(r) {
			b.WriteRune(r)
		} else {
			b.WriteString(strings.Trim(strconv.QuoteRune(r), "'"))
		}
	}
	return b.String()
}

// say writes what was asked for.
func say(stdout io.Writer, text string) error {
	if _, err := io.WriteString(stdout, text); err != nil {
		return fmt.Errorf("postern: %w", err)
	}
	return nil
}

func command(name string, args []string, stdout, stderr io.Writer) error {
	switch name {
	case "serve":
		return serve(args, stdout, stderr)
	case "demo":
		return demo(args, stdout, stderr)
	case "version", "-version", "--version":
		return version(args, stdout)
	case "help", "-h", "-help", "--help":
		return say(stdout, usage)
	}
	return usagef("unknown command %q: expected serve, demo or version", name)
}
