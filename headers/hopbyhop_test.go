package headers_test

import (
	"testing"

	"github.com/postern-go/postern/headers"
	"github.com/stretchr/testify/require"
)

// TestHopByHop adds to the vectors of CPython the names that differ in one byte.
func TestHopByHop(t *testing.T) {
	for _, name := range []string{
		"te", "trailer", "trailers", "upgrade", "connection", "keep-alive", "transfer-encoding",
		"proxy-connection", "proxy-authenticate", "proxy-authorization",
	} {
		t.Run(name, func(t *testing.T) {
			require.True(t, headers.IsHopByHop(name))
			for i := range name {
				other := name[:i] + "_" + name[i+1:]
				require.False(t, headers.IsHopByHop(other), "%q", other)
			}
			require.False(t, headers.IsHopByHop(name+" "))
		})
	}
}
