package address

import "golang.org/x/sys/unix"

// dup makes to another number of what from is, also for children.
func dup(from, to int) error { return unix.Dup3(from, to, 0) }
