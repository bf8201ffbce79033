package integration

import (
	"bufio"
	"encoding/json"
	"io"
	"net/http"

	"github.com/stretchr/testify/require"

	"github.com/postern-go/postern/integration/testapp/app"
)

// An answer is a response that has been read. err says why its body ended early, or, without a response, why there is none.
type answer struct {
	*http.Response
	body string
	err  error
}

// do requires that there is a response; whether it is whole is for the caller to say.
func (o *opened) do(t require.TestingT, r *http.Request) answer {
	response, err := o.client.Do(r)
	require.NoError(t, err, "%s %s", r.Method, r.URL)
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	return answer{response, string(body), err}
}

// try asks over a connection of its own, so that nothing is asked twice, and takes also no response at all for an answer.
// The connection is not to be kept: Apache leaves a broken one open for its KeepAliveTimeout.
func (o *opened) try(t require.TestingT, target string) answer {
	c, err := o.server.dial()
	require.NoError(t, err)
	defer c.Close()
	r := o.request(t, http.MethodGet, target, nil)
	r.Close = true
	require.NoError(t, r.Write(c))
	response, err := http.ReadResponse(bufio.NewReader(c), r)
	if err != nil {
		return answer{err: err}
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	return answer{response, string(body), err}
}

func (o *opened) get(t require.TestingT, target string) answer {
	return o.do(t, o.request(t, http.MethodGet, target, nil))
}

// want requires a whole response.
func (a answer) want(t require.TestingT, status int, body string) {
	a.wantStatus(t, status)
	require.Equal(t, body, a.body)
}

func (a answer) wantStatus(t require.TestingT, status int) {
	require.NoError(t, a.err)
	require.Equal(t, status, a.StatusCode, "body %q", a.body)
}

func (a answer) echo(t require.TestingT) app.Echo {
	a.wantStatus(t, http.StatusOK)
	require.Equal(t, "application/json", a.Header.Get("Content-Type"))
	var e app.Echo
	require.NoError(t, json.Unmarshal([]byte(a.body), &e), "body %q", a.body)
	return e
}

func (a answer) upload(t require.TestingT) app.Upload {
	a.wantStatus(t, http.StatusOK)
	var u app.Upload
	require.NoError(t, json.Unmarshal([]byte(a.body), &u), "body %q", a.body)
	return u
}

// broken reports whether a client can tell that the answer is not what the application meant: it ends early, or the web
// server has put an error of its own in its place.
func (a answer) broken() bool { return a.err != nil || a.replaced() }

func (a answer) replaced() bool {
	return a.Response != nil && a.StatusCode >= http.StatusInternalServerError
}
