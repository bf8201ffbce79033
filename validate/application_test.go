package validate_test

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/postern-go/postern/validate"
	"github.com/stretchr/testify/require"
)

// An ask is what a row asks the handler; empty fields mean a plain GET.
type ask struct {
	method string
	fields string // "Name: value" lines
	body   string
	kept   bool // over a connection that may be kept
}

func (a ask) verb() string {
	if a.method == "" {
		return http.MethodGet
	}
	return a.method
}

// each calls f for each of the fields.
func (a ask) each(f func(name, value string)) {
	for line := range strings.SplitSeq(a.fields, "\n") {
		if name, value, found := strings.Cut(line, ": "); found {
			f(name, value)
		}
	}
}

// bytes is the request as a client sends it.
func (a ask) bytes() string {
	head := a.verb() + " / HTTP/1.1\r\nHost: h.test\r\n"
	if !a.kept {
		head += "Connection: close\r\n"
	}
	a.each(func(name, value string) { head += name + ": " + value + "\r\n" })
	if a.body != "" {
		head += "Content-Length: " + itoa(len(a.body)) + "\r\n"
	}
	return head + "\r\n" + a.body
}

// A way is one server under which handlers are tried.
type way struct {
	name string
	run  func(t *testing.T, a ask, h http.Handler)
}

var (
	overRecorder = way{"httptest", func(t *testing.T, a ask, h http.Handler) {
		r := request(a.verb(), "/", a.body)
		a.each(r.Header.Add)
		h.ServeHTTP(httptest.NewRecorder(), r)
	}}
	overHTTP10 = way{"HTTP/1.0", func(t *testing.T, a ask, h http.Handler) {
		r := request(a.verb(), "/", a.body)
		r.Proto, r.ProtoMinor = "HTTP/1.0", 0
		h.ServeHTTP(httptest.NewRecorder(), r)
	}}
	overGateway = way{"gateway", func(t *testing.T, a ask, h http.Handler) {
		through(t, fastcgi, "REQUEST_METHOD="+a.verb(), a.body, h)
	}}
	overServer = way{"net/http", viaServer}
)

// viaServer sends the request to net/http.Server. The answer does not matter.
func viaServer(t *testing.T, a ask, h http.Handler) {
	done := make(chan bool)
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer close(done) // Close does not wait for a handler that has hijacked
		h.ServeHTTP(w, r)
	}))
	s.Config.ErrorLog = quietLog
	s.Start()
	defer s.Close()
	c, err := net.Dial("tcp", s.Listener.Addr().String())
	require.NoError(t, err)
	defer c.Close()
	_, err = io.WriteString(c, a.bytes())
	require.NoError(t, err)
	io.Copy(io.Discard, c)
	<-done
}

var everyServer = []way{overRecorder, overServer}

// runRows runs rows, each handler over each of its servers.
func runRows(t *testing.T, rows []row) {
	for _, row := range rows {
		ways := row.ways
		if ways == nil {
			ways = everyServer
		}
		for _, way := range ways {
			t.Run(row.rule+" over "+way.name, func(t *testing.T) {
				var fires, quiet notebook
				way.run(t, row.ask, validate.Handler(row.fires, fires.strict()))
				requireRule(t, &fires, row.rule, true, "")
				a := row.ask
				if row.quietAsk != nil {
					a = *row.quietAsk
				}
				h := row.quiet
				if h == nil {
					h = row.fires
				}
				quietWay := way
				if row.quietWay.run != nil {
					quietWay = row.quietWay
				}
				quietWay.run(t, a, validate.Handler(h, quiet.strict()))
				requireRule(t, &quiet, row.rule, false, "")
			})
		}
	}
}

// A row is a handler that breaks a rule, and one that nearly does. Where there
// is no second one, the request makes the difference, or the server.
type row struct {
	rule         string
	ask          ask
	fires, quiet http.HandlerFunc
	quietAsk     *ask
	ways         []way
	quietWay     way
}

// answer sets fields, "Name: value" lines, and answers with the status.
func answer(code int, fields string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		ask{fields: fields}.each(func(name, value string) { w.Header()[name] = append(w.Header()[name], value) })
		w.WriteHeader(code)
	}
}

// say is answer with 200 and a body.
func say(fields, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		answer(200, fields)(w, r)
		io.WriteString(w, body)
	}
}
