package scgi

import (
	"net/http"
	"testing"

	"github.com/postern-go/postern/internal/behaviour"
	"github.com/postern-go/postern/validate"
)

// TestBehaviourChecked shows that validate is transparent: a handler under it can do the same, and its client gets the same.
func TestBehaviourChecked(t *testing.T) {
	behaviour.Test(t, behaviour.Gate{Name: "scgi", Serve: serveOne}.Behind(checked), deviations...)
}

func checked(h http.Handler) http.Handler {
	return validate.Handler(h, validate.Options{Level: validate.Strict, Report: func(validate.Finding) {}})
}
