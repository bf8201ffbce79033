package origin

import (
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"
)

// TestMain fails the package when goroutines outlive the tests.
func TestMain(m *testing.M) {
	code := m.Run()
	if code == 0 {
		code = leaks()
	}
	os.Exit(code)
}

func leaks() int {
	const tries = 1 << 20
	for range tries {
		if len(strays()) == 0 {
			return 0
		}
		runtime.Gosched()
	}
	fmt.Printf("leaked goroutines:\n%s\n", strings.Join(strays(), "\n\n"))
	return 1
}

// strays are the goroutines that run code of this module.
func strays() []string {
	buf := make([]byte, 1<<20)
	var found []string
	for _, g := range strings.Split(string(buf[:runtime.Stack(buf, true)]), "\n\n") {
		if strings.Contains(g, "postern-go/postern") && !strings.Contains(g, "TestMain") {
			found = append(found, g)
		}
	}
	return found
}
