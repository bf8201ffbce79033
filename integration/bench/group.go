package main

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// newGroup makes a control group (version 2) and returns its directory, nil
// where that is not allowed.
func newGroup() *os.File {
	mounts, _ := os.ReadFile("/proc/self/mounts")
	for line := range strings.Lines(string(mounts)) {
		fields := strings.Fields(line)
		if len(fields) < 3 || fields[2] != "cgroup2" {
			continue
		}
		dir, err := os.MkdirTemp(fields[1], "postern-bench-")
		if err != nil {
			return nil
		}
		if f, err := os.Open(dir); err == nil {
			return f
		}
		os.Remove(dir)
	}
	return nil
}

// groupUsage returns the processor time that a group has used.
func groupUsage(f *os.File) time.Duration {
	stat, _ := os.ReadFile(filepath.Join(f.Name(), "cpu.stat"))
	first, _, _ := strings.Cut(string(stat), "\n")
	n, _ := strconv.ParseInt(strings.TrimPrefix(first, "usage_usec "), 10, 64)
	return time.Duration(n) * time.Microsecond
}

// removeGroup ends what is still in a group, such as the children of a server
// that is gone, and removes it.
func removeGroup(f *os.File) {
	defer f.Close()
	os.WriteFile(filepath.Join(f.Name(), "cgroup.kill"), []byte("1"), 0)
	for range 100 {
		if os.Remove(f.Name()) == nil {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
}
