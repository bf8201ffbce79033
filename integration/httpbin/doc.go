// Package httpbin compares the front ends with net/http.Server under a handler that was written for net/http alone:
// github.com/mccutchen/go-httpbin. It is a module of its own, so that the library does not depend on that one.
//
// It is made of tests only; make test runs them. Every route of the handler is asked with many requests, and what the client gets, from
// the informational responses to the trailers, has to be equal apart from two tables: volatile_test.go (what differs from one request
// to the next anywhere) and deviations_test.go (what a protocol cannot carry). A row of either that is no longer needed fails, and so does
// a route without a request.
package httpbin
