package main

import (
	"fmt"
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
		{"FastCGI, a kept connection", "postern", client.Work{Conns: 1}, 10, 2560, 1.5, 2},
		{"FastCGI, a new connection", "postern", client.Work{Conns: 1, New: true}, 30, 4800, 1.5, 2},
		{"FastCGI, several requests at a time", "postern", client.Work{Conns: 1, Batch: 16}, 11, 2600, 0.5, 0.2},
		{"SCGI", "postern-scgi", client.Work{Conns: 1}, 30, 3800, 1.5, 2},
		{"HTTP, a kept connection", "postern-origin", client.Work{Conns: 1}, 11, 2600, 1.5, 2},
	} {
		t.Run(c.why, func(t *testing.T) {
			socket := filepath.Join(t.TempDir(), "s")
			p, err := peers[c.peer].open(s, socket, 1)
			require.NoError(t, err)
			defer p.stop()
			v := server{peer: peers[c.peer], proc: p, work: c.work}
			v.work.Protocol, v.work.Path, v.work.Size = v.protocol, "/hello", 13
			_, err = v.work.Run("unix", socket, time.Minute, 500)
			require.NoError(t, err, "what is made once has been made")
			objects, size := v.allocated()
			reads, writes := transfers(t, p)
			n, err := v.work.Run("unix", socket, time.Minute, 4000)
			require.NoError(t, err)
			reads2, writes2 := transfers(t, p)
			objects2, size2 := v.allocated()
			per := func(before, after float64) float64 { return (after - before) / float64(n) }
			t.Logf("%.2f objects, %.0f bytes, %.2f writes, %.2f reads", per(objects, objects2), per(size, size2), per(writes, writes2), per(reads, reads2))
			const slack = 1.03 // what the runtime does for itself
			require.LessOrEqual(t, per(objects, objects2), c.objects*slack, "objects")
			require.LessOrEqual(t, per(size, size2), c.bytes*slack, "bytes")
			require.LessOrEqual(t, per(writes, writes2), c.writeCalls*slack, "writes")
			require.LessOrEqual(t, per(reads, reads2), c.readsCalls*slack, "reads")
		})
	}
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
