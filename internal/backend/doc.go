// Package backend is what the back ends share around a request: the variables that they send, the request body of a length that
// must be known, the error stream as log lines, and an http.Handler made of an http.RoundTripper.
package backend
