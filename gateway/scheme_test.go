package gateway_test

import (
	"crypto/tls"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/postern-go/postern/env"
	"github.com/postern-go/postern/gateway"
	"github.com/stretchr/testify/require"
)

func TestScheme(t *testing.T) {
	says := func(scheme string) func(*env.Vars) string { return func(*env.Vars) string { return scheme } }
	proxied := func(v *env.Vars) string { return v.Get("HTTP_X_FORWARDED_PROTO") }
	for _, row := range []struct {
		why     string
		hook    func(*env.Vars) string
		environ []string
		want    string
		uri     string
	}{
		{"nothing said", nil, nil, "http", "http://h.test/a"},
		{"HTTPS says so", nil, []string{"HTTPS=on"}, "https", "https://h.test/a"},
		{"REQUEST_SCHEME says so", nil, []string{"REQUEST_SCHEME=https"}, "https", "https://h.test/a"},
		{"the hook makes it https", says("https"), nil, "https", "https://h.test/a"},
		{"the hook makes it http", says("http"), []string{"HTTPS=on", "REQUEST_SCHEME=https"}, "http", "http://h.test/a"},
		{"the hook agrees", says("https"), []string{"HTTPS=1"}, "https", "https://h.test/a"},
		{"the hook asks the variables", proxied, []string{"HTTP_X_FORWARDED_PROTO=https"}, "https", "https://h.test/a"},
		{"what is not https is http", proxied, []string{"HTTPS=on", "HTTP_X_FORWARDED_PROTO=gopher"}, "http", "http://h.test/a"},
	} {
		x := &gateway.Streams{Environ: env.Parse(append([]string{"REQUEST_METHOD=GET", "REQUEST_URI=/a", "PATH_INFO=/a", "HTTP_HOST=h.test"}, row.environ...))}
		ran := false
		e := &gateway.Engine{Scheme: row.hook}
		require.NoError(t, e.Run(t.Context(), x, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			ran = true
			require.Equal(t, row.want, gateway.Scheme(r), row.why)
			require.Equal(t, row.want == "https", r.TLS != nil, "%s: r.TLS agrees", row.why)
			uri, err := gateway.Vars(r).RequestURI()
			require.NoError(t, err)
			require.Equal(t, row.uri, uri, "%s: so do URLs", row.why)
		})))
		require.True(t, ran, row.why)
	}
}

func TestSchemeComesAfterSetupEnviron(t *testing.T) {
	e := &gateway.Engine{
		SetupEnviron: func(v *env.Vars) { v.Set("X", "https") },
		Scheme:       func(v *env.Vars) string { return v.Get("X") },
	}
	x := &gateway.Streams{Environ: env.Parse([]string{"REQUEST_METHOD=GET", "REQUEST_URI=/"})}
	require.NoError(t, e.Run(t.Context(), x, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		require.NotNil(t, r.TLS)
	})))
}

// A request that the exchange has parsed keeps its own r.TLS.
func TestSchemeOfAParsedRequest(t *testing.T) {
	r := httptest.NewRequest("GET", "/", nil)
	e := &gateway.Engine{Origin: true, Scheme: func(*env.Vars) string { return "https" }}
	x := &parsedMemory{originMemory{newMemory(env.FromRequest(r), ""), r}}
	require.NoError(t, e.Run(t.Context(), x, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		require.Equal(t, "https", gateway.Scheme(r))
		require.Equal(t, "on", gateway.Vars(r).Get("HTTPS"))
		require.Nil(t, r.TLS)
	})))
}

func TestSchemeWithoutEngine(t *testing.T) {
	r := httptest.NewRequest("GET", "/", nil)
	require.Equal(t, "http", gateway.Scheme(r))
	r.TLS = new(tls.ConnectionState)
	require.Equal(t, "https", gateway.Scheme(r))
}
