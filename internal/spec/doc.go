// Package spec keeps SPEC.md true. It is made of tests only, which read the
// tables of that file and fail on
//
//   - an id that is missing, unknown or there twice,
//   - a Go name that none of the files of its row declares, or a file that does
//     not exist,
//   - a test that the file named with it does not declare, or a row of a test
//     whose sentence stands in no test of that directory, in no recording of
//     its testdata, and in no internal package that the test imports for it.
//
// A row under "Not built yet" promises nothing but to say what is missing.
package spec
