package postern

import (
	"bytes"
	"errors"
	"fmt"
	"testing"

	"github.com/postern-go/postern/gateway"
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
		{fmt.Errorf("postern: %w", &gateway.Failure{Reason: gateway.ErrBadRequest}), 1, "", "what the error stream of the request has had is not said twice"},
		{&gateway.Failure{Reason: gateway.ErrPeerGone}, 1, "gateway: peer is gone\n", "what it has not had is said"},
		{errors.New("postern: no gateway"), 1, "postern: no gateway\n", "anything else is one line"},
	} {
		var stderr bytes.Buffer
		require.Equal(t, row.status, exitStatus(row.err, &stderr), row.why)
		require.Equal(t, row.stderr, stderr.String(), row.why)
	}
}
