package server

import (
	"os"
	"testing"

	"github.com/postern-go/postern/internal/leak"
)

func TestMain(m *testing.M) {
	if os.Getenv(shortVar) != "" {
		os.Exit(serveShort())
	}
	os.Exit(leak.Main(m))
}
