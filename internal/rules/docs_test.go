package rules

import (
	"go/doc/comment"
	"path"
	"slices"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
)

// headings have to be in the package comment of each package in headed.
var headings = []string{"Cancellation", "Limits", "Not supported"}

var headed = []string{".", "headers", "env", "gateway", "cgi", "fastcgi", "scgi", "origin", "validate"}

func TestPackageComments(t *testing.T) {
	files := goFiles(t, repository(t))
	require.Contains(t, dirs(files), "headers", "packages found")
	require.Empty(t, commentFaults(files))
}

func TestHeadings(t *testing.T) {
	files := goFiles(t, repository(t))
	found := 0
	for _, dir := range dirs(files) {
		if slices.Contains(headed, dir) {
			found++
		}
	}
	require.NotZero(t, found, "none of the packages exists")
	require.Empty(t, headingFaults(files))
}

// dirs returns the directories with Go files, each once.
func dirs(files []goFile) []string {
	var all []string
	for _, f := range files {
		all = append(all, f.dir())
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// packageComment returns the package comment in the doc.go of a directory, or "".
func packageComment(files []goFile, dir string) string {
	i := slices.IndexFunc(files, func(f goFile) bool { return f.path == path.Join(dir, "doc.go") })
	if i < 0 {
		return ""
	}
	return files[i].syntax.Doc.Text()
}

// commentFaults returns a sentence for each directory with Go files that has no
// doc.go with a package comment.
func commentFaults(files []goFile) []string {
	var faults []string
	for _, dir := range dirs(files) {
		if packageComment(files, dir) == "" {
			faults = append(faults, dir+": no package comment in doc.go")
		}
	}
	return faults
}

// headingFaults returns a sentence for each heading that is missing in the
// package comments of headed, or has no text below it.
func headingFaults(files []goFile) []string {
	var faults []string
	for _, dir := range dirs(files) {
		if !slices.Contains(headed, dir) {
			continue
		}
		sections := sectionsOf(packageComment(files, dir))
		for _, heading := range headings {
			if !slices.Contains(sections, heading) {
				faults = append(faults, dir+": no section \"# "+heading+"\" in doc.go")
			}
		}
	}
	return faults
}

// sectionsOf returns the headings of a comment that have text below them.
func sectionsOf(text string) []string {
	var sections []string
	last := ""
	for _, block := range new(comment.Parser).Parse(text).Content {
		if heading, ok := block.(*comment.Heading); ok {
			plain, _ := heading.Text[0].(comment.Plain)
			last = string(plain)
		} else if last != "" {
			sections, last = append(sections, last), ""
		}
	}
	return sections
}

func TestCommentRules(t *testing.T) {
	for _, r := range []struct{ why, file, source, fault string }{
		{"a package comment in doc.go", "env/doc.go", "// Package env is one.\npackage env\n", ""},
		{"a command has one, too", "cmd/postern/doc.go", "// Postern is a command.\npackage main\n", ""},
		{"in another file it is not found", "env/env.go", "// Package env is one.\npackage env\n", "env: no package comment in doc.go"},
		{"a doc.go without it", "env/doc.go", "package env\n", "env: no package comment in doc.go"},
		{"a line between does not count", "env/doc.go", "// Package env is one.\n\npackage env\n", "env: no package comment in doc.go"},
		{"a directory of tests is a package", "integration/x_test.go", "package integration\n", "integration: no package comment in doc.go"},
		{"the root is a package", "x.go", "package postern\n", ".: no package comment in doc.go"},
	} {
		t.Run(r.why, func(t *testing.T) {
			faults := commentFaults(goFiles(t, made(r.file, r.source)))
			if r.fault == "" {
				require.Empty(t, faults)
				return
			}
			require.Equal(t, []string{r.fault}, faults)
		})
	}
}

func TestHeadingRules(t *testing.T) {
	const whole = "// Package cgi is one.\n//\n// # Cancellation\n//\n// None.\n//\n// # Limits\n//\n// None.\n//\n" +
		"// # Not supported\n//\n// Nothing.\npackage cgi\n"
	for _, r := range []struct {
		why, dir, source string
		faults           []string
	}{
		{"all headings", "cgi", whole, nil},
		{"the rule is for some packages", "internal/record", "// Package record is one.\npackage record\n", nil},
		{"the root is one of them", ".", "// Package postern is one.\npackage postern\n", []string{
			`.: no section "# Cancellation" in doc.go`, `.: no section "# Limits" in doc.go`, `.: no section "# Not supported" in doc.go`}},
		{"a heading without text does not count", "cgi",
			"// Package cgi is one.\n//\n// # Cancellation\n//\n// # Limits\n//\n// None.\n//\n// # Not supported\n//\n// Nothing.\npackage cgi\n",
			[]string{`cgi: no section "# Cancellation" in doc.go`}},
		{"a heading inside a paragraph is none", "cgi",
			"// Package cgi is one.\n// # Cancellation\n// None.\n//\n// # Limits\n//\n// None.\n//\n// # Not supported\n//\n// Nothing.\npackage cgi\n",
			[]string{`cgi: no section "# Cancellation" in doc.go`}},
	} {
		t.Run(r.why, func(t *testing.T) {
			tree := fstest.MapFS{path.Join(r.dir, "doc.go"): {Data: []byte(r.source)}}
			require.Equal(t, r.faults, headingFaults(goFiles(t, tree)))
		})
	}
}
