package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-go/postern/internal/leak"
)

// binary is the command, built once.
var binary string

func TestMain(m *testing.M) {
	if os.Getenv(subreaperVar) != "" {
		becomeSubreaper()
	}
	os.Exit(buildAndRun(m))
}

func buildAndRun(m *testing.M) int {
	dir, err := os.MkdirTemp("", "postern-test-")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	binary = filepath.Join(dir, "postern")
	if output, err := exec.Command("go", "build", "-o", binary, ".").CombinedOutput(); err != nil {
		fmt.Printf("go build: %v\n%s", err, output)
		return 1
	}
	return leak.Main(m)
}

// process is a running postern.
type process struct {
	t      *testing.T
	cmd    *exec.Cmd
	tmp    string // its directory for temporary files
	stdout *lines
	stderr *lines
}

// start runs the command; it is killed at the end of the test if it still runs.
func start(t *testing.T, args ...string) *process {
	return startCmd(t, exec.Command(binary, args...))
}

func startCmd(t *testing.T, cmd *exec.Cmd) *process {
	t.Helper()
	p := &process{t: t, cmd: cmd, tmp: t.TempDir()}
	if cmd.Env == nil {
		cmd.Env = os.Environ()
	}
	cmd.Env = append(cmd.Env, "TMPDIR="+p.tmp)
	stdout, err := cmd.StdoutPipe()
	require.NoError(t, err)
	stderr, err := cmd.StderrPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	p.stdout, p.stderr = readLines(stdout), readLines(stderr)
	t.Cleanup(func() {
		cmd.Process.Kill()
		p.stdout.rest()
		p.stderr.rest()
		cmd.Wait()
	})
	return p
}

// heedHangup has the commands that are started not inherit that SIGHUP is ignored,
// as it is when the tests run under nohup.
func heedHangup(t *testing.T) {
	caught := make(chan os.Signal, 1)
	signal.Notify(caught, syscall.SIGHUP)
	t.Cleanup(func() { signal.Stop(caught) })
}

// end sends the signal and requires exit status want.
func (p *process) end(s syscall.Signal, want int) {
	p.t.Helper()
	require.NoError(p.t, p.cmd.Process.Signal(s))
	p.exit(want)
}

func (p *process) exit(want int) {
	p.t.Helper()
	stdout, stderr := p.stdout.rest(), p.stderr.rest()
	p.cmd.Wait()
	require.Equal(p.t, want, p.cmd.ProcessState.ExitCode(), "stdout %q, stderr %q", stdout, stderr)
}

// lines are an output's lines as they come.
type lines struct {
	next chan string
	seen []string
}

func readLines(r io.Reader) *lines {
	l := &lines{next: make(chan string)}
	go func() {
		defer close(l.next)
		for s := bufio.NewScanner(r); s.Scan(); {
			l.next <- s.Text()
		}
	}()
	return l
}

// await waits for a line with each of the texts, in order.
func (l *lines) await(t *testing.T, texts ...string) {
	t.Helper()
	for _, text := range texts {
		found := false
		for !found {
			line, more := <-l.next
			require.True(t, more, "no line with %q after %q", text, l.seen)
			l.seen = append(l.seen, line)
			found = strings.Contains(line, text)
		}
	}
}

// rest reads to the end and returns every line.
func (l *lines) rest() []string {
	for line := range l.next {
		l.seen = append(l.seen, line)
	}
	return l.seen
}

// result is what a command that ends by itself leaves.
type result struct {
	status         int
	stdout, stderr string
}

func runCommand(args ...string) result {
	var stdout, stderr bytes.Buffer
	return result{run(args, &stdout, &stderr), stdout.String(), stderr.String()}
}

func TestUsageErrors(t *testing.T) {
	for _, row := range []struct {
		args []string
		want string
		why  string
	}{
		{[]string{"server"}, `postern: unknown command "server": expected serve, demo or version`, "a command that does not exist"},
		{[]string{"--listen", "auto"}, `postern: unknown command "--listen": expected serve, demo or version`, "flags without a command"},
		{nil, "postern: no command: expected serve, demo or version; postern help says more", "nothing asked for"},
		{[]string{"serve", "--listen", "auto", "--listen", "cgi:", "--to", "demo:"}, "postern: serve: --listen cgi: answers one request on stdio: expected no other --listen beside it", "CGI beside another address"},
		{[]string{"serve", "--listen", "auto", "--to", "demo:", "--to", "demo:"}, `postern: serve: invalid value "demo:" for flag -to: expected it once, it was "demo:" before`, "two back ends"},
		{[]string{"serve", "--listen", "auto", "--to", "fastcgi://127.0.0.1"}, `postern: serve: --to: address "fastcgi://127.0.0.1": no port: expected fastcgi://host:port`, "a worker without a port"},
		{[]string{"serve", "--listen", "auto", "--to", "http://127.0.0.1:80/app"}, `postern: serve: --to: address "http://127.0.0.1:80/app": an address ends with the port, "/app" is too much`, "a server with a path"},
		{[]string{"serve", "--listen", "auto", "--to", "scgi+fd:3"}, `postern: serve: --to "scgi+fd:3": nobody can be asked at a descriptor: expected scgi://host:port or scgi+unix:///path`, "a service at a descriptor"},
		{[]string{"serve", "--listen", "auto", "--to", "scgi://127.0.0.1:0"}, `postern: serve: --to "scgi://127.0.0.1:0": port 0 is nobody's`, "a service at no port"},
		{[]string{"serve", "--listen", "auto", "--to", "https://127.0.0.1:443"}, `postern: serve: no back end "https://127.0.0.1:443": expected`, "TLS"},
		{[]string{"serve", "--listen", "auto", "--to", "file:www"}, `postern: serve: --to "file:www": expected an absolute path, as in file:/srv/www`, "a directory that depends on where it is called"},
		{[]string{"serve", "--listen", "auto", "--to", "fastcgi://127.0.0.1:9000", "--root", "www"}, `postern: serve: --root "www": expected an absolute path`, "a root that depends on it"},
		{[]string{"serve", "--listen", "auto", "--to", "http://127.0.0.1:80", "--root", "/srv"}, `postern: serve: --root says nothing about "http://127.0.0.1:80"`, "a root for a server that wants none"},
		{[]string{"serve", "--listen", "auto", "--to", "scgi://127.0.0.1:80", "--env", "A=b"}, `postern: serve: --env says nothing about "scgi://127.0.0.1:80"`, "an environment for a service"},
		{[]string{"serve", "--allow", "localhost"}, `postern: serve: invalid value "localhost" for flag -allow: expected an IP address, a network such as 192.0.2.0/24, user:NAME or group:NAME`, "a name may stand for any address"},
		{[]string{"serve", "--allow", "192.0.2.1/24"}, `for flag -allow: expected 192.0.2.0/24, or a single address: the network has no such bits`, "a network with more bits than it has"},
		{[]string{"serve", "--allow", "fe80::1%eth0"}, `for flag -allow: expected an IP address`, "a zone"},
		{[]string{"serve", "--allow", "user:no-such-user"}, `for flag -allow: no user "no-such-user" on this machine: expected a name or a number`, "an unknown user"},
		{[]string{"serve", "--max-conns", "-1"}, `for flag -max-conns: expected a number, 0 being no bound`, "less than nothing"},
		{[]string{"serve", "--max-body", "8 MB"}, `for flag -max-body: expected a number of bytes, or one with k, m or g such as 8m, 0 being no bound`, "a size as nobody writes it"},
		{[]string{"serve", "--max-body", "9000000000g"}, `for flag -max-body: expected a number of bytes`, "more than there is"},
		{[]string{"serve"}, "postern: serve: no --listen: expected an address such as fastcgi+unix:///run/app.sock, or auto", "nothing to listen on"},
		{[]string{"serve", "--listen", "auto"}, "postern: serve: no --to: expected demo:, cgi:/path/to/program, cgi: with --root DIR, fastcgi://host:port, ", "nothing that answers"},
		{[]string{"serve", "--listen", "fastcgi://127.0.0.1", "--to", "demo:"}, `postern: serve: address "fastcgi://127.0.0.1": no port: expected fastcgi://host:port`, "a bad address"},
		{[]string{"serve", "--listen", "auto", "--to", "php:"}, `postern: serve: no back end "php:": expected demo:, cgi:/path/to/program, cgi: with --root DIR, fastcgi://host:port, `, "a back end that does not exist"},
		{[]string{"serve", "--listen", "auto", "--to", "cgi:"}, `postern: serve: --to cgi: without a program: expected cgi:/path/to/program, or --root DIR`, "CGI without a program"},
		{[]string{"serve", "--listen", "auto", "--to", "cgi:a.cgi"}, `postern: serve: no back end "cgi:a.cgi": expected`, "a program that depends on where it is called"},
		{[]string{"serve", "--port", "80"}, "postern: serve: flag provided but not defined: -port: expected --allow, --allow-program, --env, --listen, ", "an unknown flag"},
		{[]string{"serve", "--listen"}, "postern: serve: flag needs an argument: -listen: expected --allow, ", "a flag without its value"},
		{[]string{"serve", "--a\nb\x1b[m"}, `postern: serve: flag provided but not defined: -a\nb\x1b[m: expected --allow, `, "an unknown flag of two lines"},
		{[]string{"serve", "auto"}, `postern: serve: "auto" is no flag: expected --allow, `, "an argument that is no flag"},
		{[]string{"serve", "--log", "xml"}, `postern: serve: invalid value "xml" for flag -log: expected text or json`, "an unknown log format"},
		{[]string{"serve", "--socket-mode", "0888"}, `postern: serve: invalid value "0888" for flag -socket-mode: expected octal permission bits such as 0660, at most 0777`, "a mode that is not octal"},
		{[]string{"serve", "--socket-mode", "1777"}, `expected octal permission bits such as 0660, at most 0777`, "more than permission bits"},
		{[]string{"serve", "--validate=lax"}, `postern: serve: invalid boolean value "lax" for -validate: expected deployed or strict, or no value`, "a level that does not exist"},
		{[]string{"serve", "--listen", "auto", "--to", "cgi:/bin/a", "--root", "/srv"}, "postern: serve: --to cgi:/bin/a and --root: expected one of them", "a program and a directory of programs"},
		{[]string{"serve", "--listen", "auto", "--to", "cgi:", "--root", "srv"}, `postern: serve: --root "srv": expected an absolute path`, "a directory that depends on where it is called"},
		{[]string{"serve", "--listen", "auto", "--to", "cgi:", "--root", "/", "--allow-program", "[a"}, `postern: serve: --allow-program "[a": syntax error in pattern: expected a path, or a pattern such as *.cgi`, "a pattern that is none"},
		{[]string{"serve", "--listen", "auto", "--to", "cgi:", "--root", "/", "--allow-program", ""}, `postern: serve: --allow-program "": expected a path`, "nothing on a list"},
		{[]string{"serve", "--listen", "auto", "--to", "cgi:/bin/a", "--allow-program", "a"}, "postern: serve: --allow-program without --root: expected the directory of the programs", "a list for one program"},
		{[]string{"serve", "--listen", "auto", "--to", "demo:", "--env", "A"}, `postern: serve: --env says nothing about "demo:": expected it with --to cgi:`, "a variable for nobody"},
		{[]string{"serve", "--stderr", "syslog"}, `postern: serve: invalid value "syslog" for flag -stderr: expected log or server`, "another place for standard error"},
		{[]string{"demo", "--listen", "127.0.0.1"}, `postern: demo: address "http://127.0.0.1": no port: expected http://host:port`, "a front door without a port"},
		{[]string{"demo", "--listen", "fastcgi://127.0.0.1:80"}, `postern: demo: address "fastcgi://127.0.0.1:80": the front door speaks HTTP: expected host:port, or http+unix:///path`, "the front door is HTTP"},
		{[]string{"demo", "--listen", "http+fd:3"}, `postern: demo: address "http+fd:3": a descriptor has no address to show: expected host:port`, "a front door nobody can be told of"},
		{[]string{"demo", "--listen", ""}, `postern: demo: address "http://"`, "no front door"},
		{[]string{"demo", "now"}, `postern: demo: "now" is no flag: expected --listen, --log`, "an argument that is no flag"},
		{[]string{"version", "1"}, `postern: version: "1" is too much: expected nothing`, "an argument to version"},
	} {
		got := runCommand(row.args...)
		require.Equal(t, 2, got.status, row.why)
		require.Contains(t, got.stderr, row.want, row.why)
		require.Equal(t, 1, strings.Count(got.stderr, "\n"), "one line: "+row.why)
		require.Empty(t, got.stdout, row.why)
	}
}

func TestFailures(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	require.NoError(t, os.WriteFile(file, nil, 0o644))
	for _, row := range []struct {
		args []string
		want string
		why  string
	}{
		{[]string{"--listen", "http+unix://" + dir + "/s", "--to", "cgi:" + dir + "/no"}, "no/no: no such file or directory", "a program that is missing"},
		{[]string{"--listen", "http+unix://" + dir + "/s", "--to", "cgi:" + file}, "a file of mode -rw-r--r--: expected a program that may be executed", "a program that may not be executed"},
		{[]string{"--listen", "http+unix://" + dir + "/s", "--to", "cgi:" + dir}, "expected a program that may be executed", "a directory"},
		{[]string{"--listen", "http+unix://" + dir + "/s", "--to", "cgi:", "--root", dir + "/no"}, "no/no: no such file or directory: expected a directory", "a directory of programs that is missing"},
		{[]string{"--listen", "http+unix://" + dir + "/s", "--to", "cgi:", "--root", file}, "is a file: expected a directory", "a file in its place"},
		{[]string{"--listen", "http+unix://" + file, "--to", "demo:"}, "the path exists and is no socket", "a path that is taken"},
		{[]string{"--listen", "http+unix://" + dir + "/s", "--listen", "http+unix://" + file, "--to", "demo:"}, "the path exists and is no socket", "one address of two"},
		{[]string{"--listen", "http+unix://" + dir + "/s", "--to", "demo:", "--socket-owner", "no-such-user"}, `no user "no-such-user"`, "an owner that does not exist"},
	} {
		got := runCommand(append([]string{"serve"}, row.args...)...)
		require.Equal(t, 1, got.status, row.why)
		require.Contains(t, got.stderr, strings.Replace(row.want, "no/no", dir+"/no", 1), row.why)
		require.Equal(t, 1, strings.Count(got.stderr, "\n"), "one line: "+row.why)
		require.True(t, strings.HasPrefix(got.stderr, "postern: "), row.why)
		require.NoFileExists(t, filepath.Join(dir, "s"), row.why)
	}
}

func TestHelp(t *testing.T) {
	for _, row := range []struct {
		args []string
		want result
		why  string
	}{
		{[]string{"-h"}, result{0, usage, ""}, "-h"},
		{[]string{"--help"}, result{0, usage, ""}, "the long form"},
		{[]string{"serve", "-h"}, result{0, serveUsage, ""}, "serve -h"},
		{[]string{"demo", "--help"}, result{0, demoUsage, ""}, "demo --help"},
	} {
		require.Equal(t, row.want, runCommand(row.args...), row.why)
	}
}

func TestOutputFull(t *testing.T) {
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	require.NoError(t, err)
	defer full.Close()
	for _, args := range [][]string{{"version"}, {"help"}, {"serve", "-h"}} {
		var stderr bytes.Buffer
		require.Equal(t, 1, run(args, full, &stderr), args)
		require.Equal(t, "postern: write /dev/full: no space left on device\n", stderr.String(), args)
	}
}

// Every flag is in the usage, and nothing else is.
func TestUsageNamesFlags(t *testing.T) {
	for command, usage := range map[string]string{"serve": serveUsage, "demo": demoUsage} {
		var named []string
		for line := range strings.Lines(usage) {
			if name, ok := strings.CutPrefix(line, "  --"); ok {
				named = append(named, "--"+strings.Fields(name)[0])
			}
		}
		_, existing, _ := strings.Cut(strings.TrimSpace(runCommand(command, "--no-such-flag").stderr), "expected ")
		require.ElementsMatch(t, strings.Split(existing, ", "), named, command)
	}
}

func TestVersion(t *testing.T) {
	output, err := exec.Command(binary, "version").Output()
	require.NoError(t, err)
	require.Regexp(t, `^postern \S+ go1\.\S+ linux/\S+\n$`, string(output))
}
