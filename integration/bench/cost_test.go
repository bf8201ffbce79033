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
		why, peer             string
		work                  client.Work
		objects, bytes        float64
		writeCalls, readCalls float64 // a read may come too early
	}{
		{"FastCGI, a kept connection", "postern", client.Work{Conns: 1}, 9, 1830, 1, 2},
		{"FastCGI, a new connection", "postern", client.Work{Conns: 1, New: true}, 30, 3740, 1, 2},
		{"FastCGI, several requests at a time", "postern", client.Work{Conns: 1, Batch: 16}, 9.2, 1860, 0.5, 0.2},
		{"SCGI", "postern-scgi", client.Work{Conns: 1}, 30, 3500, 1, 2},
		{"HTTP, a kept connection", "postern-origin", client.Work{Conns: 1}, 10, 1970, 1, 2},
	} {
		t.Run(c.why, func(t *testing.T) {
			socket := filepath.Join(t.TempDir(), "s")
			p, err := peers[c.peer].open(s, socket, 1)
			require.NoError(t, err)
			defer p.stop()
			v := server{peer: peers[c.peer], proc: p, network: "unix", addr: socket, work: c.work}
			v.work.Protocol, v.work.Path, v.work.Size = v.protocol, "/hello", 13
			_, err = v.work.Run(v.network, v.addr, time.Minute, 500)
			require.NoError(t, err, "what is made once has been made")
			objectsBefore, sizeBefore := v.allocated()
			n, writes, reads := v.transfers(t, 5000)
			objects, size := v.allocated()
			objects, size = (objects-objectsBefore)/n, (size-sizeBefore)/n
			t.Logf("%.2f objects, %.0f bytes, %.2f writes, %.2f reads", objects, size, writes, reads)
			const slack = 1.03 // what the runtime does for itself
			require.LessOrEqual(t, objects, c.objects*slack, "objects")
			require.LessOrEqual(t, size, c.bytes*slack, "bytes")
			require.LessOrEqual(t, writes, c.writeCalls*slack, "writes")
			require.LessOrEqual(t, reads, c.readCalls*slack, "reads")
		})
	}
}

// wakeUp is what the runtime writes, in bytes, and reads again, to have a thread
// look at the poller. How often it does depends on what else the machine does.
const wakeUp = 8

// transfers makes requests and returns how many, and the writes and the reads of
// sockets for each of them: those of the process less the wake-ups, whose
// number is in the bytes that the client knows nothing of.
func (v *server) transfers(t *testing.T, most int64) (n, writes, reads float64) {
	var traffic client.Traffic
	work := v.work
	work.Traffic = &traffic
	before := transferred(t, v.proc)
	done, err := work.Run(v.network, v.addr, time.Minute, most)
	require.NoError(t, err)
	after := transferred(t, v.proc)
	n = float64(done)
	wakes := (after.wchar - before.wchar - traffic.Received.Load()) / wakeUp
	woken := (after.rchar - before.rchar - traffic.Sent.Load()) / wakeUp
	return n, float64(after.syscw-before.syscw-wakes) / n, float64(after.syscr-before.syscr-woken) / n
}

// A transfer is what a process has read and written, to sockets and otherwise:
// bytes and calls.
type transfer struct{ rchar, wchar, syscr, syscw int64 }

func transferred(t *testing.T, p *process) (x transfer) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/io", p.cmd.Process.Pid))
	require.NoError(t, err)
	_, err = fmt.Sscanf(string(text), "rchar: %d\nwchar: %d\nsyscr: %d\nsyscw: %d\n", &x.rchar, &x.wchar, &x.syscr, &x.syscw)
	require.NoError(t, err)
	return x
}
