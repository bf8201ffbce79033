package gateway_test

import (
	"context"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-go/postern/env"
	"github.com/postern-go/postern/gateway"
)

// The list of the variables is used again, but not one that somebody has.
func TestVarsOutliveTheRequest(t *testing.T) {
	run := func(e gateway.Engine, name string, h http.HandlerFunc) {
		require.NoError(t, e.Run(context.Background(), newMemory(vars("REQUEST_METHOD=GET\nSCRIPT_NAME=/"+name), ""), h))
	}
	var asked, hooked *env.Vars
	var late *http.Request
	run(gateway.Engine{}, "asked", func(_ http.ResponseWriter, r *http.Request) { asked = gateway.Vars(r) })
	run(gateway.Engine{SetupEnviron: func(v *env.Vars) { hooked = v }}, "hooked", func(http.ResponseWriter, *http.Request) {})
	run(gateway.Engine{}, "late", func(_ http.ResponseWriter, r *http.Request) { late = r })
	for range 10 {
		run(gateway.Engine{}, "other", func(_ http.ResponseWriter, r *http.Request) {
			require.Equal(t, "/other", r.URL.Path)
		})
	}
	require.Equal(t, "/asked", asked.Get("SCRIPT_NAME"), "the handler asked for them")
	require.Equal(t, "/hooked", hooked.Get("SCRIPT_NAME"), "the hook has seen them")
	require.Equal(t, "/late", gateway.Vars(late).Get("PATH_INFO"), "after the handler they are those of the request")
	require.Same(t, gateway.Vars(late), gateway.Vars(late), "and stay")
}
