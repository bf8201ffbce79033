//go:build race

package race

// Enabled: the race detector is there.
const Enabled = true
