package behaviour

import "testing"

// The table says what net/http does.
func TestNetHTTP(t *testing.T) {
	Test(t, NetHTTP())
}
