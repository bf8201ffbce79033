// Package netstring is the wire form of SCGI requests, for both ends of a connection: netstrings and the header block that one holds.
//
// Nothing here reads, writes, keeps state or allocates: append functions grow the slice they are given, parse functions return parts
// of it. Errors carry the prefix "scgi: " already, so that the packages that use the codec pass them on as they are.
package netstring
