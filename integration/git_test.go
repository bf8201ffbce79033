package integration

import (
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestGit pushes, clones and fetches a repository of 100 MB through nginx, Postern and git-http-backend, and looks at it through cgit.
func TestGit(t *testing.T) {
	for _, row := range []struct {
		why  string
		size int
		own  []replace
	}{
		{"nginx reads a body before it passes it on", 100 << 20, nil},
		{"nginx passes a body on as it comes, without a length", 20 << 20, []replace{{"client_max_body_size 0;", "client_max_body_size 0; fastcgi_request_buffering off;"}}},
	} {
		t.Run(row.why, func(t *testing.T) {
			s := startGit(t, row.own...)
			ours := s.work(t, row.size)
			s.git(t, ours, "push", "-q", s.url("/git/big.git"), "main")

			theirs := newDir(t)
			s.git(t, theirs, "clone", "-q", s.url("/git/big.git"), "clone")
			theirs = filepath.Join(theirs, "clone")
			require.Equal(t, s.git(t, ours, "rev-parse", "HEAD"), s.git(t, theirs, "rev-parse", "HEAD"))
			requireSame(t, ours, theirs, "random-0")

			commit(t, s, ours, "later", []byte("later\n"))
			s.git(t, ours, "push", "-q", s.url("/git/big.git"), "main")
			s.git(t, theirs, "pull", "-q", "--ff-only")
			requireSame(t, ours, theirs, "later")
			s.cgit(t, ours)
		})
	}
}

// A gitServer is nginx with the programs behind it, and the home of a client.
type gitServer struct {
	*opened
	home string
}

func startGit(t *testing.T, own ...replace) *gitServer {
	t.Helper()
	repositories, dir := newDir(t), newDir(t)
	repository := filepath.Join(repositories, "big.git")
	asChild(t, "git", "init", "-q", "--bare", "-b", "main", repository)
	cgitrc := filepath.Join(dir, "cgitrc")
	require.NoError(t, os.WriteFile(cgitrc, []byte("cache-size=0\nvirtual-root=/cgit/\nrepo.url=big\nrepo.path="+repository+"\nrepo.desc=as large as it is\n"), 0o644))

	postern, socket := filepath.Join(dir, "postern"), filepath.Join(dir, "app.sock")
	require.NoError(t, build(postern, "../cmd/postern"))
	start(t, command{name: "postern", dir: dir, argv: []string{postern, "serve", "--listen", "fastcgi+unix://" + socket, "--to", "cgi:",
		"--root", "/usr/lib", "--allow-program", "git-core/git-http-backend", "--allow-program", "cgit/cgit.cgi"}})
	waitFor(t, "postern listens", func() bool { return exists(socket) })
	own = append(own, replace{shownSocket, "unix:" + socket}, replace{"/srv/git", repositories}, replace{"/etc/cgitrc", cgitrc})
	s := nginx.startTCP(t, "nginx-git.conf", own...)
	return &gitServer{&opened{server: s, client: newClient(t, s)}, dir}
}

// asChild runs a command as who the programs run as.
func asChild(t *testing.T, argv ...string) {
	t.Helper()
	p := start(t, command{name: "command", dir: newDir(t), argv: argv})
	p.forgiven = true
	<-p.exited
	require.NoError(t, p.err, "%s", p.output(t))
}

func (s *gitServer) url(path string) string { return "http://" + s.server.address + path }

// git runs a client of git.
func (s *gitServer) git(t *testing.T, dir string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "git", args...)
	cmd.Dir = dir
	cmd.Env = []string{"PATH=/usr/bin:/bin", "HOME=" + s.home, "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_COUNT=2", "GIT_CONFIG_KEY_0=safe.directory",
		"GIT_CONFIG_VALUE_0=*", "GIT_CONFIG_KEY_1=core.compression", "GIT_CONFIG_VALUE_1=0", "GIT_AUTHOR_NAME=a", "GIT_AUTHOR_EMAIL=a@test",
		"GIT_COMMITTER_NAME=a", "GIT_COMMITTER_EMAIL=a@test"}
	output, err := cmd.CombinedOutput()
	require.NoError(t, err, "git %v: %s", args, output)
	return string(output)
}

// work makes a repository that cannot be compressed.
func (s *gitServer) work(t *testing.T, size int) string {
	t.Helper()
	dir := newDir(t)
	s.git(t, dir, "init", "-q", "-b", "main")
	random := rand.NewChaCha8([32]byte{1})
	const files = 4
	for i := range files {
		content := make([]byte, size/files)
		random.Read(content)
		commit(t, s, dir, "random-"+string('0'+rune(i)), content)
	}
	return dir
}

func commit(t *testing.T, s *gitServer, dir, name string, content []byte) {
	t.Helper()
	require.NoError(t, os.WriteFile(filepath.Join(dir, name), content, 0o644))
	s.git(t, dir, "add", name)
	s.git(t, dir, "commit", "-q", "-m", "Add "+name)
}

func requireSame(t *testing.T, one, other, name string) {
	t.Helper()
	want, err := os.ReadFile(filepath.Join(one, name))
	require.NoError(t, err)
	got, err := os.ReadFile(filepath.Join(other, name))
	require.NoError(t, err)
	require.True(t, string(want) == string(got), "%s differs", name)
}

// cgit looks at the pages.
func (s *gitServer) cgit(t *testing.T, ours string) {
	t.Helper()
	head := strings.TrimSpace(s.git(t, ours, "rev-parse", "HEAD"))
	for _, row := range []struct{ path, want string }{
		{"/cgit/", "as large as it is"},
		{"/cgit/big/", "Add later"},
		{"/cgit/big/log/", "Add random-0"},
		{"/cgit/big/tree/", "random-3"},
		{"/cgit/big/commit/?id=" + head, "Add later"},
	} {
		a := s.get(t, row.path)
		a.wantStatus(t, http.StatusOK)
		require.Equal(t, "text/html; charset=UTF-8", a.Header.Get("Content-Type"), row.path)
		require.Contains(t, a.body, row.want, row.path)
		require.True(t, strings.HasSuffix(strings.TrimSpace(a.body), "</html>"), row.path)
	}
	s.get(t, "/cgit/big/plain/later").want(t, http.StatusOK, "later\n")
	s.get(t, "/cgit/none/").wantStatus(t, http.StatusNotFound)

	large, err := os.ReadFile(filepath.Join(ours, "random-1"))
	require.NoError(t, err)
	a := s.get(t, "/cgit/big/plain/random-1")
	a.wantStatus(t, http.StatusOK)
	require.True(t, string(large) == a.body, "a large file arrives whole")
}
