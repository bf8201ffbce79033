// Package rules keeps the rules that hold for the whole repository. It is made
// of tests only, which read the files of the module and fail on
//
//   - an import that the table of packages does not allow (imports_test.go),
//   - a package without a package comment in its doc.go, and a public package
//     whose comment lacks one of the headings Cancellation, Limits and Not
//     supported (docs_test.go),
//   - a file of Go code over 400 lines, and any file that names a path of the
//     machine it was written on (files_test.go).
//
// Each rule is a function over a file system, so that a table of made-up files
// beside it shows that the rule can fail.
package rules
