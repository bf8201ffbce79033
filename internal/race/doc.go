// Package race tells tests whether they run under the race detector, which
// allocates too.
package race
