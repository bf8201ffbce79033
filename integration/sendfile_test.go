package integration

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-go/postern/fastcgi"
	"github.com/postern-go/postern/integration/testapp/app"
	"github.com/postern-go/postern/scgi"
)

const (
	fileSize = 8 << 20
	// sniffed is how much of a file may decide the type of the response, so that it passes through the program.
	sniffed = 512
	// largeWrite is what a write to a FastCGI connection carries at least, in bytes on average.
	largeWrite = 64 << 10
)

// TestSendfile looks at the system calls of a worker while a file leaves it.
func TestSendfile(t *testing.T) {
	requireTrace(t)
	program := filepath.Join(newDir(t), "fileapp")
	require.NoError(t, build(program, "./fileapp"))
	for _, path := range []string{"/content", "/copy"} {
		for _, row := range []struct{ protocol, network string }{
			{"http", "tcp"}, {"http", "unix"}, {"scgi", "tcp"}, {"scgi", "unix"},
		} {
			t.Run(row.protocol+" over "+row.network+path, func(t *testing.T) {
				c := newTraced(t, program)
				c.fetch(t, row.protocol, row.network, path)
				require.Equal(t, fileSize-sniffed, sum(c.results(t, "sendfile")), "bytes that sendfile has moved")
			})
		}
		t.Run("cgi"+path, func(t *testing.T) {
			c := newTraced(t, program)
			c.runCGI(t, path)
			require.Equal(t, fileSize-sniffed, sum(c.results(t, "sendfile")), "bytes that sendfile has moved")
		})
		t.Run("fastcgi, whose records need headers, by large writes"+path, func(t *testing.T) {
			c := newTraced(t, program)
			c.fetch(t, "fastcgi", "unix", path)
			writes := c.results(t, "writev?")
			require.GreaterOrEqual(t, sum(writes), fileSize, "bytes written")
			require.LessOrEqual(t, len(writes), fileSize/largeWrite, "one write for each 64 KiB at most: %v", writes)
		})
	}
}

// requireTrace fails where no test can look at system calls.
func requireTrace(t *testing.T) {
	t.Helper()
	output, err := exec.Command("strace", "-o", "/dev/null", "true").CombinedOutput()
	require.NoError(t, err, "ptrace is not permitted here, or strace is not there: %s", output)
}

// A traced is a program under strace that serves a file.
type traced struct {
	wrapper string // starts it with the arguments given
	log     string // of the system calls
	content []byte
}

func newTraced(t *testing.T, program string) *traced {
	t.Helper()
	dir := newDir(t)
	content, err := io.ReadAll(app.Pattern(fileSize))
	require.NoError(t, err)
	c := &traced{filepath.Join(dir, "traced"), filepath.Join(dir, "calls"), content}
	file := filepath.Join(dir, "file.bin")
	require.NoError(t, os.WriteFile(file, content, 0o644))
	// The program stays the child that gets the signals (-D).
	script := fmt.Sprintf("#!/bin/sh\nexec strace -D -f -s 0 -e trace=sendfile,write,writev -o %s %s --file %s \"$@\"\n", c.log, program, file)
	require.NoError(t, os.WriteFile(c.wrapper, []byte(script), 0o755))
	return c
}

// fetch gets the file from a worker, and ends the worker.
func (c *traced) fetch(t *testing.T, protocol, network, path string) {
	t.Helper()
	w := startWorker(t, c.wrapper, protocol, network)
	r, err := http.NewRequest(http.MethodGet, "http://localhost"+path, nil)
	require.NoError(t, err)
	response, err := transport(w, protocol).RoundTrip(r)
	require.NoError(t, err)
	defer response.Body.Close()
	require.Equal(t, http.StatusOK, response.StatusCode)
	require.EqualValues(t, fileSize, response.ContentLength)
	body, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	require.True(t, bytes.Equal(c.content, body), "the file arrives whole")
	require.NoError(t, w.stop())
}

func transport(w *worker, protocol string) http.RoundTripper {
	switch protocol {
	case "scgi":
		return &scgi.Transport{Network: w.network, Address: w.address}
	case "fastcgi":
		return &fastcgi.Transport{Network: w.network, Address: w.address}
	}
	return &http.Transport{
		DisableKeepAlives: true,
		DialContext:       func(context.Context, string, string) (net.Conn, error) { return net.Dial(w.network, w.address) },
	}
}

// runCGI gets the file from a CGI program, whose standard output is a pipe.
func (c *traced) runCGI(t *testing.T, path string) {
	t.Helper()
	who, err := credential()
	require.NoError(t, err)
	var stdout, stderr bytes.Buffer
	cmd := exec.CommandContext(t.Context(), c.wrapper)
	cmd.Env = []string{"PATH=/usr/bin:/bin", "GATEWAY_INTERFACE=CGI/1.1", "REQUEST_METHOD=GET", "REQUEST_URI=" + path,
		"SERVER_NAME=localhost", "SERVER_PORT=80", "SERVER_PROTOCOL=HTTP/1.1"}
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: who, Pdeathsig: syscall.SIGTERM}
	require.NoError(t, cmd.Run(), "%s", &stderr)
	head, body, found := bytes.Cut(stdout.Bytes(), []byte("\r\n\r\n"))
	require.True(t, found)
	require.Contains(t, string(head), fmt.Sprintf("Content-Length: %d", fileSize))
	require.True(t, bytes.Equal(c.content, body), "the file arrives whole")
}

// results returns what the calls of this name have returned that moved something, once the program has ended.
func (c *traced) results(t *testing.T, call string) (all []int) {
	t.Helper()
	var log string
	waitFor(t, "the trace is complete", func() bool {
		b, err := os.ReadFile(c.log)
		require.NoError(t, err)
		log = string(b)
		last := strings.LastIndex(strings.TrimSuffix(log, "\n"), "\n") + 1
		return strings.Contains(log[last:], "+++ exited with 0 +++")
	})
	// One that another thread's call has interrupted in the log ends in a line of its own.
	for _, found := range regexp.MustCompile(`(?m)^\d+ +(?:<\.\.\. )?`+call+`(?:\(| resumed).* = (\d+)$`).FindAllStringSubmatch(log, -1) {
		n, err := strconv.Atoi(found[1])
		require.NoError(t, err)
		if n > 0 {
			all = append(all, n)
		}
	}
	return all
}

func sum(all []int) (n int) {
	for _, one := range all {
		n += one
	}
	return n
}
