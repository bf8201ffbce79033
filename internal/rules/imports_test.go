package rules

import (
	"fmt"
	"go/ast"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// A row says what the packages below one directory of the module may import,
// apart from the standard library and from each other.
type row struct {
	top   string   // the directory; "." is the module's root package
	may   []string // directories of the module
	third []string // modules of others
	never []string // packages of the standard library, with all below them
	any   bool     // everything
}

var table = []row{
	{top: "headers"},
	{top: "env", may: []string{"headers"}},
	{top: "gateway", may: []string{"env", "headers"}, never: []string{"os/exec"}},
	{top: "cgi", may: protocolMay},
	{top: "fastcgi", may: protocolMay},
	{top: "scgi", may: protocolMay},
	{top: "origin", may: protocolMay},
	{top: "validate", may: []string{"env", "headers", "gateway"}, never: []string{"testing"}},
	{top: ".", may: append([]string{"internal"}, public...)},
	{top: "cmd", may: append([]string{".", "internal"}, public...)},
	{top: "internal", may: []string{"headers", "env"}, third: []string{"golang.org/x/sys"}},
	{top: "integration", any: true},
}

// protocolMay has no protocol: they never import each other.
var protocolMay = []string{"gateway", "env", "headers", "internal"}

var public = []string{"headers", "env", "gateway", "cgi", "fastcgi", "scgi", "origin", "validate"}

// testsMay lists what test files may import of others, wherever they are.
var testsMay = []string{"github.com/stretchr/testify/require", "golang.org/x/sys"}

func TestImports(t *testing.T) {
	var checked, faults []string
	for _, f := range goFiles(t, repository(t)) {
		if !f.isTest() {
			checked = append(checked, f.dir())
		}
		faults = append(faults, importFaults(f)...)
	}
	require.Contains(t, checked, "headers", "packages with code that is no test")
	require.Empty(t, faults)
}

// importFaults returns a sentence for each import that the table forbids.
func importFaults(f goFile) []string {
	i := slices.IndexFunc(table, func(r row) bool { return r.top == f.top() })
	if i < 0 {
		return []string{f.path + ": the table of packages has no row for this directory"}
	}
	if table[i].any {
		return nil
	}
	var faults []string
	for _, spec := range f.syntax.Imports {
		name, _ := strconv.Unquote(spec.Path.Value)
		if !allowed(f, table[i], name) {
			faults = append(faults, fmt.Sprintf("%s: must not import %s", f.path, name))
		}
	}
	if f.top() == "gateway" && !f.isTest() {
		faults = append(faults, listening(f)...)
	}
	return faults
}

func allowed(f goFile, r row, name string) bool {
	first, _, _ := strings.Cut(name, "/")
	switch {
	case below(name, module):
		dir := path.Clean(strings.TrimPrefix(strings.TrimPrefix(name, module), "/"))
		return f.isTest() || top(dir) == r.top || slices.Contains(r.may, top(dir))
	case strings.Contains(first, "."):
		third := r.third
		if f.isTest() {
			third = testsMay
		}
		return slices.ContainsFunc(third, func(t string) bool { return below(name, t) })
	case name == "C":
		return false
	}
	return f.isTest() || !slices.ContainsFunc(r.never, func(n string) bool { return below(name, n) })
}

// below reports whether name is the package parent or one in a directory of it.
func below(name, parent string) bool {
	return name == parent || strings.HasPrefix(name, parent+"/")
}

// listening returns a sentence for each use of a name of net or net/http that
// opens, dials or accepts. Types of connections are fine: Hijack returns one.
func listening(f goFile) []string {
	var faults []string
	names := map[string]bool{}
	for _, spec := range f.syntax.Imports {
		switch {
		case spec.Path.Value != `"net"` && spec.Path.Value != `"net/http"`:
		case spec.Name == nil:
			names[path.Base(strings.Trim(spec.Path.Value, `"`))] = true
		case spec.Name.Name == ".":
			faults = append(faults, f.path+": must not import "+spec.Path.Value+" with a dot")
		default:
			names[spec.Name.Name] = true
		}
	}
	ast.Inspect(f.syntax, func(n ast.Node) bool {
		selector, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		if x, ok := selector.X.(*ast.Ident); ok && names[x.Name] && opens(selector.Sel.Name) {
			faults = append(faults, fmt.Sprintf("%s: must not use %s.%s", f.path, x.Name, selector.Sel.Name))
		}
		return true
	})
	return faults
}

// opens reports whether a function or type of net or net/http opens, dials or
// accepts: Listen, ListenConfig, Listener, Dial, Dialer, FileConn, Serve ….
func opens(name string) bool {
	if name == "Server" || name == "Client" || name == "DefaultClient" {
		return true
	}
	for _, prefix := range []string{"Listen", "Dial", "FileConn", "FileListener", "FilePacketConn", "Lookup", "Resolve"} {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return name == "Serve" || name == "ServeTLS"
}

func TestImportRules(t *testing.T) {
	const us = module + "/"
	for _, r := range []struct{ why, file, imports, fault string }{
		{"the standard library is free", "headers/x.go", `"net/http"`, ""},
		{"headers stand alone", "headers/x.go", `"` + us + `env"`, "must not import " + us + "env"},
		{"headers take nothing of others", "headers/x.go", `"golang.org/x/sys/unix"`, "must not import golang.org/x/sys/unix"},
		{"env takes headers", "env/x.go", `"` + us + `headers"`, ""},
		{"env takes no engine", "env/x.go", `"` + us + `gateway"`, "must not import " + us + "gateway"},
		{"the engine takes env", "gateway/x.go", `"` + us + `env"`, ""},
		{"the engine takes nothing internal", "gateway/x.go", `"` + us + `internal/record"`, "must not import " + us + "internal/record"},
		{"the engine takes no protocol", "gateway/x.go", `"` + us + `cgi"`, "must not import " + us + "cgi"},
		{"the engine runs no programs", "gateway/x.go", `"os/exec"`, "must not import os/exec"},
		{"a package below has the same row", "gateway/deep/x.go", `"os/exec"`, "must not import os/exec"},
		{"a protocol takes the engine", "scgi/x.go", `"` + us + `gateway"`, ""},
		{"a protocol takes internal packages", "scgi/x.go", `"` + us + `internal/server"`, ""},
		{"a protocol takes no other", "scgi/x.go", `"` + us + `fastcgi"`, "must not import " + us + "fastcgi"},
		{"nor the origin server", "fastcgi/x.go", `"` + us + `origin"`, "must not import " + us + "origin"},
		{"nor the root", "origin/x.go", `"` + module + `"`, "must not import " + module},
		{"a package takes what is below it", "fastcgi/x.go", `"` + us + `fastcgi/record"`, ""},
		{"a name that begins alike is another module", "internal/x.go", `"` + module + `x/y"`, "must not import " + module + "x/y"},
		{"validate works without testing", "validate/x.go", `"testing"`, "must not import testing"},
		{"and without what is below it", "validate/x.go", `"testing/iotest"`, "must not import testing/iotest"},
		{"validate's own tests do not", "validate/x_test.go", `"testing"`, ""},
		{"the root takes every public package", "x.go", `"` + us + `validate"`, ""},
		{"the root takes no command", "x.go", `"` + us + `cmd/postern"`, "must not import " + us + "cmd/postern"},
		{"the command takes the root", "cmd/postern/x.go", `"` + module + `"`, ""},
		{"the command takes no one else", "cmd/postern/x.go", `"github.com/spf13/cobra"`, "must not import github.com/spf13/cobra"},
		{"internal packages take x/sys", "internal/a/x.go", `"golang.org/x/sys/unix"`, ""},
		{"and no other module", "internal/a/x.go", `"golang.org/x/net/http2"`, "must not import golang.org/x/net/http2"},
		{"internal packages take each other", "internal/a/x.go", `"` + us + `internal/b"`, ""},
		{"and no engine", "internal/a/x.go", `"` + us + `gateway"`, "must not import " + us + "gateway"},
		{"integration is free", "integration/x.go", `"github.com/mccutchen/go-httpbin/v2"`, ""},
		{"nothing takes C", "internal/a/x.go", `"C"`, "must not import C"},
		{"a directory has a row", "util/x.go", `"fmt"`, "the table of packages has no row for this directory"},
		{"tests take require", "headers/x_test.go", `"github.com/stretchr/testify/require"`, ""},
		{"tests take nothing else of it", "headers/x_test.go", `"github.com/stretchr/testify/assert"`,
			"must not import github.com/stretchr/testify/assert"},
		{"tests take any package of ours", "headers/x_test.go", `"` + us + `gateway"`, ""},
	} {
		t.Run(r.why, func(t *testing.T) {
			files := goFiles(t, made(r.file, "package x\n\nimport "+r.imports+"\n"))
			requireFault(t, r.file, r.fault, importFaults(files[0]))
		})
	}
}

func TestListeningRules(t *testing.T) {
	for _, r := range []struct{ why, file, imports, body, fault string }{
		{"a connection is handed on", "gateway/x.go", `"net"`, "func f() (c net.Conn) { return c }", ""},
		{"an error of net is told", "gateway/x.go", `"net"`, "var err = net.ErrClosed", ""},
		{"no listener is opened", "gateway/x.go", `"net"`, `var l, err = net.Listen("tcp", "")`, "must not use net.Listen"},
		{"nor configured", "gateway/x.go", `"net"`, "var c net.ListenConfig", "must not use net.ListenConfig"},
		{"nor named", "gateway/x.go", `"net"`, "func f(l net.Listener) {}", "must not use net.Listener"},
		{"no one is dialled", "gateway/x.go", `"net"`, `var d = net.Dialer{}`, "must not use net.Dialer"},
		{"another name hides nothing", "gateway/x.go", `n "net"`, `var c, err = n.Dial("tcp", "")`, "must not use n.Dial"},
		{"a dot hides nothing", "gateway/x.go", `. "net"`, "", `must not import "net" with a dot`},
		{"net/http serves nothing", "gateway/x.go", `"net/http"`, `var err = http.ListenAndServe("", nil)`,
			"must not use http.ListenAndServe"},
		{"net/http has handlers", "gateway/x.go", `"net/http"`, "var h http.HandlerFunc", ""},
		{"a variable of ours may be called Listen", "gateway/x.go", `"net"`, "var x struct{ Listen net.Addr }; var y = x.Listen", ""},
		{"tests listen", "gateway/x_test.go", `"net"`, `var l, err = net.Listen("tcp", "")`, ""},
		{"front ends listen", "scgi/x.go", `"net"`, `var l, err = net.Listen("tcp", "")`, ""},
	} {
		t.Run(r.why, func(t *testing.T) {
			files := goFiles(t, made(r.file, "package x\n\nimport "+r.imports+"\n\n"+r.body+"\n"))
			requireFault(t, r.file, r.fault, importFaults(files[0]))
		})
	}
}

// requireFault wants exactly one fault about the file, or none when want is "".
func requireFault(t *testing.T, file, want string, faults []string) {
	t.Helper()
	if want == "" {
		require.Empty(t, faults)
		return
	}
	require.Equal(t, []string{file + ": " + want}, faults)
}
