// Package httpbin compares the front ends with net/http.Server under a handler that was written for net/http alone:
// github.com/mccutchen/go-httpbin. It is a module of its own, so that the library does not depend on that one.
//
// It is made of tests only; make test runs them. Every route of the handler is asked with many requests, and what the client gets, from
// the informational responses to the trailers, has to be equal apart from two tables: volatile_test.go (what differs from one request
// to the next anywhere) and deviations_test.go (what a protocol cannot carry). A row of either that is no longer needed fails, and so does
// a route without a request.
//
// The same handler, golang.org/x/net/webdav and http.FileServerFS run under the checker of package validate, at its strict level, over
// net/http.Server and over every front end (checked_test.go). What it finds is listed with reasons in testdata/findings.tsv: a finding that is
// not there fails, and so does a row that is not found, and an error of a server.
package httpbin
