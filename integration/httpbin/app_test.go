package httpbin

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-go/postern/validate"
)

// An app is what the front ends serve.
type app struct {
	http.Handler
	name    string         // by which a CGI program knows it
	env     []string       // of a CGI program
	pending sync.WaitGroup // requests under way
}

// httpbin is the handler as it is, without the checker.
func httpbin() *app { return &app{Handler: handler(), name: "go-httpbin"} }

// track returns a handler whose requests are counted as under way.
func (a *app) track(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a.pending.Add(1)
		defer a.pending.Done()
		h.ServeHTTP(w, r)
	})
}

// Variables of a CGI program: the directory of the application, and the file to which findings go.
const (
	appDir       = "POSTERN_HTTPBIN_DIR"
	findingsFile = "POSTERN_HTTPBIN_FINDINGS"
)

// program is the application of a CGI program.
func program(name string) http.Handler {
	h := newHandler(name, os.Getenv(appDir))
	path := os.Getenv(findingsFile)
	if path == "" {
		return h
	}
	return checked(h, func(f validate.Finding) {
		if err := appendFinding(path, f); err != nil {
			panic(err)
		}
	})
}

func newHandler(name, dir string) http.Handler {
	for _, s := range subjects() {
		if s.name == name {
			return s.handler(dir)
		}
	}
	panic(fmt.Sprintf("httpbin: no application %q", name))
}

func checked(h http.Handler, report func(validate.Finding)) http.Handler {
	return validate.Handler(h, validate.Options{Level: validate.Strict, Report: report})
}

func appendFinding(path string, f validate.Finding) error {
	line, err := json.Marshal(f)
	if err != nil {
		return err
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		return err
	}
	defer file.Close()
	_, err = file.Write(append(line, '\n')) // whole, whoever else writes
	return err
}

// findings are what the checker reports of one application, from this process and from CGI programs.
type findings struct {
	mu   sync.Mutex
	list []validate.Finding
	file string
}

// checkedApp is the application under the checker.
func checkedApp(t *testing.T, name string) (*app, *findings) {
	t.Helper()
	dir := t.TempDir()
	found := &findings{file: filepath.Join(t.TempDir(), "findings")}
	require.NoError(t, os.WriteFile(found.file, nil, 0o600))
	a := &app{name: name, env: []string{appDir + "=" + dir, findingsFile + "=" + found.file}}
	a.Handler = a.track(checked(newHandler(name, dir), found.add))
	return a, found
}

func (f *findings) add(one validate.Finding) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.list = append(f.list, one)
}

// all returns the findings, when no request is under way any more.
func (f *findings) all(t *testing.T) []validate.Finding {
	t.Helper()
	file, err := os.Open(f.file)
	require.NoError(t, err)
	defer file.Close()
	for lines := json.NewDecoder(file); lines.More(); {
		var one validate.Finding
		require.NoError(t, lines.Decode(&one))
		f.add(one)
	}
	return f.list
}
