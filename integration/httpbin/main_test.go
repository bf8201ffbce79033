package httpbin

import (
	"fmt"
	"io"
	"log"
	"os"
	"testing"

	"github.com/postern-go/postern/cgi"
	"github.com/postern-go/postern/internal/leak"
)

// asProgram in the environment names the application that this test binary serves as a CGI program.
const asProgram = "POSTERN_HTTPBIN_CGI"

func TestMain(m *testing.M) {
	name := os.Getenv(asProgram)
	if name == "" {
		log.SetOutput(io.Discard) // net/http says there what it drops from cookies
		os.Exit(leak.Main(m))
	}
	if err := cgi.Serve(program(name)); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
