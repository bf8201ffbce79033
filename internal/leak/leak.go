package leak

import (
	"fmt"
	"os"
	"runtime"
	"strings"
)

// Main runs the tests of m and returns the exit status: 1 also when there is a
// leak after they passed.
func Main(m interface{ Run() int }) int {
	before := descriptors()
	code := m.Run()
	if code == 0 {
		code = leaks(before)
	}
	return code
}

// leaks looks for as long as what is about to end may take to do so.
func leaks(before int) int {
	const tries = 1 << 13
	for range tries {
		if len(strays(stacks())) == 0 && descriptors() <= before {
			return 0
		}
		runtime.Gosched()
	}
	fmt.Printf("leaked: %d descriptors, were %d, and goroutines:\n%s\n", descriptors(), before, strings.Join(strays(stacks()), "\n\n"))
	return 1
}

func stacks() string {
	buf := make([]byte, 1<<20)
	return string(buf[:runtime.Stack(buf, true)])
}

// strays are the goroutines that run code of this module, but for that of
// TestMain.
func strays(stacks string) []string {
	var found []string
	for g := range strings.SplitSeq(stacks, "\n\n") {
		if strings.Contains(g, "postern-go/postern") && !strings.Contains(g, "TestMain") {
			found = append(found, g)
		}
	}
	return found
}

// descriptors counts what is open, but for what the runtime opens for its
// poller. It is 0 on systems that do not tell.
func descriptors() int {
	entries, _ := os.ReadDir("/proc/self/fd")
	n := 0
	for _, e := range entries {
		if target, _ := os.Readlink("/proc/self/fd/" + e.Name()); !strings.HasPrefix(target, "anon_inode:") {
			n++
		}
	}
	return n
}
