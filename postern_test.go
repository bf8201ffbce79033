package postern

import (
	"bytes"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestExitStatus(t *testing.T) {
	for _, row := range []struct {
		err    error
		status int
		stderr string
		why    string
	}{
		{nil, 0, "", "a drain or a delivered response"},
		{errors.New("postern: no gateway"), 1, "postern: no gateway\n", "anything else is one line"},
	} {
		var stderr bytes.Buffer
		require.Equal(t, row.status, exitStatus(row.err, &stderr), row.why)
		require.Equal(t, row.stderr, stderr.String(), row.why)
	}
}
