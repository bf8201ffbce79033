package postern

import (
	"os"
	"testing"

	"github.com/postern-go/postern/internal/leak"
)

// childVar makes the test binary a program that serves what it was started with.
const childVar = "POSTERN_TEST_CHILD"

func TestMain(m *testing.M) {
	if os.Getenv(childVar) != "" {
		Main(child{})
	}
	os.Exit(leak.Main(m))
}
