// Package behaviour is the one table of what a handler can see and do, and
// what its client gets: net/http.Server is the reference, and every front end
// has to do the same.
//
// A row is a request, a handler and the text of what comes of it (see
// [Answer]). A test hands over a [Gate], its own way from the bytes of a client
// to the handler and back, and [Test] runs every row through it. Where a gate
// cannot do what net/http does, the difference is a [Deviation] with its
// reason; it fails as soon as it is no longer true.
package behaviour
