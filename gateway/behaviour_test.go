package gateway_test

import (
	"testing"

	"github.com/postern-go/postern/internal/behaviour"
)

func TestStatusMode(t *testing.T) {
	behaviour.Test(t, statusGate())
}

func TestOriginMode(t *testing.T) {
	behaviour.Test(t, originGate())
}

func TestOriginModeFromVariables(t *testing.T) {
	behaviour.Test(t, variablesGate(), behaviour.Deviations(behaviour.Status,
		"request in absolute form", "request of HTTP/1.0", "trailers of the request")...)
}
