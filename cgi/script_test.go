package cgi_test

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/iotest"

	"github.com/postern-go/postern/cgi"
	"github.com/postern-go/postern/gateway"
	"github.com/stretchr/testify/require"
)

// program writes a shell program.
func program(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "program")
	writeProgram(t, path, "#!/bin/sh\n"+text)
	return path
}

// writeProgram keeps other tests from starting something meanwhile: it would hold the file open for writing for a moment, and such a file
// cannot be executed.
func writeProgram(t *testing.T, path, text string) {
	t.Helper()
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	require.NoError(t, os.WriteFile(path, []byte(text), 0o755))
}

// script returns a Script of a shell program, with its log.
func script(t *testing.T, text string) (*cgi.Script, *scriptLog) {
	t.Helper()
	log := new(scriptLog)
	return &cgi.Script{Path: program(t, text), ErrorLog: logger(log)}, log
}

func logger(log *scriptLog) *slog.Logger { return slog.New(slog.NewTextHandler(log, nil)) }

type scriptLog struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (l *scriptLog) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(p)
}

func (l *scriptLog) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}

// run answers one request; broken says that the handler broke the exchange off.
func run(h http.Handler, r *http.Request) (w *httptest.ResponseRecorder, broken bool) {
	w = httptest.NewRecorder()
	defer func() {
		if err := recover(); err == http.ErrAbortHandler {
			broken = true
		} else if err != nil {
			panic(err)
		}
	}()
	h.ServeHTTP(w, r)
	return w, false
}

func TestScriptResponse(t *testing.T) {
	for _, row := range []struct {
		why, text string
		status    int
		header    http.Header
		body      string
	}{
		{"a document", `printf 'Content-Type: text/plain\n\nhello'`, 200, http.Header{"Content-Type": {"text/plain"}}, "hello"},
		{"CR LF", `printf 'Content-Type: a/b\r\n\r\nhello'`, 200, http.Header{"Content-Type": {"a/b"}}, "hello"},
		{"a status in lower case", `printf 'status: 404 Not Here\n\nno'`, 404, nil, "no"},
		{"an NPH program", `printf 'HTTP/1.0 404 Not Found\r\nX-A: b\r\n\r\nno'`, 404, http.Header{"X-A": {"b"}}, "no"},
		{"a redirect for the client", `printf 'Location: http://other/\n\n'`, 302, http.Header{"Location": {"http://other/"}}, ""},
		{"a local redirect goes to the client where nobody else can follow", `printf 'Location: /x\n\n'`, 302, http.Header{"Location": {"/x"}}, ""},
		{"a long line", `printf 'X-Long: %05000d\n\nx' 0`, 200, http.Header{"X-Long": {strings.Repeat("0", 5000)}}, "x"},
		{"an exit status that is not 0", `printf 'X-A: b\n\nall'; exit 3`, 200, http.Header{"X-A": {"b"}}, "all"},
	} {
		s, _ := script(t, row.text)
		w, broken := run(s, httptest.NewRequest("GET", "/", nil))
		require.False(t, broken, row.why)
		require.Equal(t, row.status, w.Code, row.why)
		require.Equal(t, row.body, w.Body.String(), row.why)
		for name, want := range row.header {
			require.Equal(t, want, w.Header()[name], row.why)
		}
	}
}

func TestScriptErrors(t *testing.T) {
	dir := t.TempDir()
	plain := filepath.Join(dir, "plain")
	require.NoError(t, os.WriteFile(plain, []byte("#!/bin/sh\n"), 0o644))
	broken := filepath.Join(dir, "broken")
	require.NoError(t, os.WriteFile(broken, []byte("#!/none/such\n"), 0o755))
	for _, row := range []struct {
		why, path string
		status    int
		log       string
	}{
		{"a missing program", filepath.Join(dir, "none"), 404, "no such file"},
		{"a file where a directory should be", plain + "/x", 404, "not a directory"},
		{"a program that is not executable", plain, 403, "not an executable file"},
		{"a directory", dir, 403, "not an executable file"},
		{"an interpreter that is not there", broken, 500, "no such file"},
		{"no output", program(t, `exit 7`), 502, "empty response"},
		{"no head", program(t, `echo hello; echo`), 502, "malformed response"},
		{"half a head", program(t, `echo 'Status: 200 OK'`), 502, "ends in its head"},
		{"a status of 099", program(t, `printf 'Status: 099 Low\n\n'`), 502, "three digits"},
		{"a head without end", program(t, `exec head -c 100000 /dev/zero | tr '\0' x`), 502, "over the limit"},
		{"killed before its head", program(t, `kill -KILL $$`), 502, "empty response"},
	} {
		log := new(scriptLog)
		s := &cgi.Script{Path: row.path, ErrorLog: logger(log)}
		w, aborted := run(s, httptest.NewRequest("GET", "/", nil))
		require.False(t, aborted, row.why)
		require.Equal(t, row.status, w.Code, row.why)
		require.Equal(t, fmt.Sprintf("%d %s\n", row.status, http.StatusText(row.status)), w.Body.String(), row.why)
		require.Contains(t, log.String(), row.log, row.why)
	}
}

func TestScriptWithoutItsDirectory(t *testing.T) {
	s, log := script(t, `echo`)
	s.Dir = "/none/such"
	w, _ := run(s, httptest.NewRequest("GET", "/", nil))
	require.Equal(t, 500, w.Code)
	require.Contains(t, log.String(), "working directory: stat /none/such: no such file", "it is not the program that is missing")
}

func TestScriptBreaksOff(t *testing.T) {
	for _, row := range []struct {
		why, text string
		body      string
		broken    bool
	}{
		{"killed in its body", `printf 'X: y\n\nhalf'; kill -KILL $$`, "half", true},
		{"less than announced", `printf 'Content-Length: 6\n\nhello'`, "hello", true},
		{"killed after all that was announced", `printf 'Content-Length: 5\n\nhello'; kill -KILL $$`, "hello", false},
	} {
		s, log := script(t, row.text)
		w, broken := run(s, httptest.NewRequest("GET", "/", nil))
		require.Equal(t, row.broken, broken, row.why)
		require.Equal(t, row.body, w.Body.String(), row.why)
		require.NotEmpty(t, log.String(), row.why)
	}
}

func TestScriptEnvironment(t *testing.T) {
	t.Setenv("SECRET", "42")
	t.Setenv("LISTED", "yes")
	t.Setenv("HTTP_PROXY", "http://inner")
	s, _ := script(t, `printf 'Content-Type: text/plain\n\n'; env; echo "PWD=$(pwd)"; echo "ARGS=$#"`)
	s.Mount, s.Env = "/app", []string{"LISTED", "MISSING", "GIT_PROJECT_ROOT=/srv/git"}
	r := httptest.NewRequest("POST", "/app/x%20y?q=1+2", strings.NewReader("hello"))
	r.Header = http.Header{"Content-Type": {"a/b"}, "Proxy": {"http://evil"}, "Authorization": {"Basic eA=="}, "X-User": {"good"}, "X_user": {"evil"}, "Cookie": {"a=b", "c=d"}}
	w, broken := run(s, r)
	require.False(t, broken)
	have := map[string]string{}
	for line := range strings.Lines(w.Body.String()) {
		name, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "=")
		have[name] = value
	}
	for name, want := range map[string]string{
		"GATEWAY_INTERFACE": "CGI/1.1", "REQUEST_METHOD": "POST", "QUERY_STRING": "q=1+2", "SCRIPT_NAME": "/app", "PATH_INFO": "/x y",
		"CONTENT_LENGTH": "5", "CONTENT_TYPE": "a/b", "SERVER_PROTOCOL": "HTTP/1.1", "SERVER_SOFTWARE": "postern", "SCRIPT_FILENAME": s.Path,
		"HTTP_X_USER": "good", "HTTP_COOKIE": "a=b; c=d", "LISTED": "yes", "GIT_PROJECT_ROOT": "/srv/git", "PATH": os.Getenv("PATH"),
		"PWD": filepath.Dir(s.Path), "ARGS": "0",
	} {
		require.Equal(t, want, have[name], name)
	}
	for _, name := range []string{"SECRET", "MISSING", "HTTP_PROXY", "HTTP_AUTHORIZATION", "HTTP_CONTENT_TYPE", "HTTP_CONTENT_LENGTH"} {
		require.NotContains(t, have, name)
	}
	s.Authorization = true
	r.Body = io.NopCloser(strings.NewReader("hello"))
	w, _ = run(s, r)
	require.Contains(t, w.Body.String(), "HTTP_AUTHORIZATION=Basic eA==", "when it is asked for")
}

func TestScriptVariables(t *testing.T) {
	authenticated := func(r *http.Request) *http.Request {
		v := gateway.Vars(r).Clone()
		v.Set("AUTH_TYPE", "Basic")
		v.Set("REMOTE_USER", "joe")
		return gateway.WithVars(r, v)
	}
	for _, row := range []struct {
		why    string
		change func(s *cgi.Script, r *http.Request) *http.Request
		want   string // name=value, or a name that is not there
	}{
		{"there is no PATH_TRANSLATED without a document root", nil, "PATH_TRANSLATED"},
		{"nor DOCUMENT_ROOT", nil, "DOCUMENT_ROOT"},
		{"PATH_INFO below the document root", func(s *cgi.Script, r *http.Request) *http.Request { s.DocumentRoot = "/srv/www"; return r }, "PATH_TRANSLATED=/srv/www/Info/x/"},
		{"the document root", func(s *cgi.Script, r *http.Request) *http.Request { s.DocumentRoot = "/srv/www"; return r }, "DOCUMENT_ROOT=/srv/www"},
		{"no way out of it", func(s *cgi.Script, r *http.Request) *http.Request {
			s.DocumentRoot = "/srv/www"
			r.URL.Path = "/app/../../etc/passwd"
			return r
		}, "PATH_TRANSLATED=/srv/www/etc/passwd"},
		{"no PATH_TRANSLATED without PATH_INFO", func(s *cgi.Script, r *http.Request) *http.Request {
			s.DocumentRoot = "/srv/www"
			r.URL.Path = "/app"
			return r
		}, "PATH_TRANSLATED"},
		{"nobody is authenticated by what the client says", nil, "REMOTE_USER"},
		{"nor asked to be", nil, "AUTH_TYPE"},
		{"a handler that authenticates says who it is", func(_ *cgi.Script, r *http.Request) *http.Request { return authenticated(r) }, "REMOTE_USER=joe"},
		{"and how it knows", func(_ *cgi.Script, r *http.Request) *http.Request { return authenticated(r) }, "AUTH_TYPE=Basic"},
		{"no HTTPS over HTTP", nil, "HTTPS"},
		{"TLS is HTTPS", func(_ *cgi.Script, r *http.Request) *http.Request { r.TLS = new(tls.ConnectionState); return r }, "HTTPS=on"},
		{"repeated fields are merged", nil, "HTTP_X_MANY=a, b"},
		{"a name with a dot is not that with a hyphen", nil, "HTTP_X_USER=good"},
		{"one that stands alone has its variable", nil, "HTTP_X_ALONE=1"},
	} {
		s, _ := script(t, `printf 'Content-Type: text/plain\n\n\n'; env`)
		s.Mount = "/app"
		r := httptest.NewRequest("GET", "/app/Info/x/", nil)
		r.SetBasicAuth("mallory", "secret")
		r.Header["X-Many"], r.Header["X-User"], r.Header["X.user"], r.Header["X_alone"] = []string{"a", "b"}, []string{"good"}, []string{"evil"}, []string{"1"}
		r.Header.Set("Remote-User", "mallory")
		if row.change != nil {
			r = row.change(s, r)
		}
		w, _ := run(s, r)
		if strings.Contains(row.want, "=") {
			require.Contains(t, w.Body.String(), "\n"+row.want+"\n", row.why)
		} else {
			require.NotContains(t, w.Body.String(), "\n"+row.want+"=", row.why)
		}
	}
}

func TestScriptMount(t *testing.T) {
	s, _ := script(t, `printf '\n%s' "${PATH_INFO-none}"`)
	s.Mount = "/app"
	for _, row := range []struct {
		why, path string
		status    int
		body      string
	}{
		{"the rest is PATH_INFO", "/app/x", 200, "/x"},
		{"without rest there is none (RFC 3875, section 4.1.5)", "/app", 200, "none"},
		{"another path", "/apple", 404, "404 Not Found\n"},
	} {
		w, _ := run(s, httptest.NewRequest("GET", row.path, nil))
		require.Equal(t, row.status, w.Code, row.why)
		require.Equal(t, row.body, w.Body.String(), row.why)
	}
}

func TestScriptBody(t *testing.T) {
	large := strings.Repeat("0123456789abcdef", 1<<15)
	for _, row := range []struct {
		why, text string
		body      io.Reader
		want      string
	}{
		{"no body is an empty input", `printf '\n%s' "${CONTENT_LENGTH-none}"; cat`, nil, "none"},
		{"a body", `printf '\n%s ' "$CONTENT_LENGTH"; cat`, strings.NewReader("hello"), "5 hello"},
		{"a body of unknown length is measured", `printf '\n%s ' "$CONTENT_LENGTH"; cat`, io.MultiReader(strings.NewReader("hello")), "5 hello"},
		{"a large body comes back", `echo; exec cat`, strings.NewReader(large), large},
		{"a large body of unknown length", `echo; exec cat`, io.MultiReader(strings.NewReader(large)), large},
		{"output before input", `echo; head -c 300000 /dev/zero; wc -c`, strings.NewReader(large), strings.Repeat("\x00", 300_000) + "524288\n"},
		{"nobody reads the body", `printf '\nno'`, strings.NewReader(large), "no"},
	} {
		s, log := script(t, row.text)
		w, broken := run(s, httptest.NewRequest("POST", "/", row.body))
		require.False(t, broken, "%s: %s", row.why, log)
		require.True(t, row.want == w.Body.String(), row.why)
	}
}

func TestScriptBodyLimit(t *testing.T) {
	s, log := script(t, `echo; cat`)
	s.SpoolLimit = 4
	w, _ := run(s, httptest.NewRequest("POST", "/", io.MultiReader(strings.NewReader("hello"))))
	require.Equal(t, 413, w.Code)
	require.Contains(t, log.String(), "request body over the limit")
}

func TestScriptBodyFails(t *testing.T) {
	for _, row := range []struct {
		why    string
		length int64
		body   io.Reader
		status int
		log    string
	}{
		{"shorter than announced", 6, strings.NewReader("hello"), 400, "request body: unexpected EOF"},
		{"of unknown length and malformed", -1, iotest.ErrReader(errors.New("malformed chunk")), 400, "request body: malformed chunk"},
		{"longer than a limit of the front", 6, http.MaxBytesReader(nil, io.NopCloser(strings.NewReader("hello!")), 4), 413, "request body too large"},
		{"of unknown length and longer than it", -1, http.MaxBytesReader(nil, io.NopCloser(strings.NewReader("hello!")), 4), 413, "request body too large"},
		{"too slow for the front", 6, iotest.ErrReader(os.ErrDeadlineExceeded), 408, "request body: i/o timeout"},
	} {
		s, log := script(t, `cat >/dev/null; printf '\ncomplete'`)
		r := httptest.NewRequest("POST", "/", row.body)
		r.ContentLength = row.length
		w, _ := run(s, r)
		require.NotContains(t, w.Body.String(), "complete", "the program does not take a part for the whole")
		require.Equal(t, row.status, w.Code, row.why)
		require.Contains(t, log.String(), row.log, row.why)
	}
}

func TestScriptStderr(t *testing.T) {
	s, log := script(t, `echo one >&2; printf 'two' >&2; printf '\nout'`)
	w, _ := run(s, httptest.NewRequest("GET", "/x", nil))
	require.Equal(t, "out", w.Body.String())
	require.Contains(t, log.String(), `msg="cgi: stderr" line=one program=`+s.Path+" method=GET uri=/x")
	require.Contains(t, log.String(), `line=two`, "also without a line end, and at the very end")
}

func TestScriptStderrComesWhileTheProgramRuns(t *testing.T) {
	fifo := filepath.Join(t.TempDir(), "fifo")
	require.NoError(t, syscall.Mkfifo(fifo, 0o600))
	s, _ := script(t, `echo early >&2; cat "$FIFO"; echo late >&2; exit 3`)
	s.Env = []string{"FIFO=" + fifo}
	logged, log := io.Pipe()
	s.ErrorLog = slog.New(slog.NewTextHandler(log, nil))
	served := make(chan struct{})
	go func() {
		defer close(served)
		defer log.Close()
		run(s, httptest.NewRequest("GET", "/", nil))
	}()
	lines := bufio.NewScanner(logged)
	require.True(t, lines.Scan())
	require.Contains(t, lines.Text(), "line=early", "the program waits: nobody has fed it")
	require.NoError(t, os.WriteFile(fifo, []byte("\n"), 0))
	require.True(t, lines.Scan())
	require.Contains(t, lines.Text(), "line=late")
	require.True(t, lines.Scan())
	require.Contains(t, lines.Text(), "exit status 3")
	require.False(t, lines.Scan())
	<-served
}

func TestScriptStderrComesBeforeTheStatus(t *testing.T) {
	s, log := script(t, `echo; echo reason >&2; exit 3`)
	run(s, httptest.NewRequest("GET", "/", nil))
	require.Regexp(t, "(?s)line=reason.*exit status 3", log.String())
}

func TestScriptStreams(t *testing.T) {
	fifo := filepath.Join(t.TempDir(), "fifo")
	require.NoError(t, syscall.Mkfifo(fifo, 0o600))
	s, _ := script(t, `printf 'Content-Type: text/event-stream\n\n'; cat "$FIFO"`)
	s.Env = []string{"FIFO=" + fifo}
	front := httptest.NewServer(s)
	defer front.Close()
	resp, err := http.Get(front.URL)
	require.NoError(t, err, "the head comes before there is a body")
	defer resp.Body.Close()
	feed, err := os.OpenFile(fifo, os.O_WRONLY, 0)
	require.NoError(t, err)
	for i := range 3 {
		event := fmt.Sprintf("data: %d\n\n", i)
		_, err := io.WriteString(feed, event)
		require.NoError(t, err)
		got := make([]byte, len(event))
		_, err = io.ReadFull(resp.Body, got)
		require.NoError(t, err)
		require.Equal(t, event, string(got), "an event arrives before the next is made")
	}
	require.NoError(t, feed.Close())
	rest, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	require.Empty(t, rest)
}

func TestScriptAnswersBeforeTheBodyIsSent(t *testing.T) {
	s, _ := script(t, `printf 'Status: 401 No\n\n'`)
	front := httptest.NewServer(s)
	defer front.Close()
	body, feed := io.Pipe()
	defer feed.Close()
	r, err := http.NewRequest("POST", front.URL, body)
	require.NoError(t, err)
	r.ContentLength = 1 << 20
	resp, err := http.DefaultClient.Do(r)
	require.NoError(t, err)
	defer resp.Body.Close()
	require.Equal(t, 401, resp.StatusCode, "nobody waits for a client that still sends")
}

func TestScriptConcurrent(t *testing.T) {
	s, _ := script(t, `printf '\n%s ' "$QUERY_STRING"; cat`)
	var wg sync.WaitGroup
	for i := range 16 {
		wg.Go(func() {
			w, broken := run(s, httptest.NewRequest("POST", fmt.Sprintf("/?%d", i), strings.NewReader("body")))
			if broken || w.Body.String() != fmt.Sprintf("%d body", i) {
				t.Errorf("request %d: %q", i, w.Body)
			}
		})
	}
	wg.Wait()
}

func TestScriptGetsTheVariablesOfTheFront(t *testing.T) {
	s, log := script(t, `printf 'Content-Type: text/plain\n\n'; tr '\0' '\n' </proc/$$/environ`) // as it was before the shell took from it
	var out bytes.Buffer
	err := (&cgi.Program{Stdout: &out, Stderr: io.Discard, Environ: []string{
		"REQUEST_METHOD=GET", "REQUEST_URI=/x?y", "SCRIPT_NAME=/x", "QUERY_STRING=y", "SERVER_PROTOCOL=HTTP/1.1", "SERVER_NAME=h", "SERVER_PORT=80",
		"GIT_PROJECT_ROOT=/srv/git", "HTTP_AUTHORIZATION=Basic eA==", "SCRIPT_FILENAME=/srv/x", "SERVER_SOFTWARE=nginx", "CONTENT_LENGTH=", "HTTP_HOST=h",
		"HTTP_PROXY=http://evil", "LD_PRELOAD=/evil.so", "LD_LIBRARY_PATH=/evil", "BASH_FUNC_ls%%=() { evil; }", "BASH_ENV=/evil", "ENV=/evil", "IFS=x", "PATH=/evil",
	}}).Serve(t.Context(), s)
	require.NoError(t, err, log)
	lines := strings.Split(out.String(), "\n")
	for _, want := range []string{"GIT_PROJECT_ROOT=/srv/git", "HTTP_AUTHORIZATION=Basic eA==", "SCRIPT_FILENAME=/srv/x", "SERVER_SOFTWARE=nginx", "SCRIPT_NAME=/x", "QUERY_STRING=y", "PATH=" + os.Getenv("PATH")} {
		require.Contains(t, lines, want, "what the web server set is passed on")
	}
	for _, name := range []string{"HTTP_PROXY", "LD_PRELOAD", "LD_LIBRARY_PATH", "BASH_FUNC_ls%%", "BASH_ENV", "ENV", "IFS", "CONTENT_LENGTH"} {
		require.NotContains(t, out.String(), "\n"+name+"=", "what no request may set, and what is empty")
	}
}
