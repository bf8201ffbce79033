package integration

import (
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestNarrow keeps the list of what narrow.sh does not emulate true: every test that it names is there.
func TestNarrow(t *testing.T) {
	script, err := os.ReadFile("narrow.sh")
	require.NoError(t, err)
	found := regexp.MustCompile(`(?m)^skipped='\^\(([A-Za-z0-9|]+)\)\$'$`).FindSubmatch(script)
	require.NotNil(t, found, "narrow.sh names the tests that it skips")
	names := strings.Split(string(found[1]), "|")
	listed, err := exec.Command("go", "test", "-list", string(found[1]), "../cmd/postern").Output()
	require.NoError(t, err)
	for _, name := range names {
		require.Contains(t, strings.Fields(string(listed)), name)
	}
}
