package rules

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
)

const module = "github.com/postern-go/postern"

// A goFile is one parsed file; its path is relative to the module.
type goFile struct {
	path   string
	source string
	syntax *ast.File
}

func (f goFile) dir() string  { return path.Dir(f.path) }
func (f goFile) isTest() bool { return strings.HasSuffix(f.path, "_test.go") }

// top is the first element of the file's directory, "." in the module's root.
func (f goFile) top() string { return top(f.dir()) }

func top(dir string) string {
	first, _, _ := strings.Cut(dir, "/")
	return first
}

// repository returns the files of the module that this package is part of.
func repository(t *testing.T) fs.FS {
	t.Helper()
	dir, err := os.Getwd()
	require.NoError(t, err)
	for {
		mod, err := os.ReadFile(filepath.Join(dir, "go.mod"))
		if err == nil {
			require.Contains(t, string(mod), "module "+module+"\n")
			return os.DirFS(dir)
		}
		parent := filepath.Dir(dir)
		require.NotEqual(t, parent, dir, "no go.mod above the working directory")
		dir = parent
	}
}

// goFiles parses every Go file of the tree, whatever its build constraints. As
// the go command does, it passes over testdata and names that begin with "." or "_".
func goFiles(t *testing.T, tree fs.FS) []goFile {
	t.Helper()
	var files []goFile
	walk(t, tree, func(name string, source []byte) {
		if path.Ext(name) != ".go" || passedOver(name) {
			return
		}
		syntax, err := parser.ParseFile(token.NewFileSet(), name, source, parser.ParseComments|parser.SkipObjectResolution)
		require.NoError(t, err)
		files = append(files, goFile{name, string(source), syntax})
	})
	require.NotEmpty(t, files, "no Go file found")
	return files
}

func passedOver(name string) bool {
	return slices.ContainsFunc(strings.Split(name, "/"), func(element string) bool {
		return element == "testdata" || element[0] == '.' || element[0] == '_'
	})
}

// walk calls visit with every file of the tree that git does not ignore.
func walk(t *testing.T, tree fs.FS, visit func(name string, content []byte)) {
	t.Helper()
	ignored := ignoredBy(t, tree)
	require.NoError(t, fs.WalkDir(tree, ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && (name == ".git" || ignored(name+"/")):
			return fs.SkipDir
		case !entry.Type().IsRegular() || name == ".git" || ignored(name):
			return nil
		}
		content, err := fs.ReadFile(tree, name)
		if err == nil {
			visit(name, content)
		}
		return err
	}))
}

// ignoredBy reads .gitignore: patterns for a base name, or for a whole path
// with a slash in front, both with a slash at the end for a directory.
func ignoredBy(t *testing.T, tree fs.FS) func(name string) bool {
	t.Helper()
	var whole, base []string
	text, _ := fs.ReadFile(tree, ".gitignore")
	for pattern := range strings.Lines(string(text)) {
		pattern = strings.TrimSpace(pattern)
		if pattern == "" || pattern[0] == '#' {
			continue
		}
		require.NotContains(t, pattern, "**", ".gitignore: pattern not understood here")
		require.NotContains(t, pattern, "!", ".gitignore: pattern not understood here")
		if anchored, ok := strings.CutPrefix(pattern, "/"); ok {
			whole = append(whole, anchored)
			continue
		}
		require.NotContains(t, strings.TrimSuffix(pattern, "/"), "/", ".gitignore: pattern not understood here")
		base = append(base, pattern)
	}
	return func(name string) bool {
		return matchesAny(whole, name) || matchesAny(base, baseOf(name))
	}
}

func matchesAny(patterns []string, name string) bool {
	return slices.ContainsFunc(patterns, func(pattern string) bool {
		ok, err := path.Match(pattern, name)
		return ok && err == nil
	})
}

// baseOf keeps the slash that marks a directory.
func baseOf(name string) string {
	return name[strings.LastIndex(strings.TrimSuffix(name, "/"), "/")+1:]
}

// made returns a tree of one file.
func made(name, content string) fs.FS {
	return fstest.MapFS{name: {Data: []byte(content)}}
}

func TestWalkIgnoresWhatGitIgnores(t *testing.T) {
	tree := fstest.MapFS{
		".gitignore":   {Data: []byte("/bin/\n# words\n\n*.out\n/a/*.tmp\ncache/\n")},
		"bin/x":        {},
		"a/bin/x":      {},
		"a/y.out":      {},
		"a/y.tmp":      {},
		"y.tmp":        {},
		"a/cache/z":    {},
		"a/cached":     {},
		".git/config":  {},
		".ci/run":      {},
		"a/testdata/z": {},
	}
	var seen []string
	walk(t, tree, func(name string, _ []byte) { seen = append(seen, name) })
	require.Equal(t, []string{".ci/run", ".gitignore", "a/bin/x", "a/cached", "a/testdata/z", "y.tmp"}, seen)
}

func TestGoFilesAreThoseOfTheGoCommand(t *testing.T) {
	tree := fstest.MapFS{}
	for _, name := range []string{"a.go", "a/a_test.go", "a/testdata/x.go", "_b/b.go", ".c/c.go", "a/_d.go", "a/go.txt"} {
		tree[name] = &fstest.MapFile{Data: []byte("//go:build never\n\npackage a\n")}
	}
	var seen []string
	for _, f := range goFiles(t, tree) {
		seen = append(seen, f.path)
	}
	require.Equal(t, []string{"a/a_test.go", "a.go"}, seen)
}
