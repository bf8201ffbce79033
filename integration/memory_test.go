package integration

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/postern-go/postern/internal/record"
)

// TestHalfRequestsTakeLittleMemory sends a worker requests that never become any. The memory that the process ever has in
// use, with all that its runtime keeps, grows by less than 4 MiB.
func TestHalfRequestsTakeLittleMemory(t *testing.T) {
	keep := record.AppendBegin(nil, record.Begin{Role: record.Responder, Flags: record.KeepConn})
	piece := bytes.Repeat([]byte("x"), 60000)
	for _, row := range []struct {
		why  string
		send func(w io.Writer)
	}{
		{"1 MiB of BEGIN_REQUEST", func(w io.Writer) {
			for id := range 65535 {
				w.Write(record.AppendRecord(nil, record.BeginRequest, uint16(id+1), keep))
			}
		}},
		{"120 MB of PARAMS", func(w io.Writer) {
			w.Write(record.AppendRecord(nil, record.BeginRequest, 1, keep))
			for range 2000 {
				w.Write(record.AppendRecord(nil, record.Params, 1, piece))
			}
		}},
	} {
		for _, network := range []string{"unix", "tcp"} {
			t.Run(network+": "+row.why, func(t *testing.T) {
				w := startWorker(t, testappLean, "fastcgi", network)
				for range 3 {
					c := w.dial(t)
					send(t, c, goodRequest("fastcgi"))
					require.Contains(t, receive(t, c), "slept\n")
				}
				before := w.peak(t)
				c := w.dial(t)
				require.NoError(t, c.SetDeadline(time.Now().Add(patience)))
				out := bufio.NewWriterSize(c, 64<<10)
				row.send(out)
				out.Write(record.AppendRecord(nil, record.GetValues, 0, record.AppendPair(nil, "FCGI_MPXS_CONNS", "")))
				require.NoError(t, out.Flush())
				answer := make([]byte, record.HeaderLen)
				_, err := io.ReadFull(c, answer)
				require.NoError(t, err, "all of it has arrived")
				require.Equal(t, byte(record.GetValuesResult), answer[1])
				require.Less(t, w.peak(t)-before, 4<<10, "KiB")
				require.NoError(t, c.Close())
				require.NoError(t, w.stop())
			})
		}
	}
}

// peak is the most memory that a process has had in use, in KiB.
func (p *process) peak(t *testing.T) (kib int) {
	t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	require.NoError(t, err)
	_, line, found := strings.Cut(string(status), "\nVmHWM:")
	require.True(t, found)
	_, err = fmt.Sscan(line, &kib)
	require.NoError(t, err)
	return kib
}
