// Package record is the wire form of FastCGI 1.0 records, for both ends of a connection: append and parse functions side by side.
//
// Nothing here reads, writes, keeps state or allocates: append functions grow the slice they are given, parse functions return parts
// of it. Reserved and padding bytes are written as zero and ignored when parsed, as FastCGI 1.0, section 8 asks.
// Errors carry the prefix "fastcgi: " already, so that the packages that use the codec pass them on as they are.
package record
