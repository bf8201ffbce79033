package integration

import (
	"errors"
	"fmt"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// childUser is who the children are when the tests run as root, so that nothing here runs with privileges.
const childUser = "www-data"

// credential returns nil where the children are simply the user of the tests.
func credential() (*syscall.Credential, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	u, err := user.Lookup(childUser)
	if err != nil {
		return nil, err
	}
	uid, err := strconv.ParseUint(u.Uid, 10, 32)
	if err != nil {
		return nil, err
	}
	gid, err := strconv.ParseUint(u.Gid, 10, 32)
	if err != nil {
		return nil, err
	}
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
}

// makeScratch makes a directory with a short name (the path of a unix socket has at most 107 bytes) at the first
// place for temporary files that the children can reach.
func makeScratch() (string, error) {
	var tried error
	for _, parent := range []string{os.TempDir(), "/tmp", "/var/tmp"} {
		if err := enterable(parent); err != nil {
			tried = errors.Join(tried, err)
			continue
		}
		dir, err := os.MkdirTemp(parent, "postern-")
		if err != nil {
			tried = errors.Join(tried, err)
			continue
		}
		return dir, os.Chmod(dir, 0o755)
	}
	return "", tried
}

// enterable reports whether any user may walk to a directory and its path leaves room for a socket.
func enterable(dir string) error {
	if len(dir) > 60 {
		return fmt.Errorf("%s is too long for the path of a unix socket", dir)
	}
	for ; ; dir = filepath.Dir(dir) {
		info, err := os.Stat(dir)
		if err != nil {
			return err
		}
		if os.Geteuid() == 0 && info.Mode().Perm()&0o001 == 0 {
			return fmt.Errorf("%s is closed to the user %s", dir, childUser)
		}
		if dir == filepath.Dir(dir) {
			return nil
		}
	}
}

// newDir makes a directory that belongs to the children's user and goes away with the test.
func newDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp(scratch, "")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, os.RemoveAll(dir)) })
	who, err := credential()
	require.NoError(t, err)
	if who != nil {
		require.NoError(t, os.Chown(dir, int(who.Uid), int(who.Gid)))
	}
	return dir
}
