// Package integration runs the test application behind real web servers, those of Debian's packages, with the
// configuration files of conf/, which are those that the documentation shows.
// README.md is that documentation.
//
// It is made of tests only; make test runs them. Every server is a child of the test that needs it, listens on a unix
// socket or a loopback port in a directory of its own, runs without privileges, and ends with the test. When a test fails, it
// shows what the servers logged.
//
// Three tables say what is not the same everywhere, and their tests fail when a row is no longer true: deviations_test.go
// (what a gate cannot do), differences_test.go (what a handler sees otherwise behind nginx than behind net/http.Server),
// and packages.txt (what has to be installed).
//
// "go test ./integration -run Transcripts -update" overhears what the web servers say to a FastCGI worker and writes it to
// fastcgi/testdata/transcripts, which the tests of that package say again.
package integration
