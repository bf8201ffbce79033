package httpbin

import (
	"fmt"
	"io"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/postern-go/postern/cgi"
	"github.com/postern-go/postern/internal/leak"
)

// asProgram in the environment names the application that the test binary serves as a CGI program.
const asProgram = "POSTERN_HTTPBIN_CGI"

func TestMain(m *testing.M) {
	name := os.Getenv(asProgram)
	if name == "" {
		os.Exit(run(m))
	}
	if err := cgi.Serve(program(name)); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// plain is this test binary without the race detector. A process that answers one request would take most of its time to start that.
var plain string

func run(m *testing.M) int {
	log.SetOutput(io.Discard) // net/http says there what it drops from cookies
	dir, err := os.MkdirTemp("", "httpbin")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	plain = filepath.Join(dir, "program")
	if out, err := exec.Command("go", "test", "-c", "-o", plain, ".").CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "%v\n%s", err, out)
		return 1
	}
	return leak.Main(m)
}
