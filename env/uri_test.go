package env_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/postern-go/postern/env"
	"github.com/stretchr/testify/require"
)

type uriVector struct {
	Why                  string
	Environ              map[string]text
	Request, Application text
	WithoutQuery         text `json:"without_query"`
}

const (
	anyCase   = "HTTPS is understood in any case"
	byServer  = "nginx and Apache send REQUEST_SCHEME, and Vars.Request heeds it"
	brackets  = "an IPv6 address has brackets in a URI"
	controls  = "control characters are escaped: they would split whatever line the URI is put into"
	empty     = "an empty variable is a missing one"
	noPort    = "HAProxy's SERVER_NAME has a port, and Vars.Request cuts it, too"
	leadSlash = "a path without its slash gets one, instead of losing a byte or becoming part of the host"
)

// uriDeviations are the vectors that this package answers in its own way. In
// the place of the URIs there may be an error.
var uriDeviations = []struct{ vector, reason, request, application string }{
	{"HTTPS is 'ON'", anyCase, "https://example.com/", "https://example.com/"},
	{"HTTPS is 'On'", anyCase, "https://example.com/", "https://example.com/"},
	{"HTTPS is 'YES'", anyCase, "https://example.com/", "https://example.com/"},
	{"HTTPS is 'Yes'", anyCase, "https://example.com/", "https://example.com/"},
	{"REQUEST_SCHEME is https", byServer, "https://example.com/", "https://example.com/"},
	{"an IPv6 address of the client without brackets", brackets, "http://[2001:db8::1]/", "http://[2001:db8::1]/"},
	{"an IPv6 server without brackets", brackets, "http://[2001:db8::1]:8080/", "http://[2001:db8::1]:8080/"},
	{"an IPv6 server without brackets on the standard port", brackets, "http://[::1]/", "http://[::1]/"},
	{"an IPv6 server with a zone", brackets, "http://[fe80::1%25eth0]/", "http://[fe80::1%25eth0]/"},
	{"a server name that has a port", noPort, "http://example.com:8080/", "http://example.com:8080/"},
	{"a line break in the host of the client", controls, "http://a%0D%0Ab/", "http://a%0D%0Ab/"},
	{"NUL and DEL in the host of the client", controls, "http://a%00b%7F/", "http://a%00b%7F/"},
	{"a line break in the server's name", controls, "http://a%0Ab/", "http://a%0Ab/"},
	{"a line break in the server's port", controls, "http://a:8%0D%0A1/", "http://a:8%0D%0A1/"},
	{"a line break in the query", controls, "http://example.com/app/x?a%0D%0Ab", "http://example.com/app"},
	{"NUL, tab and DEL in the query", controls, "http://example.com/app/x?%00%09%7F", "http://example.com/app"},
	{"a server with an empty name", empty, "env: SERVER_NAME is missing", "env: SERVER_NAME is missing"},
	{"a server with an empty port", empty, "env: SERVER_PORT is missing", "env: SERVER_PORT is missing"},
	{"PATH_INFO without a slash", leadSlash, "http://example.com/x", "http://example.com/"},
	{"PATH_INFO that begins with an escaped byte and no slash", leadSlash, "http://example.com/%20x", "http://example.com/"},
	{"PATH_INFO is an asterisk", leadSlash, "http://example.com/%2A", "http://example.com/"},
	{"SCRIPT_NAME without a slash", leadSlash, "http://example.com/app/x", "http://example.com/app"},
	{"SCRIPT_NAME that would be part of the host", leadSlash, "http://example.com/.evil.example/x", "http://example.com/.evil.example"},
}

// got is what a method of Vars returned: its URI or its error.
func got(uri string, err error) string {
	if err != nil {
		return err.Error()
	}
	return uri
}

// want is what CPython returned, its KeyError in the words of this package.
func (t text) want() string {
	if name, ok := strings.CutPrefix(t.err, "KeyError: "); ok {
		return "env: " + name + " is missing"
	}
	return t.value
}

func TestURIVectors(t *testing.T) {
	deviates := map[string]bool{}
	for _, d := range uriDeviations {
		deviates[d.vector] = true
	}
	checked := 0
	for _, v := range load(t).URIs {
		if deviates[v.Why] {
			continue
		}
		checked++
		t.Run(v.Why, func(t *testing.T) {
			vars := variables(v.Environ)
			require.Equal(t, v.Request.want(), got(vars.RequestURI()))
			require.Equal(t, v.WithoutQuery.want(), got(vars.RequestURIWithoutQuery()))
			require.Equal(t, v.Application.want(), got(vars.ApplicationURI()))
		})
	}
	require.NotZero(t, checked)
}

func TestURIDeviations(t *testing.T) {
	recorded := map[string]uriVector{}
	for _, v := range load(t).URIs {
		recorded[v.Why] = v
	}
	for _, d := range uriDeviations {
		t.Run(d.vector, func(t *testing.T) {
			v, found := recorded[d.vector]
			require.True(t, found, "no such vector")
			vars := variables(v.Environ)
			bare, _, _ := strings.Cut(d.request, "?")
			require.Equal(t, d.request, got(vars.RequestURI()), d.reason)
			require.Equal(t, bare, got(vars.RequestURIWithoutQuery()), d.reason)
			require.Equal(t, d.application, got(vars.ApplicationURI()), d.reason)
			require.NotEqual(t, v.Request.want(), d.request, "CPython does the same: no deviation any more")
		})
	}
}

// The URI of a request and the request itself say the same.
func TestURIAgreesWithRequest(t *testing.T) {
	for _, r := range []struct {
		why     string
		environ []string
	}{
		{"the host comes from the client", []string{"HTTP_HOST=client.example:81", "SCRIPT_NAME=/a", "PATH_INFO=/b c", "QUERY_STRING=d=e"}},
		{"the host comes from the server", []string{"SERVER_NAME=example.com", "SERVER_PORT=8080", "PATH_INFO=/"}},
		{"an IPv6 server", []string{"SERVER_NAME=::1", "SERVER_PORT=8080", "PATH_INFO=/x"}},
		{"a server name that has a port", []string{"SERVER_NAME=example.com:8080", "SERVER_PORT=8080", "PATH_INFO=/x"}},
		{"TLS by HTTPS", []string{"HTTP_HOST=example.com", "HTTPS=On"}},
		{"TLS by REQUEST_SCHEME", []string{"SERVER_NAME=example.com", "SERVER_PORT=443", "REQUEST_SCHEME=HTTPS"}},
		{"no TLS", []string{"SERVER_NAME=example.com", "SERVER_PORT=443", "HTTPS=off", "REQUEST_SCHEME=http"}},
	} {
		t.Run(r.why, func(t *testing.T) {
			v := env.Parse(append(r.environ, "REQUEST_METHOD=GET", "SERVER_PROTOCOL=HTTP/1.1"))
			req, err := v.Request()
			require.NoError(t, err)
			u, err := url.Parse(got(v.RequestURI()))
			require.NoError(t, err)
			require.Equal(t, req.Host, u.Host)
			require.Equal(t, req.URL.Path, u.Path)
			require.Equal(t, req.URL.RawQuery, u.RawQuery)
			require.Equal(t, req.TLS != nil, u.Scheme == "https")
			require.Equal(t, u.Scheme, v.Scheme())
		})
	}
}

func TestGuessScheme(t *testing.T) {
	for _, r := range []struct{ why, https, want string }{
		{"the values that servers send", "on", "https"},
		{"as a number", "1", "https"},
		{"as a word", "yes", "https"},
		{"in any case", "oN", "https"},
		{"a letter that folds to s is another one", "ye\u017f", "http"},
		{"missing", "", "http"},
		{"IIS says off", "off", "http"},
		{"nothing else counts", "true", "http"},
		{"spaces count", "on ", "http"},
	} {
		t.Run(r.why, func(t *testing.T) {
			require.Equal(t, r.want, env.GuessScheme(r.https))
			require.Equal(t, r.want, env.Parse([]string{"HTTPS=" + r.https}).Scheme())
		})
	}
}
