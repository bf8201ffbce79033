package rules

import (
	"fmt"
	"io/fs"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// maxLines is for Go files that are no tests: a longer one has more than one subject.
const maxLines = 400

// machinePath finds absolute paths that only the machine of a developer has.
var machinePath = regexp.MustCompile(`(?:^|[^A-Za-z0-9_.])(/(?:work|farm|root)/)`)

func TestFileLength(t *testing.T) {
	var faults []string
	for _, f := range goFiles(t, repository(t)) {
		faults = append(faults, lengthFaults(f)...)
	}
	require.Empty(t, faults)
}

func TestNoMachinePaths(t *testing.T) {
	require.Empty(t, pathFaults(t, repository(t)))
}

// lengthFaults returns a sentence when the file is too long.
func lengthFaults(f goFile) []string {
	n := strings.Count(f.source, "\n")
	if f.isTest() || n <= maxLines {
		return nil
	}
	return []string{fmt.Sprintf("%s: %d lines, more than %d", f.path, n, maxLines)}
}

// pathFaults returns a sentence for each line of any file with such a path.
func pathFaults(t *testing.T, tree fs.FS) []string {
	t.Helper()
	var faults []string
	seen := 0
	walk(t, tree, func(name string, content []byte) {
		seen++
		line := 0
		for text := range strings.Lines(string(content)) {
			line++
			if m := machinePath.FindStringSubmatch(text); m != nil {
				faults = append(faults, fmt.Sprintf("%s:%d: names a path below %s", name, line, m[1]))
			}
		}
	})
	require.NotZero(t, seen, "no file found")
	return faults
}

func TestLengthRules(t *testing.T) {
	long := "package x\n" + strings.Repeat("\n", maxLines)
	for _, r := range []struct{ why, file, source, fault string }{
		{"400 lines are enough", "env/x.go", long[:len(long)-1], ""},
		{"401 are too many", "env/x.go", long, "401 lines, more than 400"},
		{"tests may be longer", "env/x_test.go", long, ""},
	} {
		t.Run(r.why, func(t *testing.T) {
			requireFault(t, r.file, r.fault, lengthFaults(goFiles(t, made(r.file, r.source))[0]))
		})
	}
}

func TestPathRules(t *testing.T) {
	const slash = "/" // keeps the paths below out of this file
	for _, r := range []struct{ why, file, text, fault string }{
		{"a path of the machine", "x.txt", "one\nsee " + slash + "work/notes\n", "x.txt:2: names a path below /work" + slash},
		{"at the start of a line", "x.txt", slash + "root/go\n", "x.txt:1: names a path below /root" + slash},
		{"in quotation marks", "a/x.go", `p = "` + slash + `root/go"`, "a/x.go:1: names a path below /root" + slash},
		{"in test data, too", "a/testdata/x", slash + "farm/x", "a/testdata/x:1: names a path below /farm" + slash},
		{"among bytes that are no text", "x.bin", "\x00\xff" + slash + "work/x\x00", "x.bin:1: names a path below /work" + slash},
		{"a part of a longer path is fine", "x.txt", "https://example.com" + slash + "work/ and ../root/", ""},
		{"a name that begins alike is fine", "x.txt", slash + "workers/ " + slash + "rooted/", ""},
		{"a system path is fine", "x.txt", "/usr/lib/cgi-bin/", ""},
	} {
		t.Run(r.why, func(t *testing.T) {
			faults := pathFaults(t, made(r.file, r.text))
			if r.fault == "" {
				require.Empty(t, faults)
				return
			}
			require.Equal(t, []string{r.fault}, faults)
		})
	}
}
