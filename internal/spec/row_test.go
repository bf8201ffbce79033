package spec

import (
	"path"
	"slices"
	"strings"
)

// rowFaults returns a sentence for each thing that a built row names and that
// does not exist.
func rowFaults(t *tree, all []row) []string {
	var faults []string
	for _, r := range all {
		if r.built {
			files := r.files(t, &faults)
			r.names(t, files, &faults)
			r.tests(t, &faults)
		}
	}
	return faults
}

func (r row) files(t *tree, faults *[]string) []string {
	files, ok := quoted(r.cells["file"])
	if !ok {
		*faults = append(*faults, r.fault("files %q not understood", r.cells["file"]))
	}
	for _, file := range files {
		if !t.has(file) {
			*faults = append(*faults, r.fault("no file %s", file))
		}
	}
	return files
}

// names checks the Go names: one of the files of the row declares each, and
// each of the Go files declares one.
func (r row) names(t *tree, files []string, faults *[]string) {
	cell, has := r.cells["Go"]
	if !has {
		return
	}
	names, ok := quoted(cell)
	if !ok {
		*faults = append(*faults, r.fault("Go names %q not understood", cell))
	}
	used := map[string]bool{}
	for _, name := range names {
		dir, symbol := splitName(name)
		i := slices.IndexFunc(files, func(file string) bool {
			return path.Dir(file) == dir && !isTest(file) && t.file(file).names[symbol]
		})
		if i < 0 {
			*faults = append(*faults, r.fault("%s is not declared in %s", name, strings.Join(files, ", ")))
			continue
		}
		used[files[i]] = true
	}
	for _, file := range files {
		if t.has(file) && path.Ext(file) == ".go" && !used[file] {
			*faults = append(*faults, r.fault("%s declares no name of the row", file))
		}
	}
}

// tests checks names like dir/file_test.go:TestName, and the sentence of one of
// its rows where that follows after a slash.
func (r row) tests(t *tree, faults *[]string) {
	names, ok := quoted(r.cells["test"])
	if !ok {
		*faults = append(*faults, r.fault("tests %q not understood", r.cells["test"]))
	}
	for _, name := range names {
		file, function, _ := strings.Cut(name, ":")
		function, sentence, hasSentence := strings.Cut(function, "/")
		switch {
		case !isTest(file) || !t.has(file):
			*faults = append(*faults, r.fault("no test file %s", file))
		case !runs(function) || !t.file(file).names[function]:
			*faults = append(*faults, r.fault("no test %s in %s", function, file))
		case hasSentence && !t.testText(file, sentence):
			*faults = append(*faults, r.fault("no test row %q in %s", sentence, path.Dir(file)))
		}
	}
}

func isTest(file string) bool {
	return strings.HasSuffix(file, "_test.go")
}

// runs tells the functions that go test calls and that can fail.
func runs(function string) bool {
	return strings.HasPrefix(function, "Test") && function != "TestMain" ||
		strings.HasPrefix(function, "Fuzz") || strings.HasPrefix(function, "Example")
}
