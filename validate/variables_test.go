package validate_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/postern-go/postern/gateway"
	"github.com/postern-go/postern/validate"
	"github.com/stretchr/testify/require"
)

// variableRows change the variables of a faultless request behind the engine's
// back; base changes them before, so that the request follows.
var variableRows = []struct{ rule, base, fires, quiet string }{
	{"vars-method-missing", "", "REQUEST_METHOD=", "REQUEST_METHOD=GET"},
	{"vars-method-differs", "", "REQUEST_METHOD=get", "REQUEST_METHOD=GET"},
	{"vars-gateway-interface-missing", "", "-GATEWAY_INTERFACE", "GATEWAY_INTERFACE=CGI/1.0"},
	{"vars-gateway-interface-malformed", "", "GATEWAY_INTERFACE=CGI/1.01", "GATEWAY_INTERFACE=CGI/1.10"},
	{"vars-server-name-missing", "", "SERVER_NAME=", "SERVER_NAME=a"},
	{"vars-server-name-malformed", "", "SERVER_NAME=h.test:80", "SERVER_NAME=h.test"},
	{"vars-server-name-malformed", "", "SERVER_NAME=2001:db8::1", "SERVER_NAME=[2001:db8::1]"},
	{"vars-server-port-missing", "", "-SERVER_PORT", "SERVER_PORT=8080"},
	{"vars-server-port-malformed", "", "SERVER_PORT=65536", "SERVER_PORT=65535"},
	{"vars-server-protocol-missing", "", "-SERVER_PROTOCOL", "SERVER_PROTOCOL=HTTP/1.1"},
	{"vars-server-protocol-differs", "", "SERVER_PROTOCOL=HTTP/1.0", "SERVER_PROTOCOL=HTTP/1.1"},
	{"vars-server-protocol-differs", "SERVER_PROTOCOL=HTTP/2", "SERVER_PROTOCOL=HTTP/3", "SERVER_PROTOCOL=HTTP/2"},
	{"vars-server-software-missing", "", "-SERVER_SOFTWARE", "SERVER_SOFTWARE=a"},
	{"vars-query-string-missing", "REQUEST_URI=/app/info\nQUERY_STRING=", "-QUERY_STRING", "QUERY_STRING="},
	{"vars-query-string-differs", "", "QUERY_STRING=a=c", "QUERY_STRING=a=b"},
	{"vars-script-name-missing", "SCRIPT_NAME=\nPATH_INFO=/app/info", "-SCRIPT_NAME", "SCRIPT_NAME="},
	{"vars-script-name-relative", "", "SCRIPT_NAME=app", "SCRIPT_NAME=/app"},
	{"vars-script-name-root", "REQUEST_URI=/", "SCRIPT_NAME=/\nPATH_INFO=", "SCRIPT_NAME=\nPATH_INFO=/"},
	{"vars-path-info-relative", "", "PATH_INFO=info", "PATH_INFO=/info"},
	{"vars-path-missing", "", "SCRIPT_NAME=\nPATH_INFO=", "PATH_INFO="},
	{"vars-path-differs", "REQUEST_URI=/app/in%66o", "PATH_INFO=/in%66o", "PATH_INFO=/info"},
	{"vars-path-translated-alone", "", "PATH_TRANSLATED=/srv\n-PATH_INFO", "PATH_TRANSLATED=/srv"},
	{"vars-content-length-missing", "REQUEST_METHOD=POST\nCONTENT_LENGTH=4", "CONTENT_LENGTH=", "CONTENT_LENGTH=4"},
	{"vars-content-length-malformed", "REQUEST_METHOD=POST\nCONTENT_LENGTH=4", "CONTENT_LENGTH=+4", "CONTENT_LENGTH=04"},
	{"vars-content-length-unknown", "REQUEST_METHOD=POST", "CONTENT_LENGTH=-1", "CONTENT_LENGTH="},
	{"vars-content-length-differs", "REQUEST_METHOD=POST\nCONTENT_LENGTH=4", "CONTENT_LENGTH=5", "CONTENT_LENGTH=4"},
	{"vars-content-type-missing", "REQUEST_METHOD=POST\nCONTENT_LENGTH=4\nCONTENT_TYPE=text/plain", "CONTENT_TYPE=", ""},
	{"vars-content-doubled", "CONTENT_TYPE=text/plain", "HTTP_CONTENT_TYPE=text/plain", "HTTP_X_CONTENT_TYPE=text/plain"},
	{"vars-content-doubled", "", "HTTP_CONTENT_LENGTH=", "CONTENT_LENGTH="},
	{"vars-transfer-encoding", "", "HTTP_TRANSFER_ENCODING=chunked", "HTTP_ACCEPT_ENCODING=chunked"},
	{"vars-proxy", "", "HTTP_PROXY=http://evil.test", "HTTP_PROXY_=http://evil.test"},
	{"vars-repeated", "", "+HTTP_X_A=1\n+HTTP_X_A=1", "HTTP_X_A=1"},
	{"vars-aliased", "", "HTTP_X_USER=1\nHTTP_X-USER=2", "HTTP_X_USER=1\nHTTP_XX_USER=2"},
	{"vars-aliased", "", "HTTP_X_USER=1\nHTTP_X.USER=2", "X_USER=1\nX.USER=2"},
	{"vars-name-malformed", "", "HTTP X=1", "HTTP_X=1"},
	{"vars-name-malformed", "", "=1", "X=1"},
	{"vars-value-nul", "", "DOCUMENT_ROOT=/a\x00b", "DOCUMENT_ROOT=/a\x01b"},
	{"vars-remote-addr-missing", "", "-REMOTE_ADDR", "REMOTE_ADDR=unix:"},
	{"vars-remote-addr-malformed", "", "REMOTE_ADDR=client.test", "REMOTE_ADDR=2001:db8::1"},
	{"vars-remote-user-alone", "", "REMOTE_USER=u", "REMOTE_USER=u\nAUTH_TYPE=Basic"},
	{"vars-auth-type-alone", "", "AUTH_TYPE=Basic", "AUTH_TYPE=Negotiate"},
	{"vars-authorization-passed", "", "AUTH_TYPE=Basic\nREMOTE_USER=u\nHTTP_AUTHORIZATION=Basic x", "HTTP_AUTHORIZATION=Basic x"},
	{"vars-scheme-contradicts", "", "HTTPS=on\nREQUEST_SCHEME=http", "HTTPS=on\nREQUEST_SCHEME=https"},
	{"vars-tls-differs", "", "REQUEST_SCHEME=https", "REQUEST_SCHEME=http"},
	{"vars-tls-differs", "HTTPS=on", "-HTTPS", "HTTPS=yes"},
	{"vars-field-missing", "HTTP_X_A=1", "-HTTP_X_A", "-HTTP_X_A\nHTTP_X-A=1"},
}

func TestVariables(t *testing.T) {
	for _, row := range variableRows {
		t.Run(row.rule, func(t *testing.T) {
			for lines, fires := range map[string]bool{row.fires: true, row.quiet: false} {
				var n notebook
				h := validate.Handler(http.HandlerFunc(faultless), n.strict())
				through(t, fastcgi, row.base, "body", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					change(gateway.Vars(r), lines)
					h.ServeHTTP(w, r)
				}))
				requireRule(t, &n, row.rule, fires, lines)
			}
		})
	}
}

// detailRows are about what a finding shows of the variables.
var detailRows = []struct{ rule, base, lines, want string }{
	{"vars-repeated", "", "+HTTP_X_A=1\n+HTTP_X_A=2", `HTTP_X_A is ["1" "2"].`},
	{"vars-repeated", "", "+HTTP_COOKIE=a=1\n+HTTP_COOKIE=b=2", `HTTP_COOKIE is ["…" "…"].`},
	{"vars-aliased", "", "HTTP_X_A=1\nHTTP_X-A=2", `"HTTP_X_A" is ["1"], and "HTTP_X-A" ["2"].`},
	{"vars-name-malformed", "", "HTTP X=1", `"HTTP X" is "1".`},
	{"vars-value-nul", "", "HTTP_X_TOKEN=a\x00b", `HTTP_X_TOKEN is "…".`},
	{"vars-remote-user-alone", "", "REMOTE_USER=u", `It is "u".`},
	{"vars-content-length-unknown", "REQUEST_METHOD=POST", "CONTENT_LENGTH=-1", `It is "-1".`},
	{"vars-tls-differs", "", "REQUEST_SCHEME=https", `It is "", and REQUEST_SCHEME "https", which means https.`},
}

func TestVariablesAreShown(t *testing.T) {
	for _, row := range detailRows {
		var n notebook
		h := validate.Handler(http.HandlerFunc(faultless), n.strict())
		through(t, fastcgi, row.base, "body", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			change(gateway.Vars(r), row.lines)
			h.ServeHTTP(w, r)
		}))
		require.Equal(t, row.want, n.find(t, row.rule).Detail)
	}
}

// requireRule checks that a rule was found, or was not.
func requireRule(t *testing.T, n *notebook, rule string, fires bool, why string) {
	t.Helper()
	if fires {
		require.Contains(t, n.ids(), rule, "fires: %s", why)
	} else {
		require.NotContains(t, n.ids(), rule, "quiet: %s", why)
	}
}

// Very many variables are compared in another way.
func TestVariablesAmongMany(t *testing.T) {
	many := strings.Builder{}
	for i := range 100 {
		many.WriteString("X" + strings.Repeat("_", i) + "=1\n")
	}
	for _, row := range variableRows {
		if row.rule != "vars-repeated" && row.rule != "vars-aliased" {
			continue
		}
		for lines, fires := range map[string]bool{row.fires: true, row.quiet: false} {
			var n notebook
			h := validate.Handler(http.HandlerFunc(faultless), n.strict())
			through(t, fastcgi, many.String(), "", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				change(gateway.Vars(r), lines)
				h.ServeHTTP(w, r)
			}))
			requireRule(t, &n, row.rule, fires, lines)
		}
	}
}

var flagRows = []struct {
	rule         string
	lines        string
	fires, quiet gateway.Flags
	quietLines   string // in place of lines, where the flags are the same
}{
	{"scgi-missing", "", gateway.Flags{Protocol: "scgi"}, gateway.Flags{Protocol: "scgi"}, "SCGI=1"},
	{"authorizer-variables", "", role("AUTHORIZER"), role("RESPONDER"), ""},
	{"authorizer-variables", "", role("AUTHORIZER"), role("AUTHORIZER"), "-SCRIPT_NAME\n-PATH_INFO"},
	{"filter-data-missing", "FCGI_DATA_LENGTH=1", role("FILTER"), role("FILTER"), "FCGI_DATA_LENGTH=1\nFCGI_DATA_LAST_MOD=0"},
	{"flags-protocol-unknown", "", gateway.Flags{Protocol: "uwsgi"}, gateway.Flags{Protocol: "cgi"}, ""},
	{"flags-role-unknown", "", role("responder"), role("RESPONDER"), ""},
	{"flags-role-unknown", "", gateway.Flags{Protocol: "cgi", Role: "RESPONDER"}, gateway.Flags{Protocol: "cgi"}, ""},
	{"flags-contradict", "", gateway.Flags{Protocol: "cgi", RunOnce: true, Multithread: true}, gateway.Flags{Protocol: "cgi", RunOnce: true, Multiprocess: true}, ""},
}

func role(name string) gateway.Flags {
	return gateway.Flags{Multithread: true, Protocol: "fastcgi", Role: name}
}

func TestFlags(t *testing.T) {
	for _, row := range flagRows {
		t.Run(row.rule, func(t *testing.T) {
			var fires, quiet notebook
			through(t, row.fires, row.lines, "", validate.Handler(http.HandlerFunc(faultless), fires.strict()))
			requireRule(t, &fires, row.rule, true, row.lines)
			through(t, row.quiet, row.lines+"\n"+row.quietLines, "", validate.Handler(http.HandlerFunc(faultless), quiet.strict()))
			requireRule(t, &quiet, row.rule, false, row.quietLines)
		})
	}
}

// refusedRows are requests that the engine answers itself, as doc.go says.
var refusedRows = []string{
	"REQUEST_METHOD=G T",
	"REQUEST_URI=/%zz",
	"SERVER_PROTOCOL=HTTP/x",
	"HTTP_HOST=a/b",
	"REQUEST_METHOD=POST\nCONTENT_LENGTH=+4",
	"HTTP_X_A=a\x01",
	"HTTP_X_A=1\nHTTP_X-A=2",
}

func TestRefusedRequests(t *testing.T) {
	for _, lines := range refusedRows {
		var n notebook
		x := &exchange{stdin: strings.NewReader("body")}
		change(&x.vars, variables+lines)
		e := gateway.Engine{Flags: fastcgi, BodyEnds: true}
		require.Error(t, e.Run(t.Context(), x, validate.Handler(http.HandlerFunc(faultless), n.strict())), "%q", lines)
		require.Contains(t, x.response.String(), "Status: 400 Bad Request\r\n", "%q", lines)
		require.Empty(t, n.list(), "%q", lines)
	}
}
