package cgi

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/postern-go/postern/gateway"
	"github.com/stretchr/testify/require"
)

func TestIISPath(t *testing.T) {
	for _, row := range []struct{ why, script, info, want string }{
		{"the name of the script is repeated", "/app.cgi", "/app.cgi/x", "/app.cgi|/x|/app.cgi/x"},
		{"there is no path but that", "/app.cgi", "/app.cgi", "/app.cgi||/app.cgi"},
		{"a segment that only begins so is none of the script's", "/app.cgi", "/app.cgis/x", "/app.cgi|/app.cgis/x|/app.cgi/app.cgis/x"},
		{"the setting is on, and nothing is repeated", "/app.cgi", "/x", "/app.cgi|/x|/app.cgi/x"},
		{"the script has no name", "", "/x", "|/x|/x"},
	} {
		engine := NewEngine()
		engine.SetupEnviron = IISPath
		p := &Program{Environ: []string{"REQUEST_METHOD=GET", "SCRIPT_NAME=" + row.script, "PATH_INFO=" + row.info}, Engine: engine}
		var got string
		require.NoError(t, p.Serve(t.Context(), http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			v := gateway.Vars(r)
			got = fmt.Sprintf("%s|%s|%s", v.Get("SCRIPT_NAME"), v.Get("PATH_INFO"), r.URL.Path)
		})), row.why)
		require.Equal(t, row.want, got, row.why)
	}
}
