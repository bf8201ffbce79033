package cgi_test

import (
	"bufio"
	"bytes"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/postern-go/postern/cgi"
	"github.com/postern-go/postern/internal/cgihead"
	"github.com/stretchr/testify/require"
)

// shows prints what a program of a Root is run with.
const shows = "#!/bin/sh\nprintf 'Content-Type: text/plain\\n\\n'\n" +
	`echo "$0 in $(pwd) name=${SCRIPT_NAME-none} info=${PATH_INFO-none} file=${SCRIPT_FILENAME-none} root=${DOCUMENT_ROOT-none} translated=${PATH_TRANSLATED-none}"` + "\n"

// tree makes files below a new directory: a program for a name, what it links to for "name -> target", and a plain file for "name (plain)".
func tree(t *testing.T, entries ...string) string {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	require.NoError(t, err)
	for _, entry := range entries {
		name, target, link := strings.Cut(entry, " -> ")
		name, plain := strings.CutSuffix(name, " (plain)")
		path := filepath.Join(dir, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		mode := os.FileMode(0o755)
		if plain {
			mode = 0o644
		}
		if link {
			require.NoError(t, os.Symlink(strings.ReplaceAll(target, "@", dir), path))
		} else {
			writeProgram(t, path, shows)
			require.NoError(t, os.Chmod(path, mode))
		}
	}
	return dir
}

// fromServer answers a request with variables of a web server.
func fromServer(t *testing.T, h http.Handler, environ ...string) (status int, body string) {
	t.Helper()
	var out bytes.Buffer
	base := []string{"GATEWAY_INTERFACE=CGI/1.1", "REQUEST_METHOD=GET", "SERVER_PROTOCOL=HTTP/1.1", "SERVER_NAME=h", "SERVER_PORT=80"}
	p := &cgi.Program{Stdout: &out, Stderr: io.Discard, Environ: append(base, environ...)}
	require.NoError(t, p.Serve(t.Context(), h))
	in := bufio.NewReader(&out)
	head, err := cgihead.Parse(in, 0)
	require.NoError(t, err)
	rest, err := io.ReadAll(in)
	require.NoError(t, err)
	return head.Status, string(rest)
}

func TestRootByServer(t *testing.T) {
	dir := tree(t, "srv/cgi-bin/a", "srv/cgi-bin/sub/b.cgi", "srv/cgi-bin/plain (plain)", "other/c", "srv/link -> @/other/c", "srv/inner -> cgi-bin/a", "srv/up -> ../other")
	h := &cgi.Root{Dir: dir + "/srv", Script: cgi.Script{ErrorLog: slog.New(slog.DiscardHandler)}}
	for _, row := range []struct {
		why, environ string
		status       int
		want         string // of its output, when the status is 200
	}{
		{"SCRIPT_FILENAME is the program", "SCRIPT_FILENAME=@/srv/cgi-bin/a SCRIPT_NAME=/x PATH_INFO=/y DOCUMENT_ROOT=/z", 200,
			"@/srv/cgi-bin/a in @/srv/cgi-bin name=/x info=/y file=@/srv/cgi-bin/a root=/z translated=none"},
		{"PATH_TRANSLATED is the server's", "SCRIPT_FILENAME=@/srv/cgi-bin/a PATH_INFO=/y PATH_TRANSLATED=/z/y", 200,
			"@/srv/cgi-bin/a in @/srv/cgi-bin name= info=/y file=@/srv/cgi-bin/a root=none translated=/z/y"},
		{"nothing is split off SCRIPT_FILENAME", "SCRIPT_FILENAME=@/srv/cgi-bin/a/y", 404, ""},
		{"else DOCUMENT_ROOT and SCRIPT_NAME", "DOCUMENT_ROOT=@/srv SCRIPT_NAME=/cgi-bin/a", 200,
			"@/srv/cgi-bin/a in @/srv/cgi-bin name=/cgi-bin/a info=none file=@/srv/cgi-bin/a root=@/srv translated=none"},
		{"segments after the program are PATH_INFO", "DOCUMENT_ROOT=@/srv SCRIPT_NAME=/cgi-bin/sub/b.cgi/x//y/", 200,
			"@/srv/cgi-bin/sub/b.cgi in @/srv/cgi-bin/sub name=/cgi-bin/sub/b.cgi info=/x//y/ file=@/srv/cgi-bin/sub/b.cgi root=@/srv translated=@/srv/x/y/"},
		{"they take the place of another PATH_TRANSLATED", "DOCUMENT_ROOT=@/srv SCRIPT_NAME=/cgi-bin/a/x PATH_TRANSLATED=/old", 200,
			"@/srv/cgi-bin/a in @/srv/cgi-bin name=/cgi-bin/a info=/x file=@/srv/cgi-bin/a root=@/srv translated=@/srv/x"},
		{"a PATH_INFO that the server split off stays", "DOCUMENT_ROOT=@/srv SCRIPT_NAME=/cgi-bin/a PATH_INFO=/x", 200,
			"@/srv/cgi-bin/a in @/srv/cgi-bin name=/cgi-bin/a info=/x file=@/srv/cgi-bin/a root=@/srv translated=none"},
		{"the two are put together as they are", "DOCUMENT_ROOT=@/srv/cgi-bin/ SCRIPT_NAME=a", 200,
			"@/srv/cgi-bin/a in @/srv/cgi-bin name=a info=none file=@/srv/cgi-bin/a root=@/srv/cgi-bin/ translated=none"},
		{"neither: the path below the directory", "REQUEST_URI=/cgi-bin/a/x?q SCRIPT_NAME=/cgi-bin/a/x", 200,
			"@/srv/cgi-bin/a in @/srv/cgi-bin name=/cgi-bin/a info=/x file=@/srv/cgi-bin/a root=@/srv translated=@/srv/x"},
		{"FCGI_CHDIR is the working directory", "SCRIPT_FILENAME=@/srv/cgi-bin/a FCGI_CHDIR=/usr", 200, "@/srv/cgi-bin/a in /usr name= info=none file=@/srv/cgi-bin/a root=none translated=none"},
		{"FCGI_CHDIR=- is that of this process", "SCRIPT_FILENAME=@/srv/cgi-bin/a FCGI_CHDIR=-", 200, "@/srv/cgi-bin/a in HERE name= info=none file=@/srv/cgi-bin/a root=none translated=none"},
		{"a link to another program below the directory", "SCRIPT_FILENAME=@/srv/inner", 200, "@/srv/inner in @/srv name= info=none file=@/srv/inner root=none translated=none"},
		{"a FCGI_CHDIR that is not there", "SCRIPT_FILENAME=@/srv/cgi-bin/a FCGI_CHDIR=/none/such", 500, ""},
		{"a missing program", "SCRIPT_FILENAME=@/srv/cgi-bin/none", 404, ""},
		{"a missing program with segments", "DOCUMENT_ROOT=@/srv SCRIPT_NAME=/cgi-bin/none/x", 404, ""},
		{"one that is not executable", "SCRIPT_FILENAME=@/srv/cgi-bin/plain", 403, ""},
		{"one that is not executable, with segments", "DOCUMENT_ROOT=@/srv SCRIPT_NAME=/cgi-bin/plain/x", 403, ""},
		{"a directory", "SCRIPT_FILENAME=@/srv/cgi-bin", 403, ""},
		{"a directory with a slash", "SCRIPT_FILENAME=@/srv/cgi-bin/", 403, ""},
		{"a directory by its path", "DOCUMENT_ROOT=@/srv SCRIPT_NAME=/cgi-bin/", 403, ""},
		{"a program outside", "SCRIPT_FILENAME=@/other/c", 403, ""},
		{"a missing one outside is not told from it", "SCRIPT_FILENAME=@/other/none", 403, ""},
		{"nor by a link that leads there", "SCRIPT_FILENAME=@/srv/up/none", 403, ""},
		{"nor by its path", "DOCUMENT_ROOT=@/srv SCRIPT_NAME=/up/none", 403, ""},
		{"nor with segments", "DOCUMENT_ROOT=@/srv SCRIPT_NAME=/up/none/x", 403, ""},
		{"outside by DOCUMENT_ROOT", "DOCUMENT_ROOT=@/other SCRIPT_NAME=/c", 403, ""},
		{"outside by ..", "SCRIPT_FILENAME=@/srv/../other/c", 403, ""},
		{".. in SCRIPT_NAME leads nowhere", "DOCUMENT_ROOT=@/srv SCRIPT_NAME=/../other/c", 404, ""},
		{"not even back", "DOCUMENT_ROOT=@/srv SCRIPT_NAME=/cgi-bin/../cgi-bin/a", 404, ""},
		{"after the program it is the program's", "DOCUMENT_ROOT=@/srv SCRIPT_NAME=/cgi-bin/a/../../x", 200,
			"@/srv/cgi-bin/a in @/srv/cgi-bin name=/cgi-bin/a info=/../../x file=@/srv/cgi-bin/a root=@/srv translated=@/srv/x"},
		{"a link to a program outside", "SCRIPT_FILENAME=@/srv/link", 403, ""},
		{"a link to a directory outside", "SCRIPT_FILENAME=@/srv/up/c", 403, ""},
		{"the directory with something behind its name", "SCRIPT_FILENAME=@/srvx", 403, ""},
		{"a relative SCRIPT_FILENAME", "SCRIPT_FILENAME=cgi-bin/a", 403, ""},
		{"a relative DOCUMENT_ROOT", "DOCUMENT_ROOT=srv SCRIPT_NAME=/cgi-bin/a", 403, ""},
	} {
		status, body := fromServer(t, h, strings.Fields(strings.ReplaceAll(row.environ, "@", dir))...)
		require.Equal(t, row.status, status, row.why)
		if row.status == 200 {
			here, err := os.Getwd()
			require.NoError(t, err)
			want := strings.NewReplacer("@", dir, "HERE", here).Replace(row.want)
			require.Equal(t, want+"\n", body, row.why)
		}
	}
}

func TestRootByPath(t *testing.T) {
	dir := tree(t, "a", "sub/b.cgi", "plain (plain)")
	for _, row := range []struct {
		why, mount, path string
		status           int
		want             string
	}{
		{"the path is below the directory", "", "/a", 200, "@/a in @ name=/a info=none file=@/a root=@ translated=none"},
		{"what follows the program is PATH_INFO", "", "/sub/b.cgi/x%20y", 200, "@/sub/b.cgi in @/sub name=/sub/b.cgi info=/x y file=@/sub/b.cgi root=@ translated=@/x y"},
		{"with a mount point", "/cgi-bin/", "/cgi-bin/a/x", 200, "@/a in @ name=/cgi-bin/a info=/x file=@/a root=@ translated=@/x"},
		{"not below the mount point", "/cgi-bin", "/cgi-binary/a", 404, ""},
		{"the mount point", "/cgi-bin", "/cgi-bin", 404, ""},
		{"a missing program", "", "/none", 404, ""},
		{"a directory", "", "/sub/", 403, ""},
		{"the directory", "", "/", 403, ""},
		{"one that is not executable", "", "/plain", 403, ""},
		{"no way up", "", "/sub/../a", 404, ""},
		{"no way up in disguise", "", "/sub/%2e%2e/a", 404, ""},
		{"a slash in disguise is one", "", "/sub%2Fb.cgi", 200, "@/sub/b.cgi in @/sub name=/sub/b.cgi info=none file=@/sub/b.cgi root=@ translated=none"},
		{"NUL", "", "/a/%00", 400, ""},
	} {
		h := &cgi.Root{Dir: dir, Script: cgi.Script{Mount: row.mount, ErrorLog: slog.New(slog.DiscardHandler)}}
		r := httptest.NewRequest("GET", row.path, nil)
		r.Header.Set("Script-Filename", "/bin/true")
		w, broken := run(h, r)
		require.False(t, broken, row.why)
		require.Equal(t, row.status, w.Code, row.why)
		if row.status == 200 {
			require.Equal(t, strings.ReplaceAll(row.want, "@", dir)+"\n", w.Body.String(), row.why)
		}
	}
}

func TestRootAllow(t *testing.T) {
	dir := tree(t, "cgi-bin/a.cgi", "cgi-bin/a.sh", "cgi-bin/sub/b.cgi", "tool", "bin/tool", "cgi-bin/out.cgi -> ../tool", "cgi-bin/in.cgi -> a.sh",
		"current -> cgi-bin", "cgi-bin/away -> ../bin", "writable/l -> ../cgi-bin/a.cgi")
	for _, row := range []struct {
		why, allow, program string
		status              int
	}{
		{"an empty list is everything", "", "tool", 200},
		{"a program", "tool", "tool", 200},
		{"a program by its absolute path", "@/tool", "tool", 200},
		{"another one", "tool", "cgi-bin/a.cgi", 403},
		{"the same name elsewhere", "tool", "bin/tool", 403},
		{"a directory", "cgi-bin", "cgi-bin/sub/b.cgi", 200},
		{"a directory with a slash", "cgi-bin/", "cgi-bin/a.sh", 200},
		{"not in the directory", "cgi-bin", "tool", 403},
		{"a name that begins like the directory", "bin/to", "bin/tool", 403},
		{"a pattern", "cgi-bin/*.cgi", "cgi-bin/a.cgi", 200},
		{"an absolute pattern", "@/*/*.cgi", "cgi-bin/a.cgi", 200},
		{"not the pattern", "cgi-bin/*.cgi", "cgi-bin/a.sh", 403},
		{"a star is not a slash", "cgi-bin/*", "cgi-bin/sub/b.cgi", 403},
		{"one of several", "tool cgi-bin/*.sh", "cgi-bin/a.sh", 200},
		{"a link out of the directory", "cgi-bin", "cgi-bin/out.cgi", 403},
		{"a link out of the pattern's directory", "cgi-bin/*", "cgi-bin/out.cgi", 403},
		{"a directory by a link out", "cgi-bin", "cgi-bin/away/tool", 403},
		{"a link that is listed itself", "cgi-bin/out.cgi", "cgi-bin/out.cgi", 200},
		{"a link within the directory", "cgi-bin", "cgi-bin/in.cgi", 200},
		{"a directory that is a link", "current", "current/a.cgi", 200},
		{"a link into the directory from elsewhere", "cgi-bin", "writable/l", 403},
		{"the whole directory", "./", "tool", 200},
		{"a pattern that is none", "[a", "tool", 500},
	} {
		h := &cgi.Root{Dir: dir, Script: cgi.Script{ErrorLog: slog.New(slog.DiscardHandler)}, Allow: strings.Fields(strings.ReplaceAll(row.allow, "@", dir))}
		status, _ := fromServer(t, h, "SCRIPT_FILENAME="+dir+"/"+row.program)
		require.Equal(t, row.status, status, row.why)
	}
}

func TestRootAllowsNothingByAnEmptyEntry(t *testing.T) {
	dir := tree(t, "a")
	h := &cgi.Root{Dir: dir, Allow: []string{""}, Script: cgi.Script{ErrorLog: slog.New(slog.DiscardHandler)}}
	status, _ := fromServer(t, h, "SCRIPT_FILENAME="+dir+"/a")
	require.Equal(t, 403, status)
}

func TestRootByAnotherName(t *testing.T) {
	dir := tree(t, "real/a.cgi", "name -> real")
	for _, h := range []*cgi.Root{{Dir: dir + "/name"}, {Dir: dir + "/name", Allow: []string{"*.cgi"}}, {Dir: dir + "/real", Allow: []string{dir + "/real"}}} {
		for _, file := range []string{dir + "/real/a.cgi", dir + "/name/a.cgi"} {
			status, _ := fromServer(t, h, "SCRIPT_FILENAME="+file)
			require.Equal(t, 200, status, "a directory with two names is one: %s below %s", file, h.Dir)
		}
	}
}

// TestRootNamesMeanTheSameToThePrograms asks for programs by names that lead elsewhere once the program's process follows them.
func TestRootNamesMeanTheSameToThePrograms(t *testing.T) {
	dir := tree(t, "srv/a", "srv/l -> a", "other/srv/a", "srv/out -> @/by", "by/back -> @/srv")
	t.Chdir(dir)
	h := &cgi.Root{Dir: dir + "/srv", Script: cgi.Script{ErrorLog: slog.New(slog.DiscardHandler)}}
	for _, row := range []struct{ why, name, runs string }{
		{"a link that is another one in each process", "/proc/self/cwd/srv/a", "@/srv/a"},
		{"a link of the directory after it", "/proc/self/cwd/srv/l", "@/srv/l"},
		{"out of the directory and back", "@/srv/out/back/a", "@/srv/a"},
		{"in from elsewhere", "@/by/back/l", "@/srv/l"},
	} {
		name, runs := strings.ReplaceAll(row.name, "@", dir), strings.ReplaceAll(row.runs, "@", dir)
		status, body := fromServer(t, h, "SCRIPT_FILENAME="+name, "FCGI_CHDIR="+dir+"/other")
		require.Equal(t, 200, status, row.why)
		require.True(t, strings.HasPrefix(body, runs+" in "+dir+"/other "), "%s: %s", row.why, body)
	}
}

func TestRootWithoutDirectory(t *testing.T) {
	dir := tree(t, "a")
	for _, row := range []struct{ why, dir, log string }{
		{"none is not the working directory", "", "no directory of programs"},
		{"a missing one", dir + "/none", "no such file"},
	} {
		log := new(scriptLog)
		h := &cgi.Root{Dir: row.dir, Script: cgi.Script{ErrorLog: logger(log)}}
		status, _ := fromServer(t, h, "SCRIPT_FILENAME="+dir+"/a")
		require.Equal(t, 500, status, row.why)
		require.Contains(t, log.String(), row.log, row.why)
	}
}
