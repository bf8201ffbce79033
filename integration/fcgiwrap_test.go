package integration

import (
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-go/postern/env"
	"github.com/postern-go/postern/fastcgi"
	"github.com/postern-go/postern/gateway"
)

// startCGI starts fcgiwrap, or postern in its place, for the programs below root, and returns its socket.
func startCGI(t *testing.T, kind, root string, more ...string) (socket string, p *process) {
	t.Helper()
	dir := newDir(t)
	socket = filepath.Join(dir, "cgi.sock")
	var argv []string
	if kind == "fcgiwrap" {
		argv = []string{program(t, kind), "-f", "-s", "unix:" + socket}
	} else {
		path, err := postern()
		require.NoError(t, err)
		argv = append([]string{path, "serve", "--listen", "fastcgi+unix://" + socket, "--to", "cgi:", "--root", root, "--stderr", "server"}, more...)
	}
	p = start(t, command{name: kind, dir: dir, argv: argv})
	p.forgiven = kind == "fcgiwrap" // it knows no orderly end
	waitFor(t, kind+" listens", func() bool {
		require.True(t, p.running(), "%s ended: %s", kind, p.output(t))
		c, err := net.Dial("unix", socket)
		if err == nil {
			c.Close()
		}
		return err == nil
	})
	return socket, p
}

// asWebServer sends a request with these variables and no others, and returns the answer and the error stream.
func asWebServer(t *testing.T, socket string, variables ...string) (status int, body, stderr string) {
	t.Helper()
	v := env.Parse(append([]string{"GATEWAY_INTERFACE=CGI/1.1", "SERVER_PROTOCOL=HTTP/1.1", "SERVER_SOFTWARE=test", "REQUEST_METHOD=GET", "QUERY_STRING=",
		"SERVER_NAME=h", "SERVER_PORT=80"}, variables...))
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://h/", nil)
	require.NoError(t, err)
	var errors strings.Builder
	answer, err := (&fastcgi.Transport{Network: "unix", Address: socket, Stderr: &errors}).RoundTrip(gateway.WithVars(r, v))
	require.NoError(t, err)
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	require.NoError(t, err)
	return answer.StatusCode, string(text), errors.String()
}

// TestLikeFcgiwrap asks both for the same, and compares.
func TestLikeFcgiwrap(t *testing.T) {
	root := newDir(t)
	shows := "#!/bin/sh\nprintf 'Content-Type: text/plain\\n\\n'\necho \"$0 in $(pwd)\"\nenv | sort\n"
	for name, mode := range map[string]os.FileMode{"bin/show": 0o755, "bin/sub/show.cgi": 0o755, "bin/plain": 0o644} {
		path := filepath.Join(root, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(shows), mode))
	}
	require.NoError(t, os.Symlink("show", filepath.Join(root, "bin/link")))
	for name, text := range map[string]string{
		"bin/errors": "echo 'to the log' >&2\nprintf 'X: y\\n\\n'\n", "bin/silent": "", "bin/status": "printf 'Status: 404 Not Here\\n\\nno'",
		"bin/redirect": "printf 'Location: /elsewhere\\n\\n'", "bin/fails": "printf 'X: y\\n\\nall'; exit 3",
	} {
		require.NoError(t, os.WriteFile(filepath.Join(root, name), []byte("#!/bin/sh\n"+text), 0o755))
	}
	outside := filepath.Join(newDir(t), "show")
	require.NoError(t, os.WriteFile(outside, []byte(shows), 0o755))
	theirs, _ := startCGI(t, "fcgiwrap", root)
	ours, _ := startCGI(t, "postern", root)
	for _, row := range []struct {
		why, variables string
		differs        string // why the answers do, if they do
	}{
		{"SCRIPT_FILENAME", "SCRIPT_FILENAME=@/bin/show SCRIPT_NAME=/x PATH_INFO=/y DOCUMENT_ROOT=/z A=b HTTP_AUTHORIZATION=Basic", ""},
		{"a link", "SCRIPT_FILENAME=@/bin/link", ""},
		{"DOCUMENT_ROOT and SCRIPT_NAME", "DOCUMENT_ROOT=@ SCRIPT_NAME=/bin/show", ""},
		{"with segments after the program", "DOCUMENT_ROOT=@ SCRIPT_NAME=/bin/sub/show.cgi/a//b/", ""},
		{"with a slash after the program", "DOCUMENT_ROOT=@ SCRIPT_NAME=/bin/show/", ""},
		{"put together as they are", "DOCUMENT_ROOT=@/bin/ SCRIPT_NAME=show", ""},
		{"not executable", "SCRIPT_FILENAME=@/bin/plain", ""},
		{"a directory", "SCRIPT_FILENAME=@/bin", ""},
		{"a directory by its path", "DOCUMENT_ROOT=@ SCRIPT_NAME=/bin/", ""},
		{"a program that sends a status", "SCRIPT_FILENAME=@/bin/status", ""},
		{"a program that ends with 3", "SCRIPT_FILENAME=@/bin/fails", ""},
		{"a program without output", "SCRIPT_FILENAME=@/bin/silent", ""},
		{"standard error", "SCRIPT_FILENAME=@/bin/errors", ""},
		{"a redirect", "SCRIPT_FILENAME=@/bin/redirect", ""},
		{"FCGI_CHDIR", "SCRIPT_FILENAME=@/bin/show FCGI_CHDIR=/usr", "Debian's fcgiwrap is older than this variable"},
		{"a missing program", "SCRIPT_FILENAME=@/bin/none", "404 says what is wrong, 403 does not"},
		{"segments after SCRIPT_FILENAME", "SCRIPT_FILENAME=@/bin/show/a", "404 says what is wrong, 403 does not"},
		{"PATH_INFO beside SCRIPT_NAME", "DOCUMENT_ROOT=@ SCRIPT_NAME=/bin/show PATH_INFO=/kept", "what the web server has split off is not lost"},
		{"a program outside", "SCRIPT_FILENAME=" + outside, "nothing runs outside --root"},
	} {
		variables := strings.Fields(strings.ReplaceAll(row.variables, "@", root))
		theirStatus, theirBody, theirLog := asWebServer(t, theirs, variables...)
		ourStatus, ourBody, ourLog := asWebServer(t, ours, variables...)
		require.Equal(t, row.differs == "", theirStatus == ourStatus && common(theirBody, theirStatus) == common(ourBody, ourStatus),
			"%s\nfcgiwrap: %d %s\npostern: %d %s", row.why, theirStatus, theirBody, ourStatus, ourBody)
		if row.why == "standard error" {
			require.Equal(t, []string{"to the log", "to the log"}, []string{strings.TrimSpace(theirLog), strings.TrimSpace(ourLog)})
		}
	}
}

// alone are the variables that one of them adds: fcgiwrap its library's role and its own environment, and ours what RFC 3875 wants to be there.
var alone = []string{"FCGI_ROLE", "GORACE", "HOME", "SCRIPT_FILENAME", "SCRIPT_NAME", "PATH_TRANSLATED"}

// common is what both should answer. The words of an error page are each one's own.
func common(body string, status int) string {
	if status >= http.StatusBadRequest {
		return ""
	}
	return strings.Join(slices.DeleteFunc(strings.Split(body, "\n"), func(line string) bool {
		name, value, _ := strings.Cut(line, "=")
		return slices.Contains(alone, name) && (name != "SCRIPT_NAME" || value == "")
	}), "\n")
}

// TestDebianConfiguration uses the configuration that Debian ships with fcgiwrap, with the socket path changed, and a program that another
// package has put where it looks.
func TestDebianConfiguration(t *testing.T) {
	const shipped = "/usr/share/doc/fcgiwrap/examples/nginx.conf"
	dir := newDir(t)
	projects := filepath.Join(dir, "projects")
	require.NoError(t, os.MkdirAll(filepath.Join(projects, "some-project.git"), 0o755))
	for name, text := range map[string]string{"HEAD": "ref: refs/heads/main\n", "objects/info/packs": "", "refs/heads/.keep": "", "description": "What a project is for\n"} {
		path := filepath.Join(projects, "some-project.git", name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
	}
	settings := filepath.Join(dir, "gitweb.conf")
	require.NoError(t, os.WriteFile(settings, []byte("our $projectroot = '"+projects+"'; our $projects_list = $projectroot;\n"), 0o644))

	socket, p := startCGI(t, "postern", "/usr", "--env", "GITWEB_CONFIG="+settings)
	text, err := os.ReadFile(shipped)
	require.NoError(t, err)
	changed := strings.Replace(string(text), "unix:/run/fcgiwrap.socket;", "unix:"+socket+";", 1)
	require.NotEqual(t, string(text), changed, "the path of the socket, and nothing else")
	location := filepath.Join(dir, "location.conf")
	require.NoError(t, os.WriteFile(location, []byte(changed), 0o644))
	server := nginx.start(t, "nginx-cgi-bin.conf", replace{shipped, location})
	client := newClient(t, server)
	get := func(target string) (int, string) {
		answer, err := client.Get("http://h.test" + target)
		require.NoError(t, err)
		defer answer.Body.Close()
		body, err := io.ReadAll(answer.Body)
		require.NoError(t, err)
		return answer.StatusCode, string(body)
	}
	status, body := get("/cgi-bin/gitweb.cgi")
	require.Equal(t, http.StatusOK, status, "%s %s", body, p.output(t))
	require.Contains(t, body, "some-project.git")
	status, body = get("/cgi-bin/gitweb.cgi?a=project_index")
	require.Equal(t, http.StatusOK, status)
	require.Contains(t, body, "some-project.git ")
	status, _ = get("/cgi-bin/none")
	require.Equal(t, http.StatusNotFound, status)
	status, _ = get("/cgi-bin/")
	require.Equal(t, http.StatusForbidden, status)
}

// TestUnit starts what the unit of systemd says, with a socket as systemd passes it.
func TestUnit(t *testing.T) {
	unit, err := os.ReadFile("conf/postern-cgi.service")
	require.NoError(t, err)
	path, err := postern()
	require.NoError(t, err)
	_, line, found := strings.Cut(string(unit), "\nExecStart=")
	require.True(t, found)
	line, _, _ = strings.Cut(line, "\n")
	own := strings.NewReplacer("/usr/local/bin/postern", path, "/usr/lib/cgi-bin", newDir(t)).Replace(line)
	argv := strings.Fields(own)
	root := argv[slices.Index(argv, "--root")+1]
	require.NoError(t, os.WriteFile(filepath.Join(root, "hello"), []byte("#!/bin/sh\nprintf '\\n'\necho hello\n"), 0o755))

	dir := newDir(t)
	socket := filepath.Join(dir, "app.sock")
	l, err := net.Listen("unix", socket)
	require.NoError(t, err)
	defer l.Close()
	require.NoError(t, os.Chmod(socket, 0o666))
	file, err := l.(*net.UnixListener).File()
	require.NoError(t, err)
	defer file.Close()
	// The number of the process is known only once it runs: the shell becomes it.
	start(t, command{name: "postern", dir: dir, argv: append([]string{"/bin/sh", "-c", `LISTEN_FDS=1 LISTEN_PID=$$ exec "$@"`, "sh"}, argv...), files: []*os.File{file}})
	status, body, _ := asWebServer(t, socket, "SCRIPT_FILENAME="+root+"/hello")
	require.Equal(t, http.StatusOK, status)
	require.Equal(t, "hello\n", body)
}
