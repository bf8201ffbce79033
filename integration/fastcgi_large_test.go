package integration

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-go/postern/integration/testapp/app"
)

const (
	unread   = 8 << 20 // bytes of a body that no handler reads
	answered = 4 << 20 // bytes of the answer to it
)

// TestFastCGILarge sends large bodies both ways through every web server that speaks FastCGI, to a worker that is built
// without the race detector and whose memory stays small. Caddy and Apache send a whole body before they read anything.
func TestFastCGILarge(t *testing.T) {
	sum := patternSum(t, large)
	for _, g := range fastcgiGates(testappLean) {
		t.Run(g.name, func(t *testing.T) {
			o := g.open(t)
			t.Run("up", func(t *testing.T) {
				r := o.request(t, http.MethodPost, "/upload", app.Pattern(large))
				r.ContentLength = large
				require.Equal(t, app.Upload{BodyLen: large, BodySHA256: sum}, o.do(t, r).upload(t))
			})
			t.Run("down", func(t *testing.T) {
				require.Equal(t, sum, o.bytesSum(t, o.request(t, http.MethodGet, fmt.Sprintf("/bytes?n=%d", large), nil), large))
			})
			t.Run("an early answer", func(t *testing.T) {
				r := o.request(t, http.MethodPost, "/status?code=403", app.Pattern(unread))
				r.ContentLength = unread
				r.Close = true
				o.do(t, r).want(t, http.StatusForbidden, "")
			})
			t.Run("a large answer to a large body that nobody reads", func(t *testing.T) {
				r := o.request(t, http.MethodPost, fmt.Sprintf("/bytes?n=%d", answered), app.Pattern(unread))
				r.ContentLength = unread
				r.Close = true
				require.Equal(t, patternSum(t, answered), o.bytesSum(t, r, answered))
			})
			peak := peakMemoryOf(t, o.workerPid(t))
			t.Logf("peak memory of the worker: %d KiB", peak>>10)
			require.Less(t, peak, int64(memoryBudget))
		})
	}
}

// bytesSum returns the hash of a body of n bytes.
func (o *opened) bytesSum(t *testing.T, r *http.Request, n int64) string {
	t.Helper()
	response, err := o.client.Do(r)
	require.NoError(t, err)
	defer response.Body.Close()
	require.Equal(t, http.StatusOK, response.StatusCode)
	sum := sha256.New()
	got, err := io.Copy(sum, response.Body)
	require.NoError(t, err)
	require.Equal(t, n, got)
	return hex.EncodeToString(sum.Sum(nil))
}

// workerPid asks the worker, whoever started it.
func (o *opened) workerPid(t *testing.T) int {
	t.Helper()
	begun := filepath.Join(o.marks, "pid")
	o.get(t, "/wait-cancel?ms=1&begun="+begun).wantStatus(t, http.StatusOK)
	pid, err := strconv.Atoi(string(waitForFile(t, "the worker has said who it is", begun)))
	require.NoError(t, err)
	return pid
}
