package readme

import (
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// root is the repository.
const root = "../.."

func readme(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, "README.md"))
	require.NoError(t, err)
	return string(text)
}

// TestProgram builds the program and runs it as a CGI program, the gate that needs no server.
func TestProgram(t *testing.T) {
	blocks := regexp.MustCompile("(?s)```go\n(.*?)```").FindAllStringSubmatch(readme(t), -1)
	require.Len(t, blocks, 1)
	dir := t.TempDir()
	source, program := filepath.Join(dir, "main.go"), filepath.Join(dir, "program")
	require.NoError(t, os.WriteFile(source, []byte(blocks[0][1]), 0o644))
	build := exec.Command("go", "build", "-o", program, source)
	build.Dir = root
	output, err := build.CombinedOutput()
	require.NoError(t, err, "%s", output)

	cgi := exec.Command(program)
	cgi.Env = []string{"GATEWAY_INTERFACE=CGI/1.1", "REQUEST_METHOD=GET", "SERVER_PROTOCOL=HTTP/1.1",
		"SERVER_NAME=site.test", "SERVER_PORT=80", "SCRIPT_NAME=/app", "PATH_INFO=/door", "QUERY_STRING=", "REQUEST_URI=/app/door"}
	output, err = cgi.Output()
	require.NoError(t, err)
	head, body, found := strings.Cut(string(output), "\r\n\r\n")
	require.True(t, found, "output %q", output)
	require.Contains(t, head, "Status: 200 OK")
	require.Equal(t, "Hello from /app/door\n", body)
}

// TestProgramIsShort counts the lines that say something.
func TestProgramIsShort(t *testing.T) {
	_, code, _ := strings.Cut(readme(t), "```go\n")
	code, _, _ = strings.Cut(code, "```")
	lines := 0
	for line := range strings.Lines(code) {
		if strings.TrimSpace(line) != "" {
			lines++
		}
	}
	require.LessOrEqual(t, lines, 12)
	require.LessOrEqual(t, strings.Count(readme(t), "\n"), 60, "one screen")
}

func TestCommands(t *testing.T) {
	for _, name := range []string{"README.md", "CONTRIBUTING.md"} {
		text, err := os.ReadFile(filepath.Join(root, name))
		require.NoError(t, err)
		commands := regexp.MustCompile("(?m)(?:^    |`)make( [a-z]+)?").FindAllStringSubmatch(string(text), -1)
		require.NotEmpty(t, commands, name)
		for _, c := range commands {
			output, err := exec.Command("make", append([]string{"-C", root, "-n"}, strings.Fields(c[1])...)...).CombinedOutput()
			require.NoError(t, err, "%s: make%s: %s", name, c[1], output)
		}
	}
}

func TestLinks(t *testing.T) {
	links := regexp.MustCompile(`\]\(([^)]*)\)`).FindAllStringSubmatch(readme(t), -1)
	require.NotEmpty(t, links)
	for _, link := range links {
		u, err := url.Parse(link[1])
		require.NoError(t, err)
		require.Empty(t, u.Host, "only links within the repository can be checked")
		_, err = os.Stat(filepath.Join(root, u.Path))
		require.NoError(t, err)
	}
}
