package address

import (
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"
)

const (
	lockWait = time.Second
	lockStep = 5 * time.Millisecond
)

// lockDir keeps two processes that start at once from taking each other's new socket, bound but not yet listening, for one left behind.
// It locks the directory, so that no lock file is needed, and nobody else has a reason to. Such a lock is held for microseconds: after a second
// of waiting, or where the directory cannot be opened, it goes on without, because whoever holds it is not a Postern that starts.
func lockDir(path string) (unlock func()) {
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return func() {}
	}
	for end := time.Now().Add(lockWait); time.Now().Before(end); time.Sleep(lockStep) {
		if err := unix.Flock(int(dir.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != unix.EWOULDBLOCK && err != unix.EINTR {
			break
		}
	}
	return func() { dir.Close() }
}
