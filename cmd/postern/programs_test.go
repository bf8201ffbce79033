package main

import (
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-go/postern/fastcgi"
	"github.com/postern-go/postern/scgi"
)

// fromServer asks the FastCGI worker at path for the program that a web server names.
func fromServer(t *testing.T, path, program string) (status int, body string) {
	t.Helper()
	client := &fastcgi.Transport{Network: "unix", Address: path, Root: filepath.Dir(program)}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://postern.test/"+filepath.Base(program), nil)
	require.NoError(t, err)
	answer, err := client.RoundTrip(r)
	require.NoError(t, err)
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	require.NoError(t, err)
	return answer.StatusCode, string(text)
}

func TestServeRoot(t *testing.T) {
	t.Setenv("SECRET", "1")
	t.Setenv("INHERITED", "1")
	dir := t.TempDir()
	for _, name := range []string{"/cgi/a", "/cgi/b.cgi", "/other/c"} {
		require.NoError(t, os.MkdirAll(filepath.Dir(dir+name), 0o755))
		require.NoError(t, os.WriteFile(dir+name, []byte("#!/bin/sh\nprintf '\\n'; env; echo 'to the log' >&2\n"), 0o755))
	}
	socket := dir + "/s"
	p := start(t, "serve", "--listen", "fastcgi+unix://"+socket, "--listen", "http+unix://"+socket+"h", "--to", "cgi:", "--root", dir+"/cgi",
		"--allow-program", "*.cgi", "--allow-program", dir+"/cgi/a/", "--env", "GIVEN=2", "--env", "INHERITED", "--env", "MISSING")
	p.stderr.await(t, "address=", "address=")
	status, body := fromServer(t, socket, dir+"/cgi/b.cgi")
	require.Equal(t, 200, status)
	for _, want := range []string{"SCRIPT_FILENAME=" + dir + "/cgi/b.cgi", "GIVEN=2", "INHERITED=1"} {
		require.Contains(t, strings.Split(body, "\n"), want)
	}
	require.NotContains(t, body, "SECRET")
	require.NotContains(t, body, "MISSING")
	p.stderr.await(t, `msg="cgi: stderr" line="to the log" program=`+dir+"/cgi/b.cgi method=GET uri=/b.cgi")

	status, _ = fromServer(t, socket, dir+"/cgi/a")
	require.Equal(t, 200, status, "a program that is listed")
	status, _ = fromServer(t, socket, dir+"/other/c")
	require.Equal(t, 403, status, "a program outside")
	status, _ = fromServer(t, socket, dir+"/cgi/none.cgi")
	require.Equal(t, 404, status, "a program that is missing")
	status, body = through(t, "http+unix://"+socket+"h", "/b.cgi/x", "*/*")
	require.Equal(t, 200, status, "without a web server, the path is below the directory")
	require.Contains(t, body, "PATH_INFO=/x\n")
	p.end(syscall.SIGTERM, 0)
}

// What goes to the web server is in the log of the one that stands for it here.
func TestServeStderrToServer(t *testing.T) {
	socket := t.TempDir() + "/s"
	p := start(t, "serve", "--listen", "fastcgi+unix://"+socket, "--to", "cgi:"+writeProgram(t, "echo 'for the web server' >&2; printf '\\n'"), "--stderr", "server")
	p.stderr.await(t, "address=")
	var log strings.Builder
	client := &fastcgi.Transport{Network: "unix", Address: socket, ErrorLog: slog.New(slog.NewTextHandler(&log, nil))}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://postern.test/", nil)
	require.NoError(t, err)
	answer, err := client.RoundTrip(r)
	require.NoError(t, err)
	_, err = io.ReadAll(answer.Body)
	require.NoError(t, err)
	require.NoError(t, answer.Body.Close())
	require.Contains(t, log.String(), "for the web server")
	p.end(syscall.SIGTERM, 0)
	require.NotContains(t, p.stderr.seen[len(p.stderr.seen)-1], "for the web server")
}

// A program that prints much before it reads much, or reads nothing, is answered whole, whatever it stands behind.
func TestServeFullDuplex(t *testing.T) {
	const in, out = 400_000, 300_000
	dir := t.TempDir()
	for _, row := range []struct{ why, text, end string }{
		{"prints before it reads", `printf '\n'; head -c 300000 /dev/zero; wc -c`, "400000\n"},
		{"never reads", `printf '\n'; head -c 300000 /dev/zero; echo end`, "end\n"},
	} {
		program := writeProgram(t, row.text)
		check := func(protocol string, body []byte) {
			require.Len(t, body, out+len(row.end), "%s: %s", protocol, row.why)
			require.Equal(t, row.end, string(body[out:]), "%s: %s", protocol, row.why)
		}
		fast, simple, plain := worker(dir, "fastcgi"), worker(dir, "scgi"), worker(dir, "http")
		p := start(t, "serve", "--to", "cgi:"+program, "--listen", fast.String(), "--listen", simple.String(), "--listen", plain.String())
		p.stderr.await(t, "address=", "address=", "address=")
		for protocol, client := range map[string]http.RoundTripper{
			"fastcgi": &fastcgi.Transport{Network: "unix", Address: fast.Host},
			"scgi":    &scgi.Transport{Network: "unix", Address: simple.Host},
			"http":    dialTransport(plain),
		} {
			r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://postern.test/", strings.NewReader(strings.Repeat("x", in)))
			require.NoError(t, err)
			answer, err := client.RoundTrip(r)
			require.NoError(t, err, "%s: %s", protocol, row.why)
			body, err := io.ReadAll(answer.Body)
			require.NoError(t, err, "%s: %s", protocol, row.why)
			require.NoError(t, answer.Body.Close())
			check(protocol, body)
		}
		p.end(syscall.SIGTERM, 0)

		cmd := exec.Command(binary, "serve", "--listen", "cgi:", "--to", "cgi:"+program)
		cmd.Env = []string{"GATEWAY_INTERFACE=CGI/1.1", "REQUEST_METHOD=POST", "SERVER_PROTOCOL=HTTP/1.1", "REQUEST_URI=/", "CONTENT_LENGTH=400000"}
		cmd.Stdin = strings.NewReader(strings.Repeat("x", in))
		output, err := cmd.Output()
		require.NoError(t, err, row.why)
		_, body, found := bytes.Cut(output, []byte("\r\n\r\n"))
		require.True(t, found)
		check("cgi", body)
	}
}

func TestServeMaxSpool(t *testing.T) {
	program := writeProgram(t, "printf '\\n'; wc -c\n")
	p := start(t, "serve", "--listen", "http://127.0.0.1:0", "--to", "cgi:"+program, "--max-spool", "1k")
	addr := p.listening()
	for size, want := range map[int]int{1 << 10: http.StatusOK, 1<<10 + 1: http.StatusRequestEntityTooLarge} {
		answer, err := http.Post(addr, "text/plain", io.MultiReader(strings.NewReader(strings.Repeat("x", size))))
		require.NoError(t, err)
		io.Copy(io.Discard, answer.Body)
		require.NoError(t, answer.Body.Close())
		require.Equal(t, want, answer.StatusCode, "of unknown length, %d bytes", size)
	}
	http.DefaultClient.CloseIdleConnections()
	p.end(syscall.SIGTERM, 0)
}

// A terminal that goes away, or who says so, ends the programs, too.
func TestServeHangup(t *testing.T) {
	heedHangup(t)
	socket := t.TempDir() + "/s"
	left := filepath.Join(t.TempDir(), "left")
	p := start(t, "serve", "--listen", "http+unix://"+socket, "--to", "cgi:"+writeProgram(t, "trap 'echo >"+left+"; exit' TERM; echo; exec >&- ; echo goes on >&2; sleep 600 & wait\n"))
	p.stderr.await(t, "address=")
	status, _ := through(t, "http+unix://"+socket, "/", "*/*")
	require.Equal(t, http.StatusOK, status)
	p.stderr.await(t, "goes on")
	p.end(syscall.SIGHUP, 0)
	require.FileExists(t, left)
}

func TestServeMaxProcesses(t *testing.T) {
	socket := t.TempDir() + "/s"
	p := start(t, "serve", "--listen", "http+unix://"+socket, "--to", "cgi:"+writeProgram(t, "echo $$ >&2; exec sleep 600\n"), "--max-processes", "1", "--max-queue", "0")
	p.stderr.await(t, "address=")
	conn, err := net.Dial("unix", socket)
	require.NoError(t, err)
	_, err = io.WriteString(conn, "GET / HTTP/1.1\r\nHost: h\r\n\r\n")
	require.NoError(t, err)
	p.stderr.await(t, "stderr")
	status, _ := through(t, "http+unix://"+socket, "/", "*/*")
	require.Equal(t, 503, status)
	require.NoError(t, conn.Close())
	p.end(syscall.SIGTERM, 0)
}

// A client that leaves is not told by what it has sent: there is more of that than the sockets hold.
func TestServeEndsProgramsOfClientsThatLeave(t *testing.T) {
	left := filepath.Join(t.TempDir(), "left")
	require.NoError(t, syscall.Mkfifo(left, 0o600))
	program := writeProgram(t, "trap 'echo left >"+left+"; exit' TERM\necho waits >&2\nsleep 600 & wait\n")
	const body = 8 << 20
	vars := "CONTENT_LENGTH\x008388608\x00SCGI\x001\x00REQUEST_METHOD\x00POST\x00SERVER_PROTOCOL\x00HTTP/1.1\x00REQUEST_URI\x00/\x00"
	for _, row := range []struct{ protocol, request string }{
		{"http", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 8388608\r\n\r\n"},
		{"scgi", fmt.Sprintf("%d:%s,", len(vars), vars)},
	} {
		p := start(t, "serve", "--listen", row.protocol+"://127.0.0.1:0", "--to", "cgi:"+program, "--program-timeout", "0")
		conn, err := net.Dial("tcp", strings.TrimPrefix(p.listening(), row.protocol+"://"))
		require.NoError(t, err)
		sent := make(chan error)
		go func() {
			_, err := io.WriteString(conn, row.request+strings.Repeat("x", body))
			sent <- err
		}()
		p.stderr.await(t, "line=waits")
		require.NoError(t, conn.Close(), row.protocol)
		<-sent
		said, err := os.ReadFile(left)
		require.NoError(t, err)
		require.Equal(t, "left\n", string(said), row.protocol)
		p.end(syscall.SIGTERM, 0)
	}
}
