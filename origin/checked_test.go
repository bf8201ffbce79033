package origin

import (
	"net/http"
	"testing"

	"github.com/postern-go/postern/internal/behaviour"
	"github.com/postern-go/postern/validate"
)

// TestBehaviourChecked shows that validate is transparent: a handler under it can do the same, and its client gets the same.
func TestBehaviourChecked(t *testing.T) {
	t.Run("tcp", func(t *testing.T) { behaviour.Test(t, gateOver("tcp").Behind(checked)) })
	t.Run("unix", func(t *testing.T) { behaviour.Test(t, gateOver("unix").Behind(checked), unixDeviations...) })
}

func checked(h http.Handler) http.Handler {
	return validate.Handler(h, validate.Options{Level: validate.Strict, Report: func(validate.Finding) {}})
}
