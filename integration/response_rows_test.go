package integration

import (
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/stretchr/testify/require"

	"github.com/postern-go/postern/integration/testapp/app"
)

// responseRows are about what becomes of the handler's answer.
func responseRows() []row {
	return []row{
		{"bytes", "bodies of every size arrive whole", bytesWhole},
		{"bytes", "a small body has a length", bytesLength},
		{"bytes", "HEAD has the header fields of GET and no body", bytesHead},
		{"status", "statuses arrive, with no body", statusArrives},
		{"slow", "a handler may take its time", slowAnswers},
		{"header", "fields arrive, repeated ones in order, and cookies apart", headerFields},
		{"header", "a redirect is the client's to follow", headerLocation},
		{"header", "line ends in a value do not make another field", headerInjection},
		{"stream", "lines written one by one arrive whole", streamWhole},
		{"cl", "a body of the declared length arrives", clExact},
		{"cl", "more than the declared length never arrives", clLong},
		{"cl", "the client can tell that less than the declared length came", clShort},
		{"body-on", "204 and 304 have no body", bodyOnNone},
		{"body-on", "an error status has its body", bodyOnError},
	}
}

func bytesWhole(t require.TestingT, _ gate, o *opened) {
	for _, n := range []int64{0, 1, 512, 4096, 65535, 65536, 1000003} {
		a := o.get(t, fmt.Sprintf("/bytes?n=%d", n))
		a.wantStatus(t, http.StatusOK)
		require.Equal(t, "text/plain", a.Header.Get("Content-Type"))
		require.Equal(t, patternText(t, n), a.body)
	}
}

func bytesLength(t require.TestingT, _ gate, o *opened) {
	a := o.get(t, "/bytes?n=10")
	a.want(t, http.StatusOK, "0123456789")
	require.EqualValues(t, 10, a.ContentLength)
}

func bytesHead(t require.TestingT, _ gate, o *opened) {
	a := o.do(t, o.request(t, http.MethodHead, "/bytes?n=10", nil))
	a.want(t, http.StatusOK, "")
	require.Equal(t, "text/plain", a.Header.Get("Content-Type"))
}

func statusArrives(t require.TestingT, _ gate, o *opened) {
	for _, code := range []int{200, 201, 204, 299, 304, 400, 404, 418, 500, 503} {
		o.get(t, fmt.Sprintf("/status?code=%d", code)).want(t, code, "")
	}
}

func slowAnswers(t require.TestingT, _ gate, o *opened) {
	o.get(t, "/slow?ms=20").want(t, http.StatusOK, "slept\n")
}

func headerFields(t require.TestingT, _ gate, o *opened) {
	a := o.get(t, "/header?code=418&h=X-Probe:one&h=Set-Cookie:a%3D1&h=X-Probe:two&h=Set-Cookie:b%3D2")
	a.want(t, http.StatusTeapot, "ok\n")
	require.Equal(t, "one, two", strings.Join(a.Header.Values("X-Probe"), ", "))
	require.Equal(t, []string{"a=1", "b=2"}, a.Header.Values("Set-Cookie"))
}

func headerLocation(t require.TestingT, _ gate, o *opened) {
	a := o.get(t, "/header?code=303&h=Location:/echo")
	a.wantStatus(t, http.StatusSeeOther)
	require.Contains(t, []string{"/echo", "http://app.test/echo"}, a.Header.Get("Location"))
}

func headerInjection(t require.TestingT, _ gate, o *opened) {
	a := o.get(t, "/header?h=X-Probe:one%0D%0AX-Injected:two")
	require.Empty(t, a.Header.Values("X-Injected"))
	require.NotContains(t, a.body, "X-Injected")
}

func streamWhole(t require.TestingT, _ gate, o *opened) {
	o.get(t, "/stream?n=4&ms=1").want(t, http.StatusOK, "line 0\nline 1\nline 2\nline 3\n")
}

func clExact(t require.TestingT, _ gate, o *opened) {
	o.get(t, "/cl?declared=5000&actual=5000").want(t, http.StatusOK, patternText(t, 5000))
}

func clLong(t require.TestingT, _ gate, o *opened) {
	a := o.try(t, "/cl?declared=15&actual=5000")
	require.True(t, a.replaced() || strings.HasPrefix(patternText(t, 15), a.body), "body %q", a.body)
}

func clShort(t require.TestingT, _ gate, o *opened) {
	a := o.try(t, "/cl?declared=5000&actual=500")
	require.True(t, a.broken(), "the client takes %d bytes for the whole body", len(a.body))
	require.True(t, a.replaced() || strings.HasPrefix(patternText(t, 500), a.body))
}

func bodyOnNone(t require.TestingT, _ gate, o *opened) {
	for _, code := range []int{204, 304} {
		o.get(t, fmt.Sprintf("/body-on?code=%d", code)).want(t, code, "")
	}
}

func bodyOnError(t require.TestingT, _ gate, o *opened) {
	o.get(t, "/body-on?code=404").want(t, http.StatusNotFound, "forbidden-body")
}

func patternText(t require.TestingT, n int64) string {
	text, err := io.ReadAll(app.Pattern(n))
	require.NoError(t, err)
	return string(text)
}
