package address

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"sync"
	"syscall"

	"golang.org/x/sys/unix"
)

// backlog is more than any system allows, so that the system's own limit holds (net.core.somaxconn).
const backlog = 1 << 16

// unixListener is a unix listener that removes its socket file when it is closed.
type unixListener struct {
	*net.UnixListener
	path   string
	made   fs.FileInfo // the file as Listen made it
	remove sync.Once
}

// Unwrap returns the listener below, whose Accept is that of this one.
func (l *unixListener) Unwrap() net.Listener { return l.UnixListener }

// Leave removes the socket file if it is still the one that Listen made: nobody connects any more, and who has waits to be accepted.
func (l *unixListener) Leave() {
	l.remove.Do(func() {
		if now, err := os.Lstat(l.path); err == nil && os.SameFile(now, l.made) {
			os.Remove(l.path)
		}
	})
}

// Close is Leave, then closes the socket. The order matters: the open socket keeps the file's identity from being given to another.
func (l *unixListener) Close() error {
	l.Leave()
	return l.UnixListener.Close()
}

func listenUnix(path string, o Options) (net.Listener, error) {
	if o.Mode&^fs.ModePerm != 0 {
		return nil, fmt.Errorf("socket mode %O: expected permission bits, at most 0777", uint32(o.Mode))
	}
	uid, gid, err := lookupOwner(o.Owner)
	if err != nil {
		return nil, err
	}
	unlock := lockDir(path)
	defer unlock()
	if err := removeStale(path); err != nil {
		return nil, err
	}
	mode := o.Mode
	if mode == 0 {
		mode = DefaultMode
	}
	return bindUnix(path, mode, uid, gid)
}

// bindUnix makes the file, then sets its owner and mode, then listens: until then every connect is refused, whatever the mode.
func bindUnix(path string, mode fs.FileMode, uid, gid int) (l *unixListener, err error) {
	f, err := unixSocket()
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if err := unix.Bind(int(f.Fd()), &unix.SockaddrUnix{Name: path}); err != nil {
		return nil, fmt.Errorf("bind: %w", err)
	}
	l = &unixListener{path: path}
	if l.made, err = os.Lstat(path); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			os.Remove(path)
		}
	}()
	if uid >= 0 || gid >= 0 {
		if err := os.Lchown(path, uid, gid); err != nil {
			return nil, cause("chown", err)
		}
	}
	if err := os.Chmod(path, mode); err != nil {
		return nil, cause("chmod", err)
	}
	if err := unix.Listen(int(f.Fd()), backlog); err != nil {
		return nil, fmt.Errorf("listen: %w", err)
	}
	nl, err := net.FileListener(f)
	if err != nil {
		return nil, err
	}
	l.UnixListener = nl.(*net.UnixListener)
	return l, nil
}

func unixSocket() (*os.File, error) {
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM, 0)
	if err != nil {
		return nil, fmt.Errorf("socket: %w", err)
	}
	unix.CloseOnExec(fd)
	return os.NewFile(uintptr(fd), "unix socket"), nil
}

// removeStale takes away a socket file that nobody listens on. A connection tells: only "refused" means nobody does.
func removeStale(path string) error {
	file, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return cause("lstat", err)
	case file.Mode().Type() != fs.ModeSocket:
		return errors.New("the path exists and is no socket: expected a free path or a socket left behind")
	}
	conn, err := net.Dial("unix", path)
	switch {
	case err == nil:
		conn.Close()
		return inUse{}
	case errors.Is(err, unix.ENOENT):
		return nil
	case errors.Is(err, unix.EAGAIN), errors.Is(err, unix.EPROTOTYPE): // its queue is full; it is a datagram socket
		return inUse{}
	case !errors.Is(err, unix.ECONNREFUSED):
		return fmt.Errorf("a socket that may be in use: %w", plain(err))
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return cause("remove the socket left behind", err)
	}
	return nil
}

// cause takes the path off an error of package os: the caller names the address.
func cause(what string, err error) error {
	if p := (*fs.PathError)(nil); errors.As(err, &p) {
		err = p.Err
	}
	return fmt.Errorf("%s: %w", what, err)
}
