//go:build !linux

package backend

import "os"

// Unread returns 0: that a program has not read what was written for it does not show.
func Unread(*os.File) int { return 0 }
