package server

import (
	"io"
	"net"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// The system calls of package syscall, unlike those of x/sys, tell the race
// detector that what a peer in the same process did before it wrote comes
// before what follows the read.

func (f *rawForm) Read(p []byte) (int, error) {
	if file := f.file.Load(); file != nil {
		return f.readFile(file, p)
	}
	n, file, err := f.tryRead(p, nil)
	if file != nil {
		return f.readFile(file, p)
	}
	return n, err
}

func (f *rawForm) readFile(file *os.File, p []byte) (int, error) {
	n, err := file.Read(p)
	for f.early(0, err) {
		n, err = file.Read(p)
	}
	return f.plain(n, err)
}

// readLent returns the memory before it waits.
func (f *rawForm) readLent(l Lender) (int, error) {
	if f.file.Load() == nil {
		n, file, err := f.tryRead(l.Lend(), nil)
		if n == 0 {
			l.Return()
		}
		if file == nil {
			return n, err
		}
	}
	if err := f.reaches(); err != nil {
		return 0, err
	}
	return f.lent.read(l)
}

// reaches finds what lent.raw is.
func (f *rawForm) reaches() (err error) {
	if f.lent.raw == nil {
		f.lent.raw, err = f.syscallConn()
	}
	return err
}

func (f *rawForm) readBuffers(v [][]byte) (int, error) {
	if f.file.Load() == nil {
		n, file, err := f.tryRead(nil, v)
		if file == nil {
			return n, err
		}
	}
	if err := f.reaches(); err != nil {
		return 0, err
	}
	return readVector(f.lent.raw, v)
}

// tryRead reads what is there into p, or else into v. When it would block it
// returns the file to read from instead.
func (f *rawForm) tryRead(p []byte, v [][]byte) (n int, file *os.File, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for f.fd >= 0 && f.inTime(0) {
		if v == nil {
			n, err = syscall.Read(f.fd, p)
		} else {
			n, err = readv(f.fd, v)
		}
		switch {
		case err == unix.EINTR:
			continue
		case err == unix.EAGAIN:
		case err != nil:
			return 0, nil, os.NewSyscallError("read", err)
		case n == 0 && (len(p) > 0 || v != nil):
			return 0, nil, io.EOF
		default:
			return n, nil, nil
		}
		break
	}
	file, err = f.poll()
	return 0, file, err
}

func (f *rawForm) Write(p []byte) (int, error) {
	if file := f.file.Load(); file != nil {
		return f.writeFile(file, p, 0)
	}
	n, file, err := f.tryWrite(p, nil)
	if file != nil {
		return f.writeFile(file, p, n)
	}
	return n, err
}

// writeFile writes what follows the first n bytes of p.
func (f *rawForm) writeFile(file *os.File, p []byte, n int) (int, error) {
	m, err := file.Write(p[n:])
	for n += m; f.early(1, err); n += m {
		m, err = file.Write(p[n:])
	}
	return f.plain(n, err)
}

func (f *rawForm) writeBuffers(v *net.Buffers) (int64, error) {
	total := int64(0)
	if f.file.Load() == nil {
		n, file, err := f.tryWrite(nil, *v)
		consume(v, n)
		total = int64(n)
		if file == nil {
			return total, err
		}
	}
	return f.pollBuffers(v, total)
}

// tryWrite writes what the socket takes of p, or else of v. When that was not
// all it returns the file to write the rest to.
func (f *rawForm) tryWrite(p []byte, v net.Buffers) (n int, file *os.File, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for f.fd >= 0 && f.inTime(1) {
		if f.wrote {
			f.prompt()
		}
		f.wrote = true
		var want int
		if v == nil {
			want = len(p)
			n, err = syscall.Write(f.fd, p)
		} else {
			want = size(v)
			n, err = unix.Writev(f.fd, v)
		}
		switch {
		case err == unix.EINTR:
			continue
		case err == unix.EAGAIN:
			n = 0
		case err != nil:
			return 0, nil, os.NewSyscallError("write", err)
		case n == want:
			return n, nil, nil
		}
		break
	}
	file, err = f.poll()
	return n, file, err
}

// pollBuffers writes v, waiting where the socket is full.
func (f *rawForm) pollBuffers(v *net.Buffers, total int64) (int64, error) {
	raw, err := f.syscallConn()
	if err != nil {
		return total, err
	}
	for len(*v) > 0 {
		var n int
		var failed error
		err := raw.Write(func(fd uintptr) bool {
			n, failed = unix.Writev(int(fd), *v)
			return failed != unix.EAGAIN
		})
		switch {
		case err != nil:
			return total, err
		case failed == unix.EINTR:
			continue
		case failed != nil:
			return total, os.NewSyscallError("writev", failed)
		}
		total += int64(n)
		consume(v, n)
	}
	return total, nil
}

func size(v net.Buffers) (n int) {
	for _, b := range v {
		n += len(b)
	}
	return n
}

// consume takes n bytes off the front of v.
func consume(v *net.Buffers, n int) {
	for len(*v) > 0 && n >= len((*v)[0]) {
		n -= len((*v)[0])
		(*v)[0] = nil
		*v = (*v)[1:]
	}
	if n > 0 {
		(*v)[0] = (*v)[0][n:]
	}
}
