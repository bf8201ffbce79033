package backend

import (
	"os"

	"golang.org/x/sys/unix"
)

// Unread returns how many bytes that were written to a pipe have not been read from it, 0 when it is closed.
func Unread(pipe *os.File) (n int) {
	if raw, err := pipe.SyscallConn(); err == nil {
		raw.Control(func(fd uintptr) {
			size, _ := unix.IoctlGetUint32(int(fd), unix.TIOCINQ)
			n = int(size)
		})
	}
	return n
}
