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

// asProgram in the environment makes this test binary a CGI program.
const asProgram = "POSTERN_HTTPBIN_CGI"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) == "" {
		log.SetOutput(io.Discard) // net/http says there what it drops from cookies
		os.Exit(leak.Main(m))
	}
	if err := cgi.Serve(handler()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
