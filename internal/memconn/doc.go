// Package memconn is a bounded connection in memory, for tests: a pair of
// net.Conns with half-close, reset and deadlines, and a listener that hands
// them out. It has no goroutine of its own and holds no mutex while it waits,
// so it can be used in a bubble of testing/synctest.
//
// What a closed connection does to its peer is the worst that TCP may do: a
// close with bytes unread is a reset, and a reset destroys what the peer has
// not yet read.
package memconn
