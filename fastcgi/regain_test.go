package fastcgi

import (
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"
)

// A handler may return while another goroutine of its own reads the body. Before
// the lead is back from there, it may pass on: to a goroutine that gives it to the
// next request, and that one keeps it.
func TestLeadThatPassesOnIsNotTakenBack(t *testing.T) {
	for _, row := range []struct {
		why    string
		passes bool
	}{
		{"the read has ended", false},
		{"a watchdog that was late has passed it on", true},
	} {
		t.Run(row.why, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var c conn
				c.moved.L = &c.mu
				q, next := new(request), new(request)
				c.lead, c.reading, c.regains = q, true, true
				back := make(chan bool, 1)
				go func() {
					c.mu.Lock()
					defer c.mu.Unlock()
					back <- c.regain(q)
				}()
				synctest.Wait()

				c.mu.Lock()
				c.reading = false
				if row.passes {
					c.lead = next
				}
				c.moved.Broadcast()
				c.mu.Unlock()
				require.Equal(t, !row.passes, <-back)
				if row.passes {
					require.Same(t, next, c.lead)
				} else {
					require.Nil(t, c.lead)
				}
			})
		})
	}
}
