package integration

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// shellPrograms are programs that say what others would rather not.
var shellPrograms = map[string]string{
	"plain":     `printf 'Content-Type: text/plain\n\nhello\n'`,
	"crlf":      `printf 'Content-Type: text/plain\r\n\r\nhello\r\n'`,
	"status":    `printf 'Status: 404 Not Here\nContent-Type: text/plain\n\ngone\n'`,
	"lower":     `printf 'status: 418\ncontent-type: text/plain\n\nshort\n'`,
	"untyped":   `printf 'X-A: 1\n\nwhat is it\n'`,
	"repeated":  `printf 'Content-Type: text/plain\nSet-Cookie: a=1\nSet-Cookie: b=2\nX-A: 1\nX-A: 2\n\nok\n'`,
	"client":    `printf 'Location: http://other.test/x?y#z\n\n'`,
	"document":  `printf 'Status: 301 Moved\nLocation: http://other.test/\nContent-Type: text/plain\n\nthere\n'`,
	"local":     `printf 'Location: /cgi-bin/target?from=local\n\n'`,
	"target":    `printf 'Content-Type: text/plain\n\n'; echo "$REQUEST_METHOD $QUERY_STRING"`,
	"nph-whole": `printf 'HTTP/1.1 202 Accepted\r\nContent-Type: text/plain\r\nX-Nph: 1\r\nConnection: close\r\n\r\nnph\n'`,
	"nocontent": `printf 'Status: 204 No Content\n\n'`,
	"length":    `printf 'Content-Type: text/plain\nContent-Length: 3\n\nabc'`,
	"malformed": `printf 'this is no field\n\nbody\n'`,
	"silent":    ``,
	"errors":    `printf 'Content-Type: text/plain\n\n'; echo probe-of-errors >&2; echo ok`,
	"fails":     `printf 'Content-Type: text/plain\n\nall of it\n'; exit 3`,
	"large":     `printf 'Content-Type: application/octet-stream\n\n'; head -c 20000000 /dev/zero | tr '\0' x`,
	"arguments": `printf 'Content-Type: text/plain\n\n'; echo "$# $QUERY_STRING"`,
	"unread":    `printf 'Content-Type: text/plain\n\nnot interested\n'`,
	"directory": `printf 'Content-Type: text/plain\n\n'; basename "$PWD"; basename "$0"`,
	"count":     `printf 'Content-Type: text/plain\n\n'; wc -c`,
	"talks":     `printf 'Content-Type: text/plain\n\n'; head -c 300000 /dev/zero | tr '\0' y; wc -c`,
}

// makePrograms makes root with the programs in cgi-bin.
func makePrograms(t *testing.T) (root string) {
	t.Helper()
	root = newDir(t)
	bin := filepath.Join(root, "cgi-bin")
	require.NoError(t, os.Mkdir(bin, 0o755))
	for name, text := range shellPrograms {
		require.NoError(t, os.WriteFile(filepath.Join(bin, name), []byte("#!/bin/sh\n"+text+"\n"), 0o755))
	}
	for _, name := range []string{"echo.sh", "echo.py", "echo.pl"} {
		text, err := os.ReadFile(filepath.Join("programs", name))
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(bin, name), text, 0o755))
	}
	output, err := exec.Command("gcc", "-o", filepath.Join(bin, "echo.c"), filepath.Join("programs", "echo.c")).CombinedOutput()
	require.NoError(t, err, "%s", output)
	require.NoError(t, build(filepath.Join(bin, "echo.go"), "./programs/echo"))
	require.NoError(t, build(filepath.Join(bin, "environ"), "./programs/environ"))
	return root
}

// A runner is a way to the programs below a directory.
type runner struct {
	name  string
	start func(t *testing.T, root string) *webServer
}

var apacheRunner = runner{"Apache, mod_cgi", func(t *testing.T, root string) *webServer {
	return apachePrefork.startTCP(t, "apache-cgi.conf", replace{`ScriptAlias "/app" "/usr/lib/cgi-bin/app"`, `ScriptAlias "/cgi-bin/" "/usr/lib/cgi-bin/"`},
		replace{shownProgram, filepath.Join(root, "cgi-bin")})
}}

// runners are Postern's ways.
func runners() []runner {
	return []runner{
		{"nginx, FastCGI", func(t *testing.T, root string) *webServer {
			socket, _ := startCGI(t, "postern", root)
			location := filepath.Join(newDir(t), "location.conf")
			require.NoError(t, os.WriteFile(location, []byte("location /cgi-bin/ {\n\troot "+root+";\n\tclient_max_body_size 0;\n"+
				"\tinclude /etc/nginx/fastcgi_params;\n\tfastcgi_pass unix:"+socket+";\n}\n"), 0o644))
			return nginx.startTCP(t, "nginx-cgi-bin.conf", replace{"/usr/share/doc/fcgiwrap/examples/nginx.conf", location})
		}},
		{"HTTP", func(t *testing.T, root string) *webServer {
			path, err := postern()
			require.NoError(t, err)
			dir := newDir(t)
			return onFreePort(t, brand{name: "postern", up: accepts}, func(address string) *webServer {
				p := start(t, command{name: "postern", dir: dir, argv: []string{path, "serve", "--listen", "http://" + address, "--to", "cgi:",
					"--root", root, "--stderr", "server"}})
				return &webServer{p, "tcp", address, p.log}
			})
		}},
	}
}

// A call is one request of the suite.
type call struct {
	why  string
	wire string // what is sent
	// differs says why Postern's ways do not give Apache's response, by what is in their names; "" is every one.
	differs map[string]string
}

func plainly(method, target, body string) string {
	wire := method + " " + target + " HTTP/1.1\r\nHost: app.test\r\nConnection: close\r\nX-Probe: a\r\n"
	if body != "" {
		wire += "Content-Type: text/x-probe\r\nContent-Length: " + strconv.Itoa(len(body)) + "\r\n"
	}
	return wire + "\r\n" + body
}

func chunkwise(target string, chunks ...string) string {
	wire := "POST " + target + " HTTP/1.1\r\nHost: app.test\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
	for _, chunk := range chunks {
		wire += strconv.FormatInt(int64(len(chunk)), 16) + "\r\n" + chunk + "\r\n"
	}
	return wire + "0\r\n\r\n"
}

func calls() []call {
	everywhere := func(why string) map[string]string { return map[string]string{"": why} }
	badGateway := everywhere("a program that gives no response is a 502, for which Apache says 500")
	const theirPath = "what a path means is nginx's to say, so that the client is sent there"
	all := []call{
		{"HEAD", plainly("HEAD", "/cgi-bin/plain", ""), nil},
		{"a long query", plainly("GET", "/cgi-bin/echo.sh?"+strings.Repeat("a=b&", 1500), ""), nil},
		{"a target of a local redirect gets a GET", plainly("POST", "/cgi-bin/local", "x=1"), map[string]string{"nginx": theirPath}},
		{"a missing program", plainly("GET", "/cgi-bin/none", ""), nil},
		{"a query that looks like arguments", plainly("GET", "/cgi-bin/arguments?-a+b", ""), everywhere("no query becomes arguments (CVE-2012-1823)")},
		{"a large body that nobody reads", plainly("POST", "/cgi-bin/unread", strings.Repeat("x", 3<<20)), nil},
		{"a large body", plainly("POST", "/cgi-bin/count", strings.Repeat("x", 3<<20)), nil},
	}
	for name := range shellPrograms {
		c := call{why: "the program " + name, wire: plainly("GET", "/cgi-bin/"+name, "")}
		switch name {
		case "malformed", "silent":
			c.differs = badGateway
		case "client":
			c.differs = everywhere("Apache puts a page of its own behind a redirect that has none")
		case "local":
			c.differs = map[string]string{"nginx": theirPath}
		}
		all = append(all, c)
	}
	for _, program := range []string{"echo.sh", "echo.py", "echo.pl", "echo.c", "echo.go"} {
		target := "/cgi-bin/" + program
		all = append(all,
			call{program + ": GET with a path and a query", plainly("GET", target+"/a%20b/caf%C3%A9/x;y?q=%20+&=", ""), nil},
			call{program + ": a small body", plainly("POST", target, "hello"), nil},
			call{program + ": a large body", plainly("PUT", target+"?q", strings.Repeat("0123456789", 5000)), nil},
			call{program + ": chunks", chunkwise(target, "hello", " ", strings.Repeat("world", 5000)), nil},
			call{program + ": HEAD", plainly("HEAD", target, ""), nil})
	}
	slices.SortFunc(all, func(a, b call) int { return strings.Compare(a.why, b.why) })
	return all
}

// A reply is what a client can see of a response, but for what web servers add of their own.
type reply struct {
	status int
	fields []string
	body   string
	err    error
}

func (c call) on(t *testing.T, s *webServer) reply {
	t.Helper()
	conn, err := net.Dial(s.network, s.address)
	require.NoError(t, err)
	defer conn.Close()
	require.NoError(t, conn.SetDeadline(time.Now().Add(patience)))
	sent := make(chan struct{})
	go func() {
		defer close(sent)
		io.WriteString(conn, c.wire) // who answers early need not read all
	}()
	method, _, _ := strings.Cut(c.wire, " ")
	response, err := http.ReadResponse(bufio.NewReader(conn), &http.Request{Method: method})
	require.NoError(t, err, c.why)
	body, err := io.ReadAll(response.Body)
	conn.Close()
	<-sent
	text := shown(response, body)
	return reply{response.StatusCode, seenFields(response.Header), text, err}
}

// seenFields leaves out framing, and what a web server says about itself.
func seenFields(h http.Header) (all []string) {
	for name, values := range h {
		switch name {
		case "Connection", "Content-Length", "Date", "Server", "X-Content-Type-Options":
			continue
		}
		if name != "Set-Cookie" {
			values = []string{strings.Join(values, ", ")} // which Apache does itself
		}
		for _, value := range values {
			all = append(all, name+": "+value)
		}
	}
	slices.SortStableFunc(all, func(a, b string) int {
		an, _, _ := strings.Cut(a, ":")
		bn, _, _ := strings.Cut(b, ":")
		return strings.Compare(an, bn)
	})
	return all
}

// shown is the body, but for pages that each server words its own way.
func shown(response *http.Response, body []byte) string {
	own := strings.HasPrefix(response.Header.Get("Content-Type"), "text/html") || len(body) < 100 && strings.HasPrefix(string(body), response.Status+"\n")
	if own {
		response.Header.Del("Content-Type")
		return "a page of the server"
	}
	return string(body)
}

// TestPrograms runs the same programs under Apache's mod_cgi and under Postern, and compares the responses.
func TestPrograms(t *testing.T) {
	root := makePrograms(t)
	theirs := apacheRunner.start(t, root)
	for _, r := range runners() {
		t.Run(r.name, func(t *testing.T) {
			ours := r.start(t, root)
			for _, c := range calls() {
				t.Run(c.why, func(t *testing.T) {
					want, got := c.on(t, theirs), c.on(t, ours)
					for part, reason := range c.differs {
						if strings.Contains(r.name, part) {
							require.NotEqual(t, want, got, "they agree now; take the row out: %s", reason)
							return
						}
					}
					require.Equal(t, want.status, got.status)
					require.Equal(t, want.fields, got.fields)
					require.True(t, want.body == got.body, "%d bytes and %d: %.200q %.200q", len(want.body), len(got.body), want.body, got.body)
					require.Equal(t, want.err, got.err)
				})
			}
			t.Run("output before the body is read, where Apache waits for ever", func(t *testing.T) {
				got := call{"", plainly("POST", "/cgi-bin/talks", strings.Repeat("x", 400<<10)), nil}.on(t, ours)
				require.True(t, strings.Repeat("y", 300000)+"409600\n" == got.body, "%d bytes", len(got.body))
			})
			waitFor(t, "the error stream ends in the log", func() bool {
				log, err := os.ReadFile(ours.errorLog)
				require.NoError(t, err)
				return strings.Contains(string(log), "probe-of-errors") || strings.Contains(ours.logs(t), "probe-of-errors")
			})
		})
	}
}
