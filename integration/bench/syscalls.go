package main

import (
	"context"
	"fmt"
	"math"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

// The system calls that count as writes and as reads.
var (
	writeCalls = []string{"write", "writev", "sendto", "sendmsg"}
	readCalls  = []string{"read", "readv", "recvfrom", "recvmsg"}
)

// count has the kernel count the system calls of a server while it works a
// little more, and notes them in its first sample. It is a run of its own, since
// counting takes time. Where perf may not count, the figures stay unknown.
func (v *server) count(ctx context.Context, p plan, r row, samples []sample) {
	counts, n, err := v.counted(ctx, p)
	if err != nil || n == 0 || len(samples) == 0 {
		return
	}
	samples[0].countCalls(counts, n)
}

// countCalls notes the system calls of n requests.
func (one sample) countCalls(counts map[string]float64, n int64) {
	per := func(names ...string) (sum float64) {
		for _, name := range names {
			sum += counts[name] / float64(n)
		}
		return
	}
	one[calls] = per("raw_syscalls:sys_enter")
	one[writes], one[reads] = per(writeCalls...), per(readCalls...)
}

// perfEvents are what perf is to count.
func perfEvents() string {
	events := "raw_syscalls:sys_enter"
	for _, name := range append(append([]string{}, writeCalls...), readCalls...) {
		events += ",syscalls:sys_enter_" + name
	}
	return events
}

// perfCounts reads what perf has counted.
func perfCounts(text string) map[string]float64 {
	counts := map[string]float64{}
	for line := range strings.Lines(text) {
		fields := strings.Split(line, ",")
		if len(fields) < 3 {
			continue
		}
		value, _ := strconv.ParseFloat(fields[0], 64)
		counts[strings.TrimPrefix(fields[2], "syscalls:sys_enter_")] = value
	}
	return counts
}

// counted returns how often each event happened, and in how many requests.
func (v *server) counted(ctx context.Context, p plan) (map[string]float64, int64, error) {
	var pids []string
	for _, pid := range tree(v.proc.cmd.Process.Pid) {
		pids = append(pids, strconv.Itoa(pid))
	}
	const control = 200 * time.Millisecond // how long perf has to begin
	period := control + p.period
	var out strings.Builder
	perf := exec.CommandContext(ctx, "perf", "stat", "-x,", "-e", perfEvents(), "-p", strings.Join(pids, ","), "--delay", "0",
		"sleep", fmt.Sprint((2*control + period).Seconds()))
	perf.Stderr = &out
	if err := perf.Start(); err != nil {
		return nil, 0, err
	}
	time.Sleep(control)
	n, err := v.work.Run(v.network, v.addr, p.period, math.MaxInt64)
	if failed := perf.Wait(); err == nil {
		err = failed
	}
	return perfCounts(out.String()), n, err
}
