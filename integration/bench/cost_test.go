package main

import (
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/postern-go/postern/integration/bench/client"
)

// TestCosts bounds what a small request costs a worker, in figures that do not
// depend on the machine. The worker is built without the race detector, which
// costs too.
func TestCosts(t *testing.T) {
	s := &site{dir: t.TempDir(), log: os.Stderr}
	output, err := exec.Command("go", "build", "-o", s.path("worker"), module+"worker").CombinedOutput()
	require.NoError(t, err, "%s", output)
	for _, c := range []struct {
		why, peer              string
		work                   client.Work
		objects, bytes         float64
		writeCalls, readsCalls float64 // a read may come too early, and waking a thread up is a write
	}{
		{"FastCGI, a kept connection", "postern", client.Work{Conns: 1}, 10, 2560, 1, 2},
		{"FastCGI, a new connection", "postern", client.Work{Conns: 1, New: true}, 30, 4800, 1.5, 2},
		{"FastCGI, several requests at a time", "postern", client.Work{Conns: 1, Batch: 16}, 11, 2600, 0.5, 0.2},
		{"SCGI", "postern-scgi", client.Work{Conns: 1}, 30, 3800, 1.5, 2},
		{"HTTP, a kept connection", "postern-origin", client.Work{Conns: 1}, 11, 2600, 1, 2},
	} {
		t.Run(c.why, func(t *testing.T) {
			socket := filepath.Join(t.TempDir(), "s")
			p, err := peers[c.peer].open(s, socket, 1)
			require.NoError(t, err)
			defer p.stop()
			v := server{peer: peers[c.peer], proc: p, socket: socket, work: c.work}
			v.work.Protocol, v.work.Path, v.work.Size = v.protocol, "/hello", 13
			_, err = v.work.Run("unix", socket, time.Minute, 500)
			require.NoError(t, err, "what is made once has been made")
			const rounds, n = 5, 1000
			objectsBefore, sizeBefore := v.allocated()
			writes, reads := math.Inf(1), math.Inf(1)
			for range rounds {
				w, r := v.transfersOf(t, n)
				writes, reads = min(writes, w), min(reads, r)
			}
			objects, size := v.allocated()
			objects, size = (objects-objectsBefore)/(rounds*n), (size-sizeBefore)/(rounds*n)
			t.Logf("%.2f objects, %.0f bytes, %.2f writes, %.2f reads", objects, size, writes, reads)
			const slack = 1.03 // what the runtime does for itself
			require.LessOrEqual(t, objects, c.objects*slack, "objects")
			require.LessOrEqual(t, size, c.bytes*slack, "bytes")
			require.LessOrEqual(t, writes, c.writeCalls*slack, "writes")
			require.LessOrEqual(t, reads, c.readsCalls*slack, "reads")
		})
	}
}

// transfersOf returns the writes and the reads of each of n requests. A busy machine adds some that are the runtime's and takes none away: the least
// of several rounds is the server's.
func (v *server) transfersOf(t *testing.T, n int64) (writes, reads float64) {
	readsBefore, writesBefore := transfers(t, v.proc)
	done, err := v.work.Run("unix", v.socket, time.Minute, n)
	require.NoError(t, err)
	readsAfter, writesAfter := transfers(t, v.proc)
	return (writesAfter - writesBefore) / float64(done), (readsAfter - readsBefore) / float64(done)
}

// transfers returns how many reads and writes a process has made, to sockets and
// otherwise.
func transfers(t *testing.T, p *process) (reads, writes float64) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/io", p.cmd.Process.Pid))
	require.NoError(t, err)
	var received, sent float64
	_, err = fmt.Sscanf(string(text), "rchar: %g\nwchar: %g\nsyscr: %g\nsyscw: %g\n", &received, &sent, &reads, &writes)
	require.NoError(t, err)
	return reads, writes
}
