package integration

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// What TestMain sets up for all tests.
var (
	scratch     string // a directory that the children's user may enter; it goes away at the end
	testapp     string // the test application, with the race detector
	testappLean string // the same without, for figures of memory
)

func TestMain(m *testing.M) {
	flag.Parse()
	os.Exit(run(m))
}

func run(m *testing.M) int {
	dir, err := makeScratch()
	if err != nil {
		return failed(err)
	}
	defer os.RemoveAll(dir)
	scratch = dir
	testapp, testappLean = filepath.Join(dir, "testapp"), filepath.Join(dir, "testapp-lean")
	if err := build(testapp, "./testapp", "-race"); err != nil {
		return failed(err)
	}
	if err := build(testappLean, "./testapp"); err != nil {
		return failed(err)
	}
	return m.Run()
}

func failed(err error) int {
	fmt.Fprintln(os.Stderr, "integration:", err)
	return 1
}

func build(out, program string, flags ...string) error {
	args := append([]string{"build", "-o", out}, flags...)
	output, err := exec.Command("go", append(args, program)...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("go %v: %w\n%s", args, err, output)
	}
	return nil
}
