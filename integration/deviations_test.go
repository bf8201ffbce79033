package integration

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/postern-go/postern/integration/testapp/app"
)

// A deviation is a row that a gate cannot keep, by nature of its protocol or its web server.
type deviation struct {
	gate   string // name of the gate, or the part of it that says to which ones this applies
	why    string // the sentence of the row
	reason string
	// instead is what is true of the gate; nil stands for: the row's own check fails.
	instead func(t *testing.T, g gate, o *opened)
}

func deviations() []deviation {
	return slices.Concat(scgiDeviations(), cgiDeviations(), []deviation{
		{"Apache", "the context ends when the client leaves",
			"Apache notices that a client has left only when it writes to it", undeparted},
		{"Apache", "a small body has a length",
			"Apache takes Content-Length from the answers of programs (since 2.4.59, unless the variable ap_trust_cgilike_cl is set), and puts it back when it sees the end of the answer at once", maybeLength},
		{"Apache, CGI", "the client can tell that less than the declared length came",
			"Apache has taken the Content-Length away, and CGI has no other sign", nil},
		{"Apache, CGI", "the client can tell that a panic cut its answer short",
			"the end of a program's output is the end of its answer, whatever its exit status", nil},
		{"mod_fcgid", "the context ends when the client leaves",
			"Apache notices that a client has left only when it writes to it", undeparted},
		{"lighttpd", "the context ends when the client leaves",
			"lighttpd notices that a client has left only when it writes to it", undeparted},
		{"lighttpd", "the client can tell that a panic cut its answer short",
			"lighttpd sends what it has as if it were all, unless it has a Content-Length", nil},
		{"HAProxy", "the context ends when the client leaves",
			"HAProxy 2.6 notices that a client has left only when it writes to it, also with option abortonclose", undeparted},
		{"HAProxy", "a body of unknown length arrives whole",
			"HAProxy 2.6 refuses with 400 a chunked body that is larger than its buffer", refused},
		{"HAProxy", "a panic after the head leaves a stack in the log, and the next request is served",
			"HAProxy 2.6 may lose what is on the error stream when an answer is broken off", servedAfterLatePanic},
		{"HAProxy", "the rest of the body may stay unread",
			"HAProxy 2.6 serves nothing more on a client's connection whose last body was answered before it was all there", unreadOnce},
		{"Caddy", "the context ends when the client leaves",
			"Caddy 2.6 notices that a client has left only when it writes to it", undeparted},
		{"Caddy", "the client can tell that a panic cut its answer short",
			"Caddy 2.6 ends an answer that broke off like a whole one, unless it has a Content-Length", nil},
		{"Caddy", "the error stream ends in the log", noStderr, unlogged},
		{"Caddy", "a panic before the head is a 500 for the client and a stack in the log, and the next request is served", noStderr, unloggedPanic},
		{"Caddy", "a panic after the head leaves a stack in the log, and the next request is served", noStderr, unloggedLatePanic},
	})
}

// refused: a chunked body is refused before its end has come.
func refused(t *testing.T, _ gate, o *opened) {
	c, err := o.server.dial()
	require.NoError(t, err)
	defer c.Close()
	require.NoError(t, c.SetDeadline(time.Now().Add(patience)))
	_, _ = io.WriteString(c, "POST "+o.mount+"/upload HTTP/1.1\r\nHost: app.test\r\nTransfer-Encoding: chunked\r\n\r\n10000\r\n")
	_, _ = io.Copy(c, app.Pattern(0xffff)) // HAProxy may have closed the connection before
	response, err := http.ReadResponse(bufio.NewReader(c), nil)
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	require.Equal(t, http.StatusBadRequest, response.StatusCode, "it passes now; take the deviation out of the table")
}

// unreadOnce: another connection is served.
func unreadOnce(t *testing.T, _ gate, o *opened) {
	r := o.request(t, http.MethodPost, "/read-some?n=5", app.Pattern(300000))
	r.ContentLength = 300000
	o.do(t, r).want(t, http.StatusOK, "read 5\n")
	o.try(t, "/slow").want(t, http.StatusOK, "slept\n")
	o.client.CloseIdleConnections()
}

const noStderr = "capture_stderr has no effect before Caddy 2.7"

func unlogged(t *testing.T, _ gate, o *opened) {
	o.get(t, "/stderr").want(t, http.StatusOK, "ok\n")
	o.stillUnlogged(t, "stderr-probe")
}

func unloggedPanic(t *testing.T, _ gate, o *opened) {
	a := o.get(t, "/panic")
	a.wantStatus(t, http.StatusInternalServerError)
	require.NotContains(t, a.body, app.Secret)
	o.stillUnlogged(t, "app.panicEarly")
}

func unloggedLatePanic(t *testing.T, _ gate, o *opened) {
	require.Equal(t, "partial-body\n", o.try(t, "/panic-late").body)
	o.stillUnlogged(t, "app.panicLate")
}

// servedAfterLatePanic: whether the stack is in the log is a matter of luck.
func servedAfterLatePanic(t *testing.T, _ gate, o *opened) {
	require.True(t, o.try(t, "/panic-late").broken())
	o.get(t, "/slow").want(t, http.StatusOK, "slept\n")
}

// stillUnlogged looks into the log when the next request has been served.
func (o *opened) stillUnlogged(t *testing.T, text string) {
	o.get(t, "/slow").want(t, http.StatusOK, "slept\n")
	require.Zero(t, o.logged(t, text), "it is logged now; take the deviation out of the table")
}

// undeparted: the handler waits in vain after its client has left.
func undeparted(t *testing.T, _ gate, o *opened) {
	w := o.depart(t)
	waitFor(t, "the handler gives up", func() bool { return exists(w.gaveUp) || exists(w.mark) })
	require.NoFileExists(t, w.mark, "the departure is seen now; take the deviation out of the table")
}

func deviationOf(g gate, r row) (deviation, bool) {
	for _, d := range deviations() {
		if strings.Contains(g.name, d.gate) && d.why == r.why {
			return d, true
		}
	}
	return deviation{}, false
}

// check fails when the deviation is no longer true.
func (d deviation) check(t *testing.T, g gate, o *opened, r row) {
	t.Log(d.reason)
	if d.instead != nil {
		d.instead(t, g, o)
		return
	}
	require.True(t, fails(func(t require.TestingT) { r.check(t, g, o) }),
		"the row holds now; take the deviation out of the table")
}

// TestDeviationsApply finds rows of the table that name no gate or no row of the contract.
func TestDeviationsApply(t *testing.T) {
	for _, d := range deviations() {
		applies := false
		for _, g := range gates() {
			for _, r := range rows() {
				if found, ok := deviationOf(g, r); ok && found.gate == d.gate && found.why == d.why {
					applies = true
				}
			}
		}
		require.True(t, applies, "%s: %s", d.gate, d.why)
	}
}

// A trial is a TestingT that only remembers whether its check failed.
type trial struct {
	failures []string
}

func (t *trial) Errorf(format string, args ...any) {
	t.failures = append(t.failures, fmt.Sprintf(format, args...))
}

func (t *trial) FailNow() {
	if len(t.failures) == 0 {
		t.failures = append(t.failures, "FailNow")
	}
	runtime.Goexit()
}

func fails(check func(require.TestingT)) bool {
	t, done := &trial{}, make(chan struct{})
	go func() {
		defer close(done)
		check(t)
	}()
	<-done
	return len(t.failures) > 0
}
