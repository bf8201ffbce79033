package integration

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

// scgiDeviations are rows that a web server with SCGI cannot keep.
func scgiDeviations() []deviation {
	return []deviation{
		{"Apache, SCGI", "a body of unknown length arrives whole",
			"Apache demands a length where the program needs one: 411", lengthRequired},
		{"Apache, SCGI on a unix socket", "the client can tell that less than the declared length came",
			"Apache has taken the Content-Length away, and a unix socket cannot be reset", nil},
		{"Apache, SCGI on a unix socket", "the client can tell that a panic cut its answer short",
			"the end of the connection is the end of the answer, and a unix socket cannot be reset", nil},
		{"nginx, SCGI on a unix socket", "the client can tell that a panic cut its answer short",
			"the end of the connection is the end of the answer, and a unix socket cannot be reset", nil},
	}
}

// maybeLength: the answer is whole, whether it has a length or not.
func maybeLength(t *testing.T, _ gate, o *opened) {
	o.get(t, "/bytes?n=10").want(t, http.StatusOK, "0123456789")
}

func lengthRequired(t *testing.T, _ gate, o *opened) {
	r := o.request(t, http.MethodPost, "/upload", http.NoBody)
	r.Body, r.ContentLength = unsized(10), -1
	require.Equal(t, http.StatusLengthRequired, o.do(t, r).StatusCode)
}
