package validate_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/postern-go/postern/env"
	"github.com/postern-go/postern/gateway"
	"github.com/postern-go/postern/validate"
	"github.com/stretchr/testify/require"
)

// A notebook keeps what is reported.
type notebook struct {
	mu       sync.Mutex
	findings []validate.Finding
}

func (n *notebook) report(f validate.Finding) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.findings = append(n.findings, f)
}

func (n *notebook) list() []validate.Finding {
	n.mu.Lock()
	defer n.mu.Unlock()
	return append([]validate.Finding(nil), n.findings...)
}

func (n *notebook) ids() []string {
	var ids []string
	for _, f := range n.list() {
		ids = append(ids, f.Rule.ID)
	}
	return ids
}

// find returns the finding of a rule.
func (n *notebook) find(t *testing.T, rule string) validate.Finding {
	t.Helper()
	list := n.list()
	i := slices.IndexFunc(list, func(f validate.Finding) bool { return f.Rule.ID == rule })
	require.GreaterOrEqual(t, i, 0, "%s is not in %v", rule, n.ids())
	return list[i]
}

// strict reports everything to the notebook.
func (n *notebook) strict() validate.Options {
	return validate.Options{Level: validate.Strict, Report: n.report}
}

// faultless is a handler that breaks no rule.
func faultless(w http.ResponseWriter, r *http.Request) {
	io.Copy(io.Discard, r.Body)
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(http.StatusOK)
	if r.Method != http.MethodHead {
		io.WriteString(w, "Hello, world\n")
	}
}

// request is a request without a fault.
func request(method, target, body string) *http.Request {
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	if body == "" {
		r.Body = http.NoBody
	}
	return r
}

// An exchange is a request of a web server in memory.
type exchange struct {
	vars     env.Vars
	stdin    *strings.Reader
	response bytes.Buffer
}

func (x *exchange) AddCGIVars(v *env.Vars) {
	for name, value := range x.vars.Pairs() {
		v.Add(name, value)
	}
}
func (x *exchange) Stdin() io.Reader            { return x.stdin }
func (x *exchange) Stderr() io.Writer           { return io.Discard }
func (x *exchange) Write(p []byte) (int, error) { return x.response.Write(p) }
func (x *exchange) Flush() error                { return nil }

var fastcgi = gateway.Flags{Multithread: true, Protocol: "fastcgi", Role: "RESPONDER"}

// variables are those of a request without a fault.
const variables = `GATEWAY_INTERFACE=CGI/1.1
SERVER_SOFTWARE=test/1.0
SERVER_NAME=h.test
SERVER_PORT=80
SERVER_PROTOCOL=HTTP/1.1
REQUEST_METHOD=GET
REQUEST_URI=/app/info?a=b
SCRIPT_NAME=/app
PATH_INFO=/info
QUERY_STRING=a=b
REMOTE_ADDR=192.0.2.1
REMOTE_PORT=50000
HTTP_HOST=h.test
`

// change applies lines: NAME=value sets, +NAME=value adds, -NAME deletes.
func change(v *env.Vars, lines string) {
	for line := range strings.Lines(lines) {
		line = strings.TrimSuffix(line, "\n")
		name, value, _ := strings.Cut(line, "=")
		switch {
		case strings.HasPrefix(line, "-"):
			v.Del(line[1:])
		case strings.HasPrefix(line, "+"):
			v.Add(name[1:], value)
		default:
			v.Set(name, value)
		}
	}
}

// through runs h behind the gateway engine, with the variables above, those of
// lines changed.
func through(t *testing.T, flags gateway.Flags, lines, body string, h http.Handler) string {
	t.Helper()
	x := &exchange{stdin: strings.NewReader(body)}
	change(&x.vars, variables)
	change(&x.vars, lines)
	e := gateway.Engine{Flags: flags, BodyEnds: true}
	require.NoError(t, e.Run(context.Background(), x, h))
	return x.response.String()
}

func TestFaultlessExchanges(t *testing.T) {
	for _, row := range []struct {
		why string
		run func(t *testing.T, h http.Handler)
	}{
		{"a request of httptest", func(t *testing.T, h http.Handler) {
			h.ServeHTTP(httptest.NewRecorder(), request("GET", "/a%2Fb?c=d", ""))
		}},
		{"a body", func(t *testing.T, h http.Handler) {
			h.ServeHTTP(httptest.NewRecorder(), request("POST", "/", "body"))
		}},
		{"a request of net/http.Server", func(t *testing.T, h http.Handler) {
			s := httptest.NewServer(h)
			defer s.Close()
			res, err := s.Client().Post(s.URL+"/a%20b?c", "text/plain", strings.NewReader("body"))
			require.NoError(t, err)
			res.Body.Close()
		}},
		{"a chunked request of net/http.Server", func(t *testing.T, h http.Handler) {
			s := httptest.NewServer(h)
			defer s.Close()
			res, err := s.Client().Post(s.URL, "text/plain", io.MultiReader(strings.NewReader("body")))
			require.NoError(t, err)
			res.Body.Close()
		}},
		{"HTTP/2", func(t *testing.T, h http.Handler) {
			s := httptest.NewUnstartedServer(h)
			s.EnableHTTP2 = true
			s.StartTLS()
			defer s.Close()
			res, err := s.Client().Post(s.URL, "text/plain", strings.NewReader("body"))
			require.NoError(t, err)
			res.Body.Close()
			require.Equal(t, 2, res.ProtoMajor)
		}},
		{"a gateway", func(t *testing.T, h http.Handler) {
			through(t, fastcgi, "", "", h)
		}},
		{"a body through a gateway", func(t *testing.T, h http.Handler) {
			through(t, fastcgi, "REQUEST_METHOD=POST\nCONTENT_LENGTH=4\nCONTENT_TYPE=text/plain", "body", h)
		}},
		{"an Authorizer", func(t *testing.T, h http.Handler) {
			flags := fastcgi
			flags.Role = "AUTHORIZER"
			through(t, flags, "-SCRIPT_NAME\n-PATH_INFO", "", h)
		}},
		{"OPTIONS *", func(t *testing.T, h http.Handler) {
			h.ServeHTTP(httptest.NewRecorder(), request("OPTIONS", "*", ""))
		}},
		{"absolute-form", func(t *testing.T, h http.Handler) {
			h.ServeHTTP(httptest.NewRecorder(), request("GET", "http://h.test/a", ""))
		}},
		{"many variables", func(t *testing.T, h http.Handler) {
			lines := ""
			for i := range 100 {
				lines += "HTTP_X_" + strings.Repeat("A", i+1) + "=1\n"
			}
			through(t, fastcgi, lines, "", h)
		}},
	} {
		t.Run(row.why, func(t *testing.T) {
			var n notebook
			row.run(t, validate.Handler(http.HandlerFunc(faultless), n.strict()))
			require.Empty(t, n.list())
		})
	}
}
