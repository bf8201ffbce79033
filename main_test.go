package postern

import (
	"context"
	"os"
	"strconv"
	"testing"

	"github.com/postern-go/postern/internal/leak"
)

// childVar makes the test binary a program that serves what it was started with.
const childVar = "POSTERN_TEST_CHILD"

// limitVar is its MaxBodyBytes.
const limitVar = "POSTERN_TEST_MAX_BODY"

func TestMain(m *testing.M) {
	if os.Getenv(childVar) != "" {
		limit, _ := strconv.ParseInt(os.Getenv(limitVar), 10, 64)
		s := &Server{Handler: child{}, MaxBodyBytes: limit}
		os.Exit(exitStatus(s.Run(context.Background()), os.Stderr))
	}
	os.Exit(leak.Main(m))
}
