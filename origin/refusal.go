package origin

import (
	"fmt"
	"net/http"
)

// A refusal says why bytes are no request, and with which status to answer.
type refusal struct {
	status int
	fact   string
}

func (e *refusal) Error() string { return "origin: " + e.fact }

func refuse(status int, format string, args ...any) *refusal {
	return &refusal{status, fmt.Sprintf(format, args...)}
}

func malformed(format string, args ...any) *refusal {
	return refuse(http.StatusBadRequest, format, args...)
}
