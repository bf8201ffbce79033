// Package race tells whether the race detector is there. It allocates, which tests
// have to know, and has to be told of what it does not see.
package race
