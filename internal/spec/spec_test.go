package spec

import (
	"io/fs"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
)

// TestSpec is about SPEC.md itself; the tests below are about this test.
func TestSpec(t *testing.T) {
	repository := os.DirFS("../..")
	text, err := fs.ReadFile(repository, "SPEC.md")
	require.NoError(t, err)
	all, faults := rows(string(text))
	require.Empty(t, faults)
	require.NotEmpty(t, all, "no row found")
	require.Empty(t, emptyFaults(all))
	require.Empty(t, idFaults(all, everything))
	require.Empty(t, rowFaults(newTree(repository), all))
}

func TestBuiltRowsAreMost(t *testing.T) {
	text, err := os.ReadFile("../../SPEC.md")
	require.NoError(t, err)
	all, _ := rows(string(text))
	built := 0
	for _, r := range all {
		if r.built {
			built++
		}
	}
	require.Greater(t, built, len(all)/2, "rows that name files and tests, of %d", len(all))
}

const (
	wsgirefHead = "| id | wsgiref | Go | file | test | note |\n|---|---|---|---|---|---|\n"
	sectionHead = "| id | section | requirement | file | test |\n|---|---|---|---|---|\n"
	missingHead = "## Not built yet\n\n| id | section | requirement | missing |\n|---|---|---|---|\n"
)

var madeUp = fstest.MapFS{
	"a.go":      {Data: []byte("package postern\nfunc Serve() {}\n")},
	"a_test.go": {Data: []byte("package postern\nfunc TestServe(t *testing.T) { _ = \"a sentence\" }\nfunc TestMain(m *testing.M) {}\nfunc FuzzServe() {}\nfunc ExampleServe() {}\nfunc BenchmarkServe() {}\n")},
	"internal/x/x.go": {Data: []byte("package x\ntype T[P any] struct{ F, G int }\nfunc (t *T[P]) M() {}\ntype I interface{ N() }\n" +
		"const A, B = 1, 2\nvar V int\n")},
	"internal/x/y.go":                   {Data: []byte("package x\nfunc Y() {}\n")},
	"internal/x/rows.go":                {Data: []byte("package x\nvar rows = \"a sentence of another package\"\n")},
	"b/b_test.go":                       {Data: []byte("package b\nimport \"github.com/postern-go/postern/internal/x\"\nfunc TestB(t *testing.T) { x.Test(t) }\n")},
	"internal/x/x_test.go":              {Data: []byte("package x\nfunc TestX(t *testing.T) {}\nfunc helper() {}\n")},
	"internal/x/testdata/recorded.json": {Data: []byte(`[{"why": "a recorded sentence"}]`)},
	"conf/nginx.conf":                   {Data: []byte("http {}\n")},
}

func TestRowRules(t *testing.T) {
	const x = " | `internal/x/x.go` | `internal/x/x_test.go:TestX` | |\n"
	for _, r := range []struct{ why, row, fault string }{
		{"a function of the root", "| A1 | f | `postern.Serve` | `a.go` | `a_test.go:TestServe` | |\n", ""},
		{"a type", "| A1 | f | `internal/x.T`" + x, ""},
		{"a field", "| A1 | f | `internal/x.T.G`" + x, ""},
		{"a method", "| A1 | f | `internal/x.T.M`" + x, ""},
		{"a method of an interface", "| A1 | f | `internal/x.I.N`" + x, ""},
		{"constants and a variable", "| A1 | f | `internal/x.A`, `internal/x.B`, `internal/x.V`" + x, ""},
		{"a fuzz target and an example are tests", "| A1 | f | `postern.Serve` | `a.go` | `a_test.go:FuzzServe`, `a_test.go:ExampleServe` | |\n", ""},
		{"a sentence of a test", "| A1 | f | `postern.Serve` | `a.go` | `a_test.go:TestServe/a sentence` | |\n", ""},
		{"a sentence of a recording", "| A1 | f | `internal/x.T` | `internal/x/x.go` | `internal/x/x_test.go:TestX/a recorded sentence` | |\n", ""},
		{"a sentence of the package with the rows", "| A1 | f | `postern.Serve` | `a.go` | `b/b_test.go:TestB/a sentence of another package` | |\n", ""},
		{"a configuration beside the Go file", "| A1 | f | `postern.Serve` | `a.go`, `conf/nginx.conf` | `a_test.go:TestServe` | |\n", ""},

		{"a name that is not there", "| A1 | f | `internal/x.Z`" + x, "SPEC.md:3: A1: internal/x.Z is not declared in internal/x/x.go\nSPEC.md:3: A1: internal/x/x.go declares no name of the row"},
		{"a field that is not there", "| A1 | f | `internal/x.T`, `internal/x.T.H`" + x, "SPEC.md:3: A1: internal/x.T.H is not declared in internal/x/x.go"},
		{"a name of another package", "| A1 | f | `internal/x.T`, `postern.T`" + x, "SPEC.md:3: A1: postern.T is not declared in internal/x/x.go"},
		{"a name of another file", "| A1 | f | `internal/x.T`, `internal/x.Y`" + x, "SPEC.md:3: A1: internal/x.Y is not declared in internal/x/x.go"},
		{"a name of a test", "| A1 | f | `postern.Serve`, `postern.TestServe` | `a.go`, `a_test.go` | `a_test.go:TestServe` | |\n", "SPEC.md:3: A1: postern.TestServe is not declared in a.go, a_test.go\nSPEC.md:3: A1: a_test.go declares no name of the row"},
		{"a file too many", "| A1 | f | `internal/x.T` | `internal/x/x.go`, `internal/x/y.go` | `a_test.go:TestServe` | |\n", "SPEC.md:3: A1: internal/x/y.go declares no name of the row"},
		{"a file that is not there", "| A1 | f | `postern.Serve` | `a.go`, `b.go` | `a_test.go:TestServe` | |\n", "SPEC.md:3: A1: no file b.go"},
		{"a directory is no file", "| A1 | f | `postern.Serve` | `a.go`, `internal` | `a_test.go:TestServe` | |\n", "SPEC.md:3: A1: no file internal"},
		{"a test that is not there", "| A1 | f | `postern.Serve` | `a.go` | `a_test.go:TestNone` | |\n", "SPEC.md:3: A1: no test TestNone in a_test.go"},
		{"a test of another file", "| A1 | f | `postern.Serve` | `a.go` | `a_test.go:TestX` | |\n", "SPEC.md:3: A1: no test TestX in a_test.go"},
		{"a test file that is not there", "| A1 | f | `postern.Serve` | `a.go` | `b_test.go:TestServe` | |\n", "SPEC.md:3: A1: no test file b_test.go"},
		{"a test in a file that is none", "| A1 | f | `postern.Serve` | `a.go` | `a.go:Serve` | |\n", "SPEC.md:3: A1: no test file a.go"},
		{"a test without its file", "| A1 | f | `postern.Serve` | `a.go` | `TestServe` | |\n", "SPEC.md:3: A1: no test file TestServe"},
		{"a file without its test", "| A1 | f | `postern.Serve` | `a.go` | `a_test.go` | |\n", "SPEC.md:3: A1: no test  in a_test.go"},
		{"a function that is no test", "| A1 | f | `internal/x.T` | `internal/x/x.go` | `internal/x/x_test.go:helper` | |\n", "SPEC.md:3: A1: no test helper in internal/x/x_test.go"},
		{"a benchmark cannot fail", "| A1 | f | `postern.Serve` | `a.go` | `a_test.go:BenchmarkServe` | |\n", "SPEC.md:3: A1: no test BenchmarkServe in a_test.go"},
		{"TestMain is no test", "| A1 | f | `postern.Serve` | `a.go` | `a_test.go:TestMain` | |\n", "SPEC.md:3: A1: no test TestMain in a_test.go"},
		{"a sentence that is not there", "| A1 | f | `postern.Serve` | `a.go` | `a_test.go:TestServe/another` | |\n", `SPEC.md:3: A1: no test row "another" in .`},
		{"a sentence of a package that the test does not use", "| A1 | f | `postern.Serve` | `a.go` | `a_test.go:TestServe/a sentence of another package` | |\n", `SPEC.md:3: A1: no test row "a sentence of another package" in .`},
		{"a name without backquotes", "| A1 | f | postern.Serve | `a.go` | `a_test.go:TestServe` | |\n", "SPEC.md:3: A1: Go names \"postern.Serve\" not understood"},
		{"words among the names", "| A1 | f | `postern.Serve` and more | `a.go` | `a_test.go:TestServe` | |\n", "SPEC.md:3: A1: Go names \"`postern.Serve` and more\" not understood\n" +
			"SPEC.md:3: A1: postern.Serve` and more is not declared in a.go\nSPEC.md:3: A1: a.go declares no name of the row"},
	} {
		t.Run(r.why, func(t *testing.T) {
			all, faults := rows(wsgirefHead + r.row)
			require.Empty(t, faults)
			require.Len(t, all, 1)
			requireFaults(t, r.fault, rowFaults(newTree(madeUp), all))
		})
	}
}

func TestSectionRowRules(t *testing.T) {
	for _, r := range []struct{ why, row, fault string }{
		{"a requirement has no Go name", "| A1 | 2 | do it | `internal/x/y.go` | `a_test.go:TestServe` |\n", ""},
		{"its file exists", "| A1 | 2 | do it | `internal/x/z.go` | `a_test.go:TestServe` |\n", "SPEC.md:3: A1: no file internal/x/z.go"},
		{"its test exists", "| A1 | 2 | do it | `internal/x/y.go` | `a_test.go:TestY` |\n", "SPEC.md:3: A1: no test TestY in a_test.go"},
	} {
		t.Run(r.why, func(t *testing.T) {
			all, faults := rows(sectionHead + r.row)
			require.Empty(t, faults)
			requireFaults(t, r.fault, rowFaults(newTree(madeUp), all))
		})
	}
}

func TestUnbuiltRowsNameNothing(t *testing.T) {
	all, faults := rows(missingHead + "| A1 | 2 | do it | all of it |\n")
	require.Empty(t, faults)
	require.Len(t, all, 1)
	require.False(t, all[0].built)
	require.Empty(t, rowFaults(newTree(madeUp), all))
}

func TestIDRules(t *testing.T) {
	two := []series{{"A", 2}}
	for _, r := range []struct{ why, text, fault string }{
		{"both are there", sectionHead + "| A1 | | | | |\n| A2 | | | | |\n", ""},
		{"one is built and one is not", sectionHead + "| A2 | | | | |\n\n" + missingHead + "| A1 | | | |\n", ""},
		{"no table at all", "Words.\n", "SPEC.md: no row A1\nSPEC.md: no row A2"},
		{"one is missing", sectionHead + "| A2 | | | | |\n", "SPEC.md: no row A1"},
		{"one is there twice", sectionHead + "| A1 | | | | |\n| A2 | | | | |\n| A1 | | | | |\n", "SPEC.md:5: A1: there already, in line 3"},
		{"built and not built at once", sectionHead + "| A1 | | | | |\n| A2 | | | | |\n\n" + missingHead + "| A1 | | | |\n", "SPEC.md:10: A1: there already, in line 3"},
		{"one too many", sectionHead + "| A1 | | | | |\n| A2 | | | | |\n| A3 | | | | |\n", `SPEC.md:5: unknown id "A3"`},
	} {
		t.Run(r.why, func(t *testing.T) {
			all, faults := rows(r.text)
			require.Empty(t, faults)
			requireFaults(t, r.fault, idFaults(all, two))
		})
	}
}

func TestTableRules(t *testing.T) {
	for _, r := range []struct{ why, text, fault string }{
		{"words between tables", sectionHead + "| A1 | 1 | r | f | t |\n\nWords | words.\n\n" + wsgirefHead + "| B1 | w | g | f | t | |\n", ""},
		{"a table of something else", "| one | two |\n|---|---|\n", `SPEC.md:1: unknown columns ["one" "two"]`},
		{"a table without ids that is known", "| " + strings.ReplaceAll(otherColumns, " ", " | ") + " |\n|---|---|---|---|---|\n| f | c | m | | r |\n", ""},
		{"columns of the other list", "## Not built yet\n" + sectionHead, `SPEC.md:2: unknown columns ["id" "section" "requirement" "file" "test"]`},
		{"columns of the other list, too", "## Built\n" + missingHead[len(notBuilt):], `SPEC.md:4: unknown columns ["id" "section" "requirement" "missing"]`},
		{"no line below the head", "| id | section | requirement | file | test |\n| A1 | 1 | r | f | t |\n", "SPEC.md:2: no line between head and rows"},
		{"a cell too few", sectionHead + "| A1 | 1 | r | f |\n", "SPEC.md:3: 4 cells below 5 columns"},
		{"a cell too many", sectionHead + "| A1 | 1 | r | f | t | x |\n", "SPEC.md:3: 6 cells below 5 columns"},
	} {
		t.Run(r.why, func(t *testing.T) {
			_, faults := rows(r.text)
			requireFaults(t, r.fault, faults)
		})
	}
}

func TestEmptyCells(t *testing.T) {
	all, faults := rows(wsgirefHead + "| A1 | w | g | f | t | |\n| A2 | | g | f | | n |\n")
	require.Empty(t, faults)
	requireFaults(t, "SPEC.md:4: A2: no test\nSPEC.md:4: A2: no wsgiref", emptyFaults(all))
}

// requireFaults compares with sentences, one a line; "" means none.
func requireFaults(t *testing.T, want string, faults []string) {
	t.Helper()
	require.Equal(t, want, strings.Join(faults, "\n"))
}
