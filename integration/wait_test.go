package integration

import (
	"os"
	"time"

	"github.com/stretchr/testify/require"
)

// patience is how long anything may take before a test gives up on it.
const patience = 60 * time.Second

// waitFor returns when an event has happened. It is the only place where these tests wait.
func waitFor(t require.TestingT, event string, happened func() bool) {
	deadline := time.NewTimer(patience)
	defer deadline.Stop()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !happened() {
		select {
		case <-tick.C:
		case <-deadline.C:
			t.Errorf("waited in vain: %s", event)
			t.FailNow()
		}
	}
}

func waitForFile(t require.TestingT, event, path string) []byte {
	waitFor(t, event, func() bool { return exists(path) })
	content, err := os.ReadFile(path)
	require.NoError(t, err)
	return content
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
