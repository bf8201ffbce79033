package integration

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-go/postern/integration/testapp/app"
)

// cgiDeviations are rows that a server cannot keep that starts programs.
func cgiDeviations() []deviation {
	const (
		endless = "the end of a program's output is the end of its answer, whatever its exit status"
		once    = "an environment has every name once, and of a repeated field only one value gets there"
		stays   = "it notices that a client has left only when it writes to it"
		unread  = "it breaks off when a program ends without having read its body"
		noBody  = "it loses bodies, depending on how they arrive; other requests are served all the same"
		ours    = "it connects the standard error of programs to the client"
	)
	return []deviation{
		{"busybox httpd", "anything below the first segment is the same path", "it takes a path for a directory that ends in a slash", nil},
		{"busybox httpd", "escaped bytes of the path are decoded once and the target stays as it was sent", "it refuses an escaped slash", nil},
		{"busybox httpd", "repeated header fields stay apart or are joined, and none is lost", once, nil},
		{"busybox httpd", "a body of known length arrives whole by PUT", "it passes bodies on with POST only", nil},
		{"busybox httpd", "a body of unknown length arrives whole", "it does not know chunks", nil},
		{"busybox httpd", "the client can tell that a panic cut its answer short", endless, nil},
		{"busybox httpd", "the context ends when the client leaves", stays, undeparted},

		{"mini_httpd", "method, target, query, host and gate arrive", "it passes a choice of header fields on", nil},
		{"mini_httpd", "repeated header fields stay apart or are joined, and none is lost", "it passes a choice of header fields on", nil},
		{"mini_httpd", "escaped bytes of the path are decoded once and the target stays as it was sent",
			"it sends no REQUEST_URI, so that the target is made of the path again", targetRemade},
		{"mini_httpd", "an unusual method arrives", "it knows GET, HEAD, POST and PUT", nil},
		{"mini_httpd", "a body arrives whole", noBody, bodyLost},
		{"mini_httpd", "a body of known length arrives whole by POST", noBody, bodyLost},
		{"mini_httpd", "a body of known length arrives whole by PUT", noBody, bodyLost},
		{"mini_httpd", "a body of unknown length arrives whole", noBody, bodyLost},
		{"mini_httpd", "an empty body is a body of no bytes", noBody, bodyLost},
		{"mini_httpd", "the answer is written to the marked file too", noBody, bodyLost},
		{"mini_httpd", "the rest of the body may stay unread", noBody, bodyLost},
		{"mini_httpd", "a body shorter than asked for is read to its end", noBody, bodyLost},
		{"mini_httpd", "more than the declared length never arrives", ours, nil},
		{"mini_httpd", "the client can tell that less than the declared length came", ours, nil},
		{"mini_httpd", "the error stream ends in the log", ours, errorsShown},
		{"mini_httpd", "a panic before the head is a 500 for the client and a stack in the log, and the next request is served", ours, nil},
		{"mini_httpd", "a panic after the head leaves a stack in the log, and the next request is served", ours, lateErrorsShown},
		{"mini_httpd", "the client can tell that a panic cut its answer short", endless, nil},
		{"mini_httpd", "the context ends when the client leaves", stays, undeparted},

		{"fcgiwrap", "repeated header fields stay apart or are joined, and none is lost", once, nil},
		{"fcgiwrap", "the rest of the body may stay unread", unread, nil},
		{"fcgiwrap", "the client can tell that a panic cut its answer short", endless, nil},
		{"fcgiwrap", "the context ends when the client leaves", stays, undeparted},

		{"uWSGI", "repeated header fields stay apart or are joined, and none is lost", once, nil},
		{"uWSGI", "the rest of the body may stay unread", unread, nil},
		{"uWSGI", "the client can tell that a panic cut its answer short", endless, nil},
		{"uWSGI", "the context ends when the client leaves", stays, undeparted},
	}
}

// targetRemade: escaped bytes are decoded once, and the target says the same as the path.
func targetRemade(t *testing.T, _ gate, o *opened) {
	e := o.get(t, "/echo/%7Eu/y%20z/caf%C3%A9/%2525;v=1").echo(t)
	require.Equal(t, "/echo/~u/y z/café/%25;v=1", e.Path)
	require.Equal(t, o.mount+"/echo/~u/y%20z/caf%C3%A9/%2525;v=1", e.URI)
}

// bodyLost sends a body and leaves.
func bodyLost(t *testing.T, _ gate, o *opened) {
	for _, method := range []string{http.MethodPost, http.MethodPut} {
		c, err := o.server.dial()
		require.NoError(t, err)
		require.NoError(t, o.request(t, method, "/upload", strings.NewReader("body")).Write(c))
		require.NoError(t, c.Close())
	}
	o.get(t, "/slow").want(t, http.StatusOK, "slept\n")
}

// errorsShown: what goes to the error stream goes to the client.
func errorsShown(t *testing.T, _ gate, o *opened) {
	require.Contains(t, o.raw(t, "/stderr"), "stderr-probe")
}

func lateErrorsShown(t *testing.T, _ gate, o *opened) {
	answer := o.raw(t, "/panic-late")
	require.Contains(t, answer, "\r\n\r\npartial-body\n")
	require.Contains(t, answer, "app.panicLate")
	o.get(t, "/slow").want(t, http.StatusOK, "slept\n")
}

// raw returns all that comes back over a connection of its own.
func (o *opened) raw(t *testing.T, target string) string {
	c, err := o.server.dial()
	require.NoError(t, err)
	defer c.Close()
	r := o.request(t, http.MethodGet, target, nil)
	r.Close = true
	require.NoError(t, r.Write(c))
	answer, err := io.ReadAll(c)
	require.NoError(t, err)
	return string(answer)
}

// unsized is a body whose length is not known before.
func unsized(n int64) io.ReadCloser { return io.NopCloser(app.Pattern(n)) }
