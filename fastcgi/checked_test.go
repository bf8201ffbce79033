package fastcgi_test

import (
	"net/http"
	"testing"

	"github.com/postern-go/postern/validate"
)

// TestBehaviourChecked shows that validate is transparent: a handler under it can do the same, and its client gets the same.
func TestBehaviourChecked(t *testing.T) { everyGate(t, checked) }

func checked(h http.Handler) http.Handler {
	return validate.Handler(h, validate.Options{Level: validate.Strict, Report: func(validate.Finding) {}})
}
