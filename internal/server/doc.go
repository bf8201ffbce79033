// Package server is what the protocol servers share: the one accept loop, the
// one connection type, reading ahead of a handler, and buffered writing.
//
// A protocol server gives [Loop] a function that serves one [Conn]. The loop
// accepts, tracks, drains and closes; it knows nothing of any protocol.
package server
