package origin

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/postern-go/postern/gateway"
	"github.com/stretchr/testify/require"
)

func TestDemoApp(t *testing.T) {
	t.Setenv("ORIGIN_SECRET", "the process environment stays where it is")
	g := open(t, "unix", &Server{Handler: DemoApp(), ServerSoftware: "postern"})
	text := "Hello world!\n\n" +
		"GATEWAY_INTERFACE = 'CGI/1.1'\n" +
		"HTTP_CONNECTION = 'close'\n" +
		"HTTP_HOST = 'h'\n" +
		"HTTP_X_QUOTE = \"it's\"\n" +
		"PATH_INFO = '/a b'\n" +
		"QUERY_STRING = 'c=d'\n" +
		"REMOTE_ADDR = 'unix:'\n" +
		"REMOTE_HOST = 'unix:'\n" +
		"REQUEST_METHOD = 'GET'\n" +
		"REQUEST_SCHEME = 'http'\n" +
		"REQUEST_URI = '/a%20b?c=d'\n" +
		"SCRIPT_NAME = ''\n" +
		"SERVER_NAME = 'h'\n" +
		"SERVER_PORT = '80'\n" +
		"SERVER_PROTOCOL = 'HTTP/1.1'\n" +
		"SERVER_SOFTWARE = 'postern'\n"
	want := response("200 OK", text, "Server: postern", "Connection: close")
	want = strings.Replace(want, "OK\r\n", "OK\r\nContent-Type: text/plain; charset=utf-8\r\nVary: Accept\r\n", 1)
	require.Equal(t, want, g.answer("GET /a%20b?c=d HTTP/1.1\r\nHost: h\r\nX-Quote: it's\r\nConnection: close\r\n\r\n"))
}

func TestDemoPage(t *testing.T) {
	r := httptest.NewRequest("GET", "/?<&>", nil)
	r.Header.Set("Accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8")
	w := httptest.NewRecorder()
	DemoApp().ServeHTTP(w, r)
	require.Equal(t, "text/html; charset=utf-8", w.Header().Get("Content-Type"))
	page := w.Body.String()
	require.Contains(t, page, "<h1>Hello world!</h1>")
	require.Contains(t, page, "<tr><th scope=\"row\">QUERY_STRING</th><td>&#39;&lt;&amp;&gt;&#39;</td></tr>\n")
	require.Equal(t, gateway.Vars(r).Len(), strings.Count(page, "<tr>"), "every variable")
}

func TestPreferenceForHTML(t *testing.T) {
	for _, row := range []struct {
		why, accept string
		html        bool
	}{
		{"nothing said", "", false},
		{"curl does not mind", "*/*", false},
		{"a browser", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", true},
		{"HTML alone", "text/html", true},
		{"plain text alone", "text/plain", false},
		{"both alike", "text/html, text/plain", false},
		{"plain text before HTML", "text/html;q=0.5, text/plain", false},
		{"HTML before plain text", "text/plain;q=0.5, text/html;q=0.6", true},
		{"any text but plain", "text/*, text/plain;q=0.1", true},
		{"the more specific range counts", "text/html;q=0.1, */*", false},
		{"no HTML", "text/html;q=0, text/plain;q=0", false},
		{"capital letters", "TEXT/HTML;Q=1", true},
		{"nonsense", ";;,=,text/html;q=x", false},
	} {
		require.Equal(t, row.html, prefersHTML(http.Header{"Accept": {row.accept}}["Accept"]), row.why)
	}
	require.True(t, prefersHTML([]string{"text/plain;q=0.5", "text/html"}), "two fields")
}

func TestRepr(t *testing.T) {
	for _, row := range []struct{ why, text, want string }{
		{"nothing", "", `''`},
		{"plain text", "a b", `'a b'`},
		{"a single quote", "it's", `"it's"`},
		{"double quotes", `say "hi"`, `'say "hi"'`},
		{"both", `it's "both"`, `'it\'s "both"'`},
		{"a backslash", `back\slash`, `'back\\slash'`},
		{"controls with names", "tab\tnl\ncr\r", `'tab\tnl\ncr\r'`},
		{"controls without", "\x00\x1b\x7f", `'\x00\x1b\x7f'`},
		{"other scripts", "ä€😀", `'ä€😀'`},
		{"spaces and hyphens that cannot be seen", "\u00a0\u00ad", `'\xa0\xad'`},
		{"more of them", "\u200b\u2028", `'\u200b\u2028'`},
		{"far away", "\U000e0001", `'\U000e0001'`},
		{"the character for what is none", "\ufffd", `'` + "\ufffd" + `'`},
		{"what is no UTF-8", "\xff\xc3", `'\xff\xc3'`},
	} {
		require.Equal(t, row.want, repr(row.text), row.why)
	}
}
