package main

import (
	"embed"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// module is where the Go programs are.
const module = "github.com/postern-go/postern/integration/bench/"

//go:embed programs
var sources embed.FS

// A site is the directory in which everything is built and runs.
type site struct {
	dir string
	log *os.File // what servers have to say
}

// newSite builds the programs, and makes the large file.
func newSite() (*site, error) {
	dir, err := os.MkdirTemp("", "postern-bench-")
	if err != nil {
		return nil, err
	}
	s := &site{dir: dir}
	if s.log, err = os.Create(s.path("log")); err == nil {
		err = s.build()
	}
	if err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

func (s *site) close() { os.RemoveAll(s.dir) }

func (s *site) path(name string) string { return filepath.Join(s.dir, name) }

func (s *site) write(name, content string) error {
	return os.WriteFile(s.path(name), []byte(content), 0o644)
}

func (s *site) build() error {
	if err := os.CopyFS(s.dir, sources); err != nil {
		return err
	}
	for _, name := range []string{"hello.php", "hello.py"} {
		if err := os.Rename(s.path("programs/"+name), s.path(name)); err != nil {
			return err
		}
	}
	for _, command := range [][]string{
		{"go", "build", "-o", s.path("worker"), module + "worker"},
		{"go", "build", "-o", s.path("least"), module + "least"},
		{"go", "build", "-o", s.path("hello"), module + "hello"},
		{"go", "build", "-o", s.path("postern"), "github.com/postern-go/postern/cmd/postern"},
		{"gcc", "-O2", "-o", s.path("hello.cgi"), s.path("programs/hello.c")},
		{"gcc", "-O2", "-o", s.path("libfcgi"), s.path("programs/libfcgi.c"), "-lfcgi", "-lpthread"},
	} {
		cmd := exec.Command(command[0], command[1:]...)
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
		if output, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("bench: %q: %w: %s", command, err, output)
		}
	}
	for _, name := range programs {
		if err := s.install(name); err != nil {
			return err
		}
	}
	return s.large()
}

// install writes a program anew: what the linker has just written is in memory in smaller pieces than a file that was copied, and takes a
// tenth longer to start.
func (s *site) install(name string) error {
	content, err := os.ReadFile(s.path(name))
	if err != nil {
		return err
	}
	if err := os.Remove(s.path(name)); err != nil {
		return err
	}
	return os.WriteFile(s.path(name), content, 0o755)
}

// large makes a file of 1 GiB whose pages are in memory.
func (s *site) large() error {
	f, err := os.Create(s.path("file"))
	if err != nil {
		return err
	}
	defer f.Close()
	block := make([]byte, 1<<20)
	for range 1 << 10 {
		if _, err := f.Write(block); err != nil {
			return err
		}
	}
	return nil
}

// listening waits until a process that was started listens on a socket.
func listening(socket string) func(p *process, err error) (*process, error) {
	return func(p *process, err error) (*process, error) {
		if err != nil {
			return nil, err
		}
		if err := await("unix", socket, p); err != nil {
			p.stop()
			return nil, err
		}
		return p, nil
	}
}

// await dials until somebody is there.
func await(network, addr string, p *process) error {
	for tries := 0; ; tries++ {
		c, err := net.Dial(network, addr)
		if err == nil {
			c.Close()
			return nil
		}
		select {
		case <-p.gone:
			return fmt.Errorf("bench: %s has ended", p.cmd.Path)
		case <-time.After(10 * time.Millisecond):
		}
		if tries == 1000 {
			return fmt.Errorf("bench: %s does not listen: %w", p.cmd.Path, err)
		}
	}
}
