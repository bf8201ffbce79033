package integration

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-go/postern/integration/testapp/app"
)

const (
	gigabyte     = 1 << 30
	memoryBudget = 32 << 20 // bytes of the worker's peak resident memory
)

// TestGigabyte sends 1 GiB through nginx and the FastCGI worker each way. The worker is built without the race detector.
func TestGigabyte(t *testing.T) {
	for _, conf := range []string{"nginx-fastcgi.conf", "nginx-fastcgi-keep.conf"} {
		t.Run(conf, func(t *testing.T) {
			w := startWorker(t, testappLean, "fastcgi", "unix")
			s := startNginx(t, conf, w)
			o := &opened{server: s, client: newClient(t, s)}
			o.client.Timeout = 0 // the tests' own limit is enough
			sum := patternSum(t, gigabyte)

			r := o.request(t, http.MethodPost, "/upload", app.Pattern(gigabyte))
			r.ContentLength = gigabyte
			require.Equal(t, app.Upload{BodyLen: gigabyte, BodySHA256: sum}, o.do(t, r).upload(t))
			uploaded := peakMemory(t, w.process)
			require.Less(t, uploaded, int64(memoryBudget), "peak memory after the upload")

			require.Equal(t, sum, downloadSum(t, o))
			downloaded := peakMemory(t, w.process)
			require.Less(t, downloaded, int64(memoryBudget), "peak memory after the download")
			t.Logf("peak memory: %d KiB after the upload, %d KiB after the download", uploaded>>10, downloaded>>10)
		})
	}
}

func downloadSum(t *testing.T, o *opened) string {
	t.Helper()
	response, err := o.client.Do(o.request(t, http.MethodGet, fmt.Sprintf("/bytes?n=%d", gigabyte), nil))
	require.NoError(t, err)
	defer response.Body.Close()
	sum := sha256.New()
	n, err := io.Copy(sum, response.Body)
	require.NoError(t, err)
	require.EqualValues(t, gigabyte, n)
	return hex.EncodeToString(sum.Sum(nil))
}

// peakMemory returns the peak resident memory of a process in bytes (VmHWM of proc(5)).
func peakMemory(t *testing.T, p *process) int64 {
	t.Helper()
	return peakMemoryOf(t, p.cmd.Process.Pid)
}

func peakMemoryOf(t *testing.T, pid int) int64 {
	t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	require.NoError(t, err)
	_, rest, found := strings.Cut(string(status), "VmHWM:")
	require.True(t, found)
	fields := strings.Fields(rest)
	require.Equal(t, "kB", fields[1])
	n, err := strconv.ParseInt(fields[0], 10, 64)
	require.NoError(t, err)
	return n << 10
}
