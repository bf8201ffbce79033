// Package fifo holds bytes between a writer that must not wait and a reader that
// may take its time: a few in memory, more in a temporary file without a name.
package fifo
