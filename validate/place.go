package validate

import (
	"cmp"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strconv"
	"strings"
)

const (
	ownPrefix = "github.com/postern-go/postern/validate."
	ownEntry  = ownPrefix + "(*checker).serve"
)

// backEnds are what answers in the place of a program: which program, no line
// of theirs says, nor of what calls them.
var backEnds = []string{
	"github.com/postern-go/postern/internal/", "github.com/postern-go/postern/cgi.",
	"github.com/postern-go/postern/fastcgi.", "github.com/postern-go/postern/scgi.",
	"net/http/httputil.(*ReverseProxy)",
}

// middleware is the directory of what stands before handlers with nothing to
// answer. Where it is inlined, the names of its functions are those of the caller.
var middleware = func() string {
	file, _ := runtime.FuncForPC(reflect.ValueOf(position).Pointer()).FileLine(0)
	root, _ := strings.CutSuffix(file, "validate/place.go")
	return root + "gateway/"
}()

// maxFrames is how much of a stack is looked at.
const maxFrames = 64

// A spot is what a stack tells of a place.
type spot struct {
	line     string // file and line of a call; "" when it tells nothing
	standard bool   // the handler's goroutine calls from the standard library alone
}

// spotOf returns the call that brought the goroutine here: the nearest one
// outside this package and the standard library that is no method of a wrapper,
// else the nearest wrapper, else the nearest one outside this package. It is
// none when the handler is not on the stack, or when one of the back ends is
// nearer than it.
func spotOf(pcs []uintptr) spot {
	var nearest, wrapping string
	frames := runtime.CallersFrames(pcs)
	for own, more := true, true; more; {
		var f runtime.Frame
		f, more = frames.Next()
		switch {
		case f.Function == ownEntry && own:
			return spot{}
		case f.Function == ownEntry:
			return spot{cmp.Or(wrapping, nearest), wrapping == ""}
		case strings.HasPrefix(f.Function, ownPrefix): // of a checker within this one, too
		case strings.HasPrefix(f.Function, "runtime."):
		case strings.HasPrefix(f.File, middleware) && !strings.HasSuffix(f.File, "_test.go"):
			own = false
		case slices.ContainsFunc(backEnds, func(prefix string) bool { return strings.HasPrefix(f.Function, prefix) }):
			return spot{}
		case standard(f):
			own, nearest = false, cmp.Or(nearest, position(f))
		case wraps(f.Function):
			own, wrapping = false, cmp.Or(wrapping, position(f))
		default:
			return spot{line: position(f)}
		}
	}
	return spot{line: cmp.Or(wrapping, nearest)}
}

// wraps reports whether a function is a method that wrappers of a ResponseWriter
// or of a body have: the handler is who calls it.
func wraps(function string) bool {
	name := function[strings.LastIndexByte(function, '/')+1:]
	if strings.Count(name, ".") < 2 {
		return false // of a package
	}
	switch name[strings.LastIndexByte(name, '.')+1:] {
	case "Header", "WriteHeader", "Write", "WriteString", "ReadFrom", "Flush", "FlushError", "Read", "WriteTo", "Close":
		return true
	}
	return false
}

// inSource reports whether the goroutine is in the source of a ReadFrom.
func inSource() bool {
	var pcs [maxFrames]uintptr
	frames := runtime.CallersFrames(pcs[:runtime.Callers(2, pcs[:])])
	for own, more := true, true; more; {
		var f runtime.Frame
		f, more = frames.Next()
		own = own && strings.HasPrefix(f.Function, ownPrefix)
		if !own && f.Function == ownPrefix+"readFrom.ReadFrom" {
			return true
		}
	}
	return false
}

// calledBy reports whether the method that asks was called by this function.
func calledBy(function string) bool {
	var pcs [4]uintptr
	frames := runtime.CallersFrames(pcs[:runtime.Callers(3, pcs[:])])
	for {
		f, more := frames.Next()
		if f.Function == function || !more {
			return f.Function == function
		}
		if !strings.HasPrefix(f.Function, ownPrefix) {
			return false
		}
	}
}

// position names the file by its last directory, which is enough to find it
// and says nothing of the machine.
func position(f runtime.Frame) string {
	dir, file := filepath.Split(f.File)
	return filepath.Base(dir) + "/" + file + ":" + strconv.Itoa(f.Line)
}

// standardRoot is the directory of the standard library's source as the
// compiler wrote it down, "" in a program built with -trimpath.
var standardRoot = func() string {
	file, _ := runtime.FuncForPC(reflect.ValueOf(strings.Index).Pointer()).FileLine(0)
	root, _ := strings.CutSuffix(file, "strings/strings.go")
	return root
}()

// standard tells the standard library by its directory, or else by import
// paths without a dot in the first element.
func standard(f runtime.Frame) bool {
	if standardRoot != "" {
		return strings.HasPrefix(f.File, standardRoot)
	}
	first, _, nested := strings.Cut(f.Function, "/")
	if !nested {
		first, _, _ = strings.Cut(f.Function, ".")
	}
	return first != "main" && !strings.Contains(first, ".")
}
