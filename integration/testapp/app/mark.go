package app

import (
	"os"
	"path/filepath"
)

// Mark writes a file in one step, so that whoever waits for it never reads half of it.
func Mark(path string, content []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".mark-")
	if err != nil {
		return err
	}
	if _, err := f.Write(content); err != nil {
		_ = f.Close()
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}
