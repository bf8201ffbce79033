package validate_test

import (
	"fmt"
	"os"
	"testing"

	"github.com/postern-go/postern/internal/leak"
)

func TestMain(m *testing.M) {
	spec, isProgram := os.LookupEnv(asProgram)
	if !isProgram {
		os.Exit(leak.Main(m))
	}
	if err := program(spec); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
