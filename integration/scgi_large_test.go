package integration

import (
	"fmt"
	"io"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-go/postern/integration/testapp/app"
)

const large = 64 << 20

// TestSCGILarge sends large bodies both ways through every web server that speaks SCGI.
func TestSCGILarge(t *testing.T) {
	for _, g := range scgiGates() {
		t.Run(g.name, func(t *testing.T) {
			o := g.open(t)
			t.Run("up", func(t *testing.T) {
				r := o.request(t, http.MethodPost, "/upload", app.Pattern(large))
				r.ContentLength = large
				require.Equal(t, app.Upload{BodyLen: large, BodySHA256: patternSum(t, large)}, o.do(t, r).upload(t))
			})
			t.Run("down", func(t *testing.T) {
				a := o.get(t, fmt.Sprintf("/bytes?n=%d", large))
				a.wantStatus(t, http.StatusOK)
				require.True(t, a.body == patternText(t, large), "%d bytes", len(a.body))
			})
			for _, path := range []string{"/status?code=403", "/read-some?n=70000"} {
				t.Run("an early answer of "+path, func(t *testing.T) {
					r := o.request(t, http.MethodPost, path, app.Pattern(large))
					r.ContentLength = large
					a := o.do(t, r)
					require.Contains(t, []int{http.StatusForbidden, http.StatusOK}, a.StatusCode, "body %q", a.body)
					o.get(t, "/slow").want(t, http.StatusOK, "slept\n")
				})
			}
			t.Run("a large answer to a large body that nobody reads", func(t *testing.T) {
				r := o.request(t, http.MethodPost, fmt.Sprintf("/bytes?n=%d", large), app.Pattern(large))
				r.ContentLength = large
				response, err := o.client.Do(r)
				require.NoError(t, err)
				defer response.Body.Close()
				n, err := io.Copy(io.Discard, response.Body)
				require.NoError(t, err)
				require.EqualValues(t, large, n)
			})
		})
	}
}

// TestSCGIUnbuffered: nginx before 1.29.6 announces only what it has of a body when it does not read all of it first. The worker can believe
// nothing else; it neither waits nor takes the rest for anything, and answers.
func TestSCGIUnbuffered(t *testing.T) {
	for _, network := range []string{"unix", "tcp"} {
		t.Run(network, func(t *testing.T) {
			o := through(nginx, "nginx-scgi.conf", "scgi", network, replace{"include", "scgi_request_buffering off;\n        include"})(t)
			for _, size := range []int64{5, large} {
				r := o.request(t, http.MethodPost, "/upload", app.Pattern(size))
				r.ContentLength = size
				u := o.do(t, r).upload(t)
				require.LessOrEqual(t, u.BodyLen, size)
				require.Equal(t, patternSum(t, u.BodyLen), u.BodySHA256, "the beginning of the body and nothing else")
				t.Logf("of %d bytes, nginx announced %d", size, u.BodyLen)
				o.get(t, "/slow").want(t, http.StatusOK, "slept\n")
			}
		})
	}
}
