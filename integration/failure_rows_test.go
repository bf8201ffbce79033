package integration

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"github.com/stretchr/testify/require"

	"github.com/postern-go/postern/integration/testapp/app"
)

// failureRows are about what goes wrong, and who gets to know.
func failureRows() []row {
	return []row{
		{"stderr", "the error stream ends in the log", stderrLogged},
		{"panic", "a panic before the head is a 500 for the client and a stack in the log, and the next request is served", panicEarly},
		{"panic-late", "the client can tell that a panic cut its answer short", panicLate},
		{"panic-late", "a panic after the head leaves a stack in the log, and the next request is served", panicLateLogged},
		departureRow,
	}
}

var departureRow = row{"wait-cancel", "the context ends when the client leaves", departure}

func stderrLogged(t require.TestingT, _ gate, o *opened) {
	seen := o.logged(t, "stderr-probe")
	o.get(t, "/stderr").want(t, http.StatusOK, "ok\n")
	waitFor(t, "the line is in the log", func() bool { return o.logged(t, "stderr-probe") > seen })
}

func panicEarly(t require.TestingT, _ gate, o *opened) {
	seen := o.logged(t, "app.panicEarly")
	a := o.get(t, "/panic")
	a.wantStatus(t, http.StatusInternalServerError)
	require.NotContains(t, a.body, app.Secret)
	waitFor(t, "the stack is in the log", func() bool { return o.logged(t, "app.panicEarly") > seen })
	require.Positive(t, o.logged(t, app.Secret))
	o.get(t, "/slow").want(t, http.StatusOK, "slept\n")
}

func panicLate(t require.TestingT, _ gate, o *opened) {
	a := o.try(t, "/panic-late")
	require.True(t, a.broken(), "the client takes %q for the whole body", a.body)
}

func panicLateLogged(t require.TestingT, _ gate, o *opened) {
	seen := o.logged(t, "app.panicLate")
	a := o.try(t, "/panic-late")
	require.True(t, a.replaced() || strings.HasPrefix("partial-body\n", a.body), "body %q", a.body)
	waitFor(t, "the stack is in the log", func() bool { return o.logged(t, "app.panicLate") > seen })
	o.get(t, "/slow").want(t, http.StatusOK, "slept\n")
}

func departure(t require.TestingT, _ gate, o *opened) {
	waitForFile(t, "the handler notices", o.depart(t).mark)
}

// A wait is a handler that waited when its client left.
type wait struct {
	mark   string // written when the handler notices
	gaveUp string // written when it does not
}

// depart leaves while a handler waits for that.
func (o *opened) depart(t require.TestingT) wait {
	dir, err := os.MkdirTemp(o.marks, "")
	require.NoError(t, err)
	require.NoError(t, os.Chmod(dir, 0o777))
	w := wait{filepath.Join(dir, "mark"), filepath.Join(dir, "gaveup")}
	begun := filepath.Join(dir, "begun")
	c, err := o.server.dial()
	require.NoError(t, err)
	defer c.Close()
	waiting := o.waiting
	if waiting == "" {
		waiting = "/wait-cancel?"
	}
	target := waiting + "ms=1000&mark=" + w.mark + "&gaveup=" + w.gaveUp + "&begun=" + begun
	require.NoError(t, o.request(t, http.MethodGet, target, nil).Write(c))
	waitForFile(t, "the handler waits", begun)
	return w
}

// logged counts how often a text is in the log of the application's error stream.
func (o *opened) logged(t require.TestingT, text string) int {
	content, err := os.ReadFile(o.stderr)
	require.NoError(t, err)
	return strings.Count(string(content), text)
}
