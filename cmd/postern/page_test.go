package main

import (
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/postern-go/postern/gateway"
	"github.com/postern-go/postern/internal/address"
)

// panelOf is a gate's own part of the page.
func panelOf(t *testing.T, page, id string) string {
	t.Helper()
	_, panel, found := strings.Cut(page, `<article id="`+id+`"`)
	require.True(t, found, "no panel %q in %s", id, page)
	panel, _, found = strings.Cut(panel, "</article>")
	require.True(t, found, id)
	return panel
}

const answered = `(?s)<strong class="status">200 OK</strong> <span class="time">\d+\.\d\d ms</span>`

func TestPagePanels(t *testing.T) {
	p := start(t, "demo", "--listen", "127.0.0.1:0")
	p.stdout.await(t, "ctrl-c ends it")
	addr := strings.TrimSuffix(strings.Fields(p.stdout.seen[0])[0], "/")
	status, page := through(t, addr, "/?colour=blue&<script>", "text/html")
	require.Equal(t, http.StatusOK, status)
	require.NotContains(t, page, "<script", "what the visitor says is text")
	for _, row := range []struct {
		id   string
		want []string
	}{
		{"cgi", []string{
			`<a href="/cgi/">CGI</a>`, `<dt>protocol</dt><dd><mark>cgi</mark>`, `<dt>multithread</dt><dd><mark>no</mark>`,
			`<dt>multiprocess</dt><dd><mark>yes</mark>`, `<dt>run once</dt><dd><mark>yes</mark>`, `<dt>SCRIPT_NAME</dt><dd><mark>/cgi</mark>`,
		}},
		{"fastcgi", []string{
			`<a href="/fastcgi/">FastCGI</a>`, `<dt>protocol</dt><dd><mark>fastcgi</mark>`, `<dt>multithread</dt><dd>yes<`,
			`<dt>run once</dt><dd>no<`, `<dt>role</dt><dd><mark>RESPONDER</mark>`, `<dt>SCRIPT_NAME</dt><dd><mark>/fastcgi</mark>`,
		}},
		{"scgi", []string{`<a href="/scgi/">SCGI</a>`, `<dt>protocol</dt><dd><mark>scgi</mark>`, `<dt>SCGI</dt><dd><mark>1</mark>`}},
		{"http", []string{`<a href="/http/">HTTP</a>`, `<dt>protocol</dt><dd><mark>http</mark>`, `<dt>PATH_INFO</dt><dd><mark>/http/</mark>`}},
	} {
		panel := panelOf(t, page, row.id)
		require.Regexp(t, answered, panel, row.id)
		for _, want := range append(row.want,
			`<dt>SERVER_PROTOCOL</dt><dd>HTTP/1.1</dd>`, `<dt>QUERY_STRING</dt><dd>colour=blue&amp;&lt;script&gt;</dd>`, "http://postern.test/"+row.id+"/</code>",
		) {
			require.Contains(t, panel, want, row.id)
		}
	}
	require.Regexp(t, `<dt>process</dt><dd><mark>[1-9]\d*</mark>`, panelOf(t, page, "cgi"), "a process of its own has answered")
	require.Contains(t, page, `<td role="cell" data-gate="SCGI"><mark>1</mark></td><td role="cell" data-gate="HTTP"><span class="none">not set</span></td>`)
	var noted []string
	for _, name := range regexp.MustCompile(`<th role="rowheader" scope="row">(\w+)`).FindAllStringSubmatch(page, -1) {
		noted = append(noted, name[1])
	}
	require.Equal(t, slices.Sorted(maps.Keys(notes)), noted, "what differs is what there is a note about")
}

// Each gate fails in its own panel, and the others answer.
func TestPageGateFails(t *testing.T) {
	for _, row := range []struct {
		id      string
		breakIt func(program, dir string) error
	}{
		{"cgi", func(program, _ string) error { return os.Remove(program) }},
		{"fastcgi", func(_, dir string) error { return os.Remove(worker(dir, address.FastCGI).Host) }},
		{"scgi", func(_, dir string) error { return os.Remove(worker(dir, address.SCGI).Host) }},
		{"http", func(_, dir string) error { return os.Remove(worker(dir, address.HTTP).Host) }},
	} {
		t.Run(row.id, func(t *testing.T) {
			program := copyOfBinary(t)
			addr := "http+unix://" + t.TempDir() + "/door"
			p := startCmd(t, exec.Command(program, "demo", "--listen", addr))
			p.stdout.await(t, "ctrl-c ends it")
			dirs, err := filepath.Glob(p.tmp + "/postern-demo-*")
			require.NoError(t, err)
			require.Len(t, dirs, 1)
			require.NoError(t, row.breakIt(program, dirs[0]))

			status, page := through(t, addr, "/", "text/html")
			require.Equal(t, http.StatusOK, status)
			for _, id := range []string{"cgi", "fastcgi", "scgi", "http"} {
				panel := panelOf(t, page, id)
				if id == row.id {
					require.Regexp(t, `(?s)^ class="failed".*<strong class="status">[45]0\d .*<p class="error" role="alert">no report but `, panel, id)
					require.NotContains(t, panel, "<dl", id)
					continue
				}
				require.Regexp(t, answered, panel, id)
				require.NotContains(t, panel, "failed", id)
				require.Contains(t, panel, "<dt>SERVER_PROTOCOL</dt><dd>HTTP/1.1</dd>", id)
			}
			require.Contains(t, page, "The same through every gate that answered")
			p.stderr.await(t, "level=ERROR msg=\""+row.id+": ")
			p.end(syscall.SIGTERM, 0)
		})
	}
}

func copyOfBinary(t *testing.T) string {
	t.Helper()
	data, err := os.ReadFile(binary)
	require.NoError(t, err)
	path := filepath.Join(t.TempDir(), "postern")
	require.NoError(t, os.WriteFile(path, data, 0o755))
	return path
}

// direct asks a handler without any connection.
type direct struct{ http.Handler }

func (d direct) RoundTrip(r *http.Request) (*http.Response, error) {
	answer := httptest.NewRecorder()
	d.ServeHTTP(answer, r)
	return answer.Result(), r.Context().Err()
}

// reports is a gate that says the same to everybody.
func reports(protocol string, variables map[string]string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		json.NewEncoder(w).Encode(report{Flags: gateway.Flags{Protocol: protocol}, Variables: variables})
	}
}

func TestPageFailures(t *testing.T) {
	for _, row := range []struct {
		gate http.HandlerFunc
		want []string
		why  string
	}{
		{func(w http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
			[]string{"no answer</strong>", "3000.00 ms", "no answer within 3s"}, "a gate that hangs"},
		{func(w http.ResponseWriter, r *http.Request) {
			http.Error(w, "full <house>", http.StatusServiceUnavailable)
		},
			[]string{"503 Service Unavailable</strong>", "0.00 ms", "full &lt;house&gt;"}, "a gate that refuses"},
		{func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "Hello") },
			[]string{"200 OK</strong>", "no report in &#34;Hello&#34;"}, "an answer that is no report"},
		{func(w http.ResponseWriter, r *http.Request) { w.Write(make([]byte, 2*maxReport)) },
			[]string{"no report in "}, "an answer too long"},
	} {
		synctest.Test(t, func(t *testing.T) {
			fine := reports("fine", map[string]string{"A": "b"})
			d := newDoor([]gate{{"Broken", "/broken/", "", row.gate}, {"Fine", "/fine/", "", fine}})
			d.client = direct{d}
			answer := httptest.NewRecorder()
			d.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "/", nil))
			require.Equal(t, http.StatusOK, answer.Code, row.why)
			for _, want := range append(row.want, `class="failed"`) {
				require.Contains(t, panelOf(t, answer.Body.String(), "broken"), want, row.why)
			}
			panel := panelOf(t, answer.Body.String(), "fine")
			require.Contains(t, panel, `200 OK</strong> <span class="time">0.00 ms`, row.why)
			require.Contains(t, panel, `<dt>A</dt><dd>b</dd>`, row.why)
		})
	}
}

func TestRowMarks(t *testing.T) {
	const missing, failed = "-", "!"
	for _, row := range []struct {
		values, odd string
		differs     bool
		why         string
	}{
		{"a a a a", "....", false, "alike"},
		{"a a b a", "..^.", true, "one says something else"},
		{"a - a a", ".^..", true, "one says nothing"},
		{"- - a -", "..^.", true, "one says something"},
		{"a a b b", "^^^^", true, "no majority"},
		{"a b c d", "^^^^", true, "everybody differs"},
		{"a b a c", "^^^^", true, "half is no majority"},
		{"a ! a a", "....", false, "a gate that failed does not differ"},
		{"a ! b a", "..^.", true, "nor does it count"},
		{"a ! ! !", "....", false, "there is nobody to differ from"},
		{"! ! ! !", "....", false, "nobody says anything"},
	} {
		var passages []passage
		for value := range strings.FieldsSeq(row.values) {
			p := passage{Report: report{Variables: map[string]string{}}}
			switch value {
			case failed:
				p.Error = "failed"
			case missing:
			default:
				p.Report.Variables["X"] = value
			}
			passages = append(passages, p)
		}
		got := newRow("X", passages, func(r report) (string, bool) { v, ok := r.Variables["X"]; return v, ok })
		odd := ""
		for _, c := range got.Cells {
			odd += map[bool]string{true: "^", false: "."}[c.Odd]
		}
		require.Equal(t, row.odd, odd, row.why)
		require.Equal(t, row.differs, got.Differs, row.why)
	}
}

func TestCurl(t *testing.T) {
	for _, row := range []struct {
		at   address.Address
		host string
		want string
		why  string
	}{
		{address.Address{Network: address.TCP, Host: "127.0.0.1:80"}, "box.test:8080", "curl http://box.test:8080", "the name the visitor knows"},
		{address.Address{Network: address.TCP, Host: "127.0.0.1:80"}, "", "curl http://127.0.0.1:80", "no Host"},
		{address.Address{Network: address.TCP, Host: "127.0.0.1:80"}, "a(b)", "curl http://127.0.0.1:80", "a host that a shell would take apart"},
		{address.Address{Network: address.TCP, Host: "[::1]:80"}, "[::1]:80", "curl 'http://[::1]:80'", "brackets are a pattern to a shell"},
		{address.Address{Network: address.Unix, Host: "/run/it's"}, "x", `curl --unix-socket '/run/it'\''s' http://postern`, "a socket file"},
		{address.Address{Network: address.Unix, Host: "@door"}, "x", "curl --abstract-unix-socket door http://postern", "a socket without a file"},
	} {
		d := &door{at: row.at}
		require.Equal(t, row.want, d.curl(row.host), row.why)
	}
}
