package gateway_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/postern-go/postern/env"
	"github.com/postern-go/postern/gateway"
)

// vars makes variables of NAME=value lines.
func vars(lines string) *env.Vars {
	return env.Parse(strings.Split(strings.TrimSpace(lines), "\n"))
}

// get is the least that makes a request.
const get = "REQUEST_METHOD=GET\nREQUEST_URI=/\nHTTP_HOST=h.test\n"

// serve runs one handler over variables in Status mode.
func serve(t *testing.T, e *gateway.Engine, lines string, h http.HandlerFunc) (*memory, error) {
	t.Helper()
	m := newMemory(vars(lines), "")
	err := e.Run(t.Context(), m, h)
	return m, err
}
