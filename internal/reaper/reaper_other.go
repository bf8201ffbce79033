//go:build !linux

package reaper

import "errors"

// Inherits is false: nobody knows.
func Inherits() bool { return false }

// Supervise is an error.
func Supervise() (int, error) { return 0, errors.ErrUnsupported }

// TakeSockets does nothing.
func TakeSockets() {}
