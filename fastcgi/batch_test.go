package fastcgi

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestBrisk(t *testing.T) {
	var b brisk
	tries := func(n int) (made int) {
		for range n {
			if b.expected() {
				made++
				b.blocked()
			}
		}
		return made
	}
	require.Equal(t, 1, tries(1), "it is tried")
	require.Equal(t, 1, tries(3), "again after two others")
	require.LessOrEqual(t, tries(10_000), 18, "seldom, where handlers block each time")
	for range 1 << maxDoubt {
		b.expected()
	}
	for range maxDoubt {
		require.True(t, b.expected())
		b.passed()
	}
	b.blocked()
	require.Equal(t, 1, tries(3), "one that blocks among many that do not costs little")
}
