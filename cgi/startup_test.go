package cgi

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// startups is how often each program of a measurement starts.
const startups = 200

// BenchmarkStartup starts the hello program, the same with net/http/cgi, and the least program that imports net/http, in turns, and compares the
// medians of their CPU time.
func BenchmarkStartup(b *testing.B) {
	names := []string{"least", "nethttp", "postern"}
	programs := map[string]string{}
	for _, name := range names {
		programs[name] = buildHello(b, name)
	}
	times := map[string][]time.Duration{}
	for b.Loop() {
		for i := range startups {
			for j := range names {
				name := names[(i+j)%len(names)]
				times[name] = append(times[name], runHello(b, programs[name]))
			}
		}
	}
	for _, name := range names {
		b.ReportMetric(float64(median(times[name]).Microseconds()), name+"-µs")
	}
	b.ReportMetric(float64(median(times["postern"]))/float64(median(times["least"])), "postern/least")
	b.ReportMetric(float64(median(times["postern"]))/float64(median(times["nethttp"])), "postern/nethttp")
}

// buildHello builds a program as the documentation says, and installs it: what the linker has just written is in memory in smaller pieces than a
// file that was copied, and takes a tenth longer to start.
func buildHello(b *testing.B, name string) string {
	program := filepath.Join(b.TempDir(), name)
	linked := program + ".linked"
	cmd := exec.Command("go", "build", "-o", linked, "./"+filepath.Join("testdata", "startup", name))
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	output, err := cmd.CombinedOutput()
	require.NoError(b, err, "%s", output)
	content, err := os.ReadFile(linked)
	require.NoError(b, err)
	require.NoError(b, os.WriteFile(program, content, 0o755))
	return program
}

// runHello returns what a run costs, user and system time.
func runHello(b *testing.B, program string) time.Duration {
	cmd := exec.Command(program)
	cmd.Env = []string{"PATH=/usr/bin:/bin", "GATEWAY_INTERFACE=CGI/1.1", "REQUEST_METHOD=GET", "REQUEST_URI=/hello", "SCRIPT_NAME=/hello",
		"QUERY_STRING=", "SERVER_PROTOCOL=HTTP/1.1", "SERVER_SOFTWARE=Apache", "SERVER_NAME=localhost", "SERVER_PORT=80", "REMOTE_ADDR=127.0.0.1",
		"HTTP_HOST=localhost", "HTTP_USER_AGENT=bench/1.0", "HTTP_ACCEPT=*/*", "HTTP_ACCEPT_ENCODING=gzip", "HTTP_COOKIE=a=b"}
	out, err := cmd.Output()
	require.NoError(b, err)
	require.True(b, strings.HasSuffix(string(out), "\r\n\r\nHello, World!"), "%q", out)
	return cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
}

func median(times []time.Duration) time.Duration {
	slices.Sort(times)
	return times[len(times)/2]
}
