package sendfile

import (
	"os"
	"testing"

	"github.com/postern-go/postern/internal/leak"
)

func TestMain(m *testing.M) { os.Exit(leak.Main(m)) }
