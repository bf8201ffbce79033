package main

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// listening waits until the process has opened an address, and returns it.
func (p *process) listening() string {
	p.t.Helper()
	p.stderr.await(p.t, "msg=listening")
	return regexp.MustCompile(`address=(\S+)`).FindStringSubmatch(p.stderr.seen[len(p.stderr.seen)-1])[1]
}

// The back end is a process of its own, which serves the demo application over the protocol.
func TestServeWorkers(t *testing.T) {
	dir := t.TempDir()
	for _, row := range []struct {
		why, worker string
		more        []string
		want        []string // in the variables that the worker got
	}{
		{"FastCGI on TCP", "fastcgi://127.0.0.1:0", nil, []string{"GATEWAY_INTERFACE = 'CGI/1.1'", "REQUEST_URI = '/a?b=c'"}},
		{"FastCGI on a unix socket, told where its files are", "fastcgi+unix://" + dir + "/f", []string{"--root", "/srv/www"},
			[]string{"DOCUMENT_ROOT = '/srv/www'", "SCRIPT_FILENAME = '/srv/www/a'"}},
		{"SCGI on TCP", "scgi://127.0.0.1:0", nil, []string{"SCGI = '1'", "REQUEST_URI = '/a?b=c'"}},
		{"SCGI on a unix socket, told where its files are", "scgi+unix://" + dir + "/s", []string{"--root", "/srv/www"},
			[]string{"SCGI = '1'", "SCRIPT_FILENAME = '/srv/www/a'"}},
		{"HTTP on TCP", "http://127.0.0.1:0", nil, []string{"HTTP_X_FORWARDED_FOR = '127.0.0.1'", "HTTP_HOST = 'postern.test'", "REQUEST_URI = '/a?b=c'"}},
		{"HTTP on a unix socket", "http+unix://" + dir + "/h", nil, []string{"HTTP_X_FORWARDED_FOR = '127.0.0.1'", "HTTP_HOST = 'postern.test'"}},
	} {
		t.Run(row.why, func(t *testing.T) {
			worker := start(t, "serve", "--listen", row.worker, "--to", "demo:")
			to := worker.listening()
			front := start(t, append([]string{"serve", "--listen", "http://127.0.0.1:0", "--to", to}, row.more...)...)
			status, body := through(t, front.listening(), "/a?b=c", "text/plain")
			require.Equal(t, http.StatusOK, status)
			require.Contains(t, body, "Hello world!")
			for _, variable := range row.want {
				require.Contains(t, body, variable+"\n")
			}
			worker.end(syscall.SIGTERM, 0)
			status, _ = through(t, front.seenAddress(), "/", "text/plain")
			require.Equal(t, http.StatusBadGateway, status, "nobody is there any more")
			front.stderr.await(t, "level=ERROR")
			front.end(syscall.SIGTERM, 0)
		})
	}
}

// seenAddress is the address of the last line that was awaited.
func (p *process) seenAddress() string {
	return regexp.MustCompile(`address=(\S+)`).FindStringSubmatch(strings.Join(p.stderr.seen, "\n"))[1]
}

func TestServeFiles(t *testing.T) {
	dir, outside := t.TempDir(), t.TempDir()
	require.NoError(t, os.WriteFile(dir+"/a.txt", []byte("the file"), 0o644))
	require.NoError(t, os.Mkdir(dir+"/sub", 0o755))
	require.NoError(t, os.WriteFile(dir+"/sub/index.html", []byte("the index"), 0o644))
	require.NoError(t, os.WriteFile(outside+"/secret", []byte("secret"), 0o644))
	require.NoError(t, os.Symlink(outside+"/secret", dir+"/link"))
	require.NoError(t, os.Symlink("a.txt", dir+"/inside"))
	require.NoError(t, syscall.Mkfifo(dir+"/pipe", 0o644))
	p := start(t, "serve", "--listen", "fastcgi+unix://"+outside+"/s", "--to", "file:"+dir)
	addr := p.listening()
	for _, row := range []struct {
		why, path string
		status    int
		body      string
	}{
		{"a file", "/a.txt", http.StatusOK, "the file"},
		{"a directory with an index", "/sub/", http.StatusOK, "the index"},
		{"a directory", "/", http.StatusOK, `<a href="a.txt">a.txt</a>`},
		{"a directory without its slash", "/sub", http.StatusMovedPermanently, ""},
		{"nothing", "/b.txt", http.StatusNotFound, ""},
		{"a name below a file", "/a.txt/b", http.StatusNotFound, ""},
		{"no way out", "/../" + filepath.Base(outside) + "/secret", http.StatusNotFound, ""},
		{"no link out", "/link", http.StatusNotFound, ""},
		{"a link inside", "/inside", http.StatusOK, "the file"},
		{"a pipe, which nobody waits for", "/pipe", http.StatusNotFound, ""},
	} {
		status, body := through(t, addr, row.path, "*/*")
		require.Equal(t, row.status, status, row.why)
		require.Contains(t, body, row.body, row.why)
		require.NotContains(t, body, "secret", row.why)
	}
	p.end(syscall.SIGTERM, 0)
}

func TestServeAllow(t *testing.T) {
	for _, row := range []struct {
		why   string
		allow []string
		want  bool
	}{
		{"an address", []string{"192.0.2.1", "127.0.0.1"}, true},
		{"a network", []string{"127.0.0.0/8"}, true},
		{"another one", []string{"192.0.2.0/24", "::/0"}, false},
		{"users, who do not come by TCP", []string{fmt.Sprintf("user:%d", os.Getuid()), fmt.Sprintf("group:%d", os.Getgid())}, false},
	} {
		args := []string{"serve", "--listen", "http://127.0.0.1:0", "--to", "demo:"}
		for _, who := range row.allow {
			args = append(args, "--allow", who)
		}
		p := start(t, args...)
		answer, err := http.Get(p.listening())
		if row.want {
			require.NoError(t, err, row.why)
			require.NoError(t, answer.Body.Close())
		} else {
			require.Error(t, err, row.why)
			p.stderr.await(t, "origin: peer is not allowed to connect")
		}
		p.end(syscall.SIGTERM, 0)
	}
}

func TestServeAllowUsers(t *testing.T) {
	for _, row := range []struct {
		who  string
		want bool
	}{
		{fmt.Sprintf("user:%d", os.Geteuid()), true},
		{fmt.Sprintf("group:%d", os.Getegid()), true},
		{fmt.Sprintf("user:%d", os.Geteuid()+1), false},
		{"127.0.0.1", false},
	} {
		p := start(t, "serve", "--listen", "scgi+unix://"+t.TempDir()+"/s", "--to", "demo:", "--allow", row.who)
		worker := p.listening()
		front := start(t, "serve", "--listen", "http://127.0.0.1:0", "--to", worker)
		status, _ := through(t, front.listening(), "/", "*/*")
		require.Equal(t, row.want, status == http.StatusOK, "%s: %d", row.who, status)
		front.end(syscall.SIGTERM, 0)
		p.end(syscall.SIGTERM, 0)
	}
}

func TestServeLimits(t *testing.T) {
	p := start(t, "serve", "--listen", "http://127.0.0.1:0", "--to", "demo:", "--max-body", "1k", "--max-conns", "2", "--max-requests", "1")
	addr := p.listening()
	for _, row := range []struct{ size, want int }{{1 << 10, http.StatusOK}, {1<<10 + 1, http.StatusRequestEntityTooLarge}} {
		answer, err := http.Post(addr, "text/plain", strings.NewReader(strings.Repeat("x", row.size)))
		require.NoError(t, err)
		io.Copy(io.Discard, answer.Body)
		require.NoError(t, answer.Body.Close())
		require.Equal(t, row.want, answer.StatusCode)
	}
	http.DefaultClient.CloseIdleConnections()
	p.end(syscall.SIGTERM, 0)
}

func TestSizes(t *testing.T) {
	for _, row := range []struct {
		spelling string
		want     sizeFlag
	}{{"0", 0}, {"10", 10}, {"8k", 8 << 10}, {"8M", 8 << 20}, {"2g", 2 << 30}} {
		var size sizeFlag
		require.NoError(t, size.Set(row.spelling))
		require.Equal(t, row.want, size, row.spelling)
	}
	for _, spelling := range []string{"", "k", "-1", "1.5m", "8mb", "8589934592g"} {
		require.Error(t, new(sizeFlag).Set(spelling), spelling)
	}
}
