package address

import (
	"fmt"
	"io"
	"os"
	"testing"

	"github.com/postern-go/postern/internal/leak"
)

// childVar makes the test binary play the application that is started with a listening socket as descriptor 0.
const childVar = "POSTERN_TEST_ADDRESS_CHILD"

func TestMain(m *testing.M) {
	if os.Getenv(childVar) != "" {
		if err := child(); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(leak.Main(m))
}

// child answers one connection with what is left on descriptor 0.
func child() error {
	if !Listening(0) {
		return fmt.Errorf("descriptor 0 does not listen")
	}
	l, err := Address{Protocol: FastCGI, Network: FD, FD: 0}.Listen(Options{})
	if err != nil {
		return err
	}
	conn, err := l.Accept()
	if err != nil {
		return err
	}
	rest, err := io.ReadAll(os.NewFile(0, "stdin"))
	fmt.Fprintf(conn, "stdin %q %v", rest, err)
	return conn.Close()
}
