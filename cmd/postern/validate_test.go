package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-go/postern/scgi"
)

// A finding is a line of the log that --validate writes.
type finding struct {
	Level, Msg, Rule, Side, Place, Detail, Section, Fix, Request string
}

// findings reads the next n lines of the log.
func findings(t *testing.T, l *lines, n int) map[string]finding {
	t.Helper()
	byRule := map[string]finding{}
	for range n {
		line, more := <-l.next
		require.True(t, more)
		var f finding
		require.NoError(t, json.Unmarshal([]byte(line), &f), line)
		require.NotEmpty(t, f.Rule, line)
		byRule[f.Rule] = f
	}
	return byRule
}

// A client without an address asks a program that redirects to nowhere: the findings are about both sides.
func TestServeValidate(t *testing.T) {
	dir := t.TempDir()
	program := filepath.Join(dir, "a.cgi")
	script := "#!/bin/sh\nprintf 'Status: 302 Found\\r\\nContent-Type: text/plain\\r\\n\\r\\n'\n"
	require.NoError(t, os.WriteFile(program, []byte(script), 0o755))
	for _, protocol := range workerProtocols[:2] { // a client of the third always has an address
		addr := worker(dir, protocol).String()
		p := start(t, "serve", "--validate", "--log", "json", "--listen", addr, "--to", "cgi:"+program)
		p.stderr.await(t, addr)
		for range 2 {
			status, _ := through(t, addr, "/a?b=c", "text/x-wanted")
			require.Equal(t, http.StatusFound, status)
		}
		got := findings(t, p.stderr, 3)
		server, application := got["vars-remote-addr-missing"], got["redirect-without-location"]
		require.Equal(t, finding{
			Level: "ERROR", Msg: "REMOTE_ADDR is missing.", Rule: "vars-remote-addr-missing", Side: "server", Place: "server",
			Section: "RFC 3875, section 4.1.8", Fix: "Send the address of the client.", Request: server.Request,
		}, server)
		require.Equal(t, "application", application.Side)
		require.Equal(t, "GET /a", application.Place)
		for _, f := range got {
			require.Contains(t, f.Request, "GET /a?b=c HTTP/1.1\nHost: postern.test\nAccept: text/x-wanted", "the request that caused it")
		}
		p.end(syscall.SIGTERM, 0)
		require.Len(t, p.stderr.seen, 1, "each finding once: nothing after the address but those three")
	}
}

// Behind a web server the demo application has nothing to be found.
func TestServeValidateFindsNothing(t *testing.T) {
	for _, level := range []string{"--validate", "--validate=strict", "--validate=false"} {
		w := worker(t.TempDir(), "scgi")
		p := start(t, "serve", level, "--listen", w.String(), "--to", "demo:")
		p.stderr.await(t, "address="+w.String())
		front := httptest.NewServer(&scgi.Transport{Network: w.Network, Address: w.Host})
		response, err := front.Client().Get(front.URL + "/a?b=c")
		require.NoError(t, err)
		response.Body.Close()
		require.Equal(t, http.StatusOK, response.StatusCode)
		front.Close()
		p.end(syscall.SIGTERM, 0)
		require.Len(t, p.stderr.seen, 1, "%s: %q", level, p.stderr.seen)
	}
}
