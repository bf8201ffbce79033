package app_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-go/postern/integration/testapp/app"
)

func ask(t *testing.T, method, target string, body io.Reader) *httptest.ResponseRecorder {
	t.Helper()
	w := httptest.NewRecorder()
	app.Handler().ServeHTTP(w, httptest.NewRequest(method, target, body))
	return w
}

const (
	emptySum = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
	bodySum  = "230d8358dc8e8890b4c58deeb62912ee2f20357ae92a5cc861b98e68fe31acb5" // of "body"
)

func TestAnswers(t *testing.T) {
	for _, row := range []struct {
		why, method, target, body string
		code                      int
		want                      string
	}{
		{"the pattern repeats after ten bytes", "GET", "/bytes?n=13", "", 200, "0123456789012"},
		{"no bytes are a body of none", "GET", "/bytes?n=0", "", 200, ""},
		{"anything below the first segment is the same path", "GET", "/bytes/any/thing?n=2", "", 200, "01"},
		{"a number that is none is a 400", "GET", "/bytes?n=x", "", 400, "app: n=\"x\" is not a number of at least 0\n"},
		{"a negative number is a 400", "GET", "/bytes?n=-1", "", 400, "app: n=\"-1\" is not a number of at least 0\n"},
		{"an upload answers length and hash", "PUT", "/upload", "body", 200, `{"body_len":4,"body_sha256":"` + bodySum + `"}` + "\n"},
		{"an empty upload has the hash of nothing", "POST", "/upload", "", 200, `{"body_len":0,"body_sha256":"` + emptySum + `"}` + "\n"},
		{"an upload is POST or PUT", "GET", "/upload", "", 405, "POST or PUT only\n"},
		{"a status is set and nothing else", "GET", "/status?code=418", "", 418, ""},
		{"sleep answers when it is over", "GET", "/slow?ms=1", "", 200, "slept\n"},
		{"the error stream does not reach the body", "GET", "/stderr", "", 200, "ok\n"},
		{"header answers with its code", "GET", "/header?code=404", "", 404, "ok\n"},
		{"lines are numbered from 0", "GET", "/stream?n=2&ms=0", "", 200, "line 0\nline 1\n"},
		{"the pattern goes on after the first ten bytes", "GET", "/cl?declared=12&actual=12", "", 200, "012345678901"},
		{"fewer bytes than ten are written at once", "GET", "/cl?declared=12&actual=3", "", 200, "012"},
		{"a body is tried where there may be one", "GET", "/body-on?code=500", "", 500, "forbidden-body"},
		{"some bytes are read", "POST", "/read-some?n=3", "body", 200, "read 3\n"},
		{"the end of the body ends the reading", "POST", "/read-some?n=9", "body", 200, "read 4\n"},
		{"any other path is a 404", "GET", "/nothing", "", 404, "404 page not found\n"},
		{"the root is a 404", "GET", "/", "", 404, "404 page not found\n"},
	} {
		t.Run(row.why, func(t *testing.T) {
			w := ask(t, row.method, row.target, strings.NewReader(row.body))
			require.Equal(t, row.code, w.Code)
			require.Equal(t, row.want, w.Body.String())
		})
	}
}

func TestNoFieldOfItsOwn(t *testing.T) {
	for _, path := range app.Paths() {
		switch path {
		case "panic", "panic-late", "wait-cancel", "cl": // these answer nothing, or with the length they were asked for
			continue
		}
		h := ask(t, "GET", "/"+path, nil).Header()
		for _, name := range []string{"Date", "Server", "Content-Length"} {
			require.NotContains(t, h, name, "/%s", path)
		}
	}
}

func TestEcho(t *testing.T) {
	r := httptest.NewRequest("POST", "http://site.test/echo/a%2Fb?x=1;y", strings.NewReader("body"))
	r.Header.Add("X-Probe", "one")
	r.Header.Add("X-Probe", "two")
	w := httptest.NewRecorder()
	app.Handler().ServeHTTP(w, r)
	require.Equal(t, 200, w.Code)
	require.Equal(t, "application/json", w.Header().Get("Content-Type"))
	var e app.Echo
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &e))
	require.Equal(t, "POST", e.Method)
	require.Equal(t, "/echo/a/b", e.Path)
	require.Equal(t, "x=1;y", e.Query)
	require.Equal(t, []string{"one", "two"}, e.Headers["X-Probe"])
	require.Equal(t, "192.0.2.1:1234", e.RemoteAddr)
	require.Equal(t, "site.test", e.Host)
	require.Equal(t, "http", e.Scheme)
	require.Equal(t, "one, two", e.Environ["HTTP_X_PROBE"])
	require.Equal(t, "POST", e.Environ["REQUEST_METHOD"])
	require.Equal(t, bodySum, e.BodySHA256)
	require.EqualValues(t, 4, e.BodyLen)
	require.Equal(t, "http", e.Flags.Gateway)
}

func TestAuthorizer(t *testing.T) {
	for _, row := range []struct {
		why, target, password string
		code                  int
		user                  []string
	}{
		{"nobody is let in without credentials", "/", "", 401, nil},
		{"nor with others", "/", "wrong", 401, nil},
		{"the one user is", "/any?path", app.Password, 200, []string{app.User}},
		{"unless nobody is to be", "/?forbid", app.Password, 403, nil},
	} {
		r := httptest.NewRequest("GET", row.target, nil)
		if row.password != "" {
			r.SetBasicAuth(app.User, row.password)
		}
		w := httptest.NewRecorder()
		app.Authorizer().ServeHTTP(w, r)
		require.Equal(t, row.code, w.Code, row.why)
		require.Equal(t, row.user, map[string][]string(w.Header())["Variable-Probe_User"], row.why)
	}
}

func TestBrokenBody(t *testing.T) {
	broken := func() io.Reader {
		return io.MultiReader(strings.NewReader("bo"), errorReader{})
	}
	mark := filepath.Join(t.TempDir(), "mark")
	want := `{"body_len":2,"error":"the peer is gone"}`

	w := ask(t, "POST", "/upload?mark="+url.QueryEscape(mark), broken())
	require.Equal(t, 400, w.Code)
	require.JSONEq(t, want, w.Body.String())
	marked, err := os.ReadFile(mark)
	require.NoError(t, err)
	require.JSONEq(t, want, string(marked))

	require.Equal(t, 400, ask(t, "POST", "/echo", broken()).Code, "an unreadable body has no echo")
	require.Equal(t, 400, ask(t, "POST", "/read-some?n=9", broken()).Code, "nor can some of it be read")
}

type errorReader struct{}

func (errorReader) Read([]byte) (int, error) { return 0, errors.New("the peer is gone") }

func TestHeaderIsRaw(t *testing.T) {
	w := ask(t, "GET", "/header?h=x-low:%20a%0d%0ab;c&h=X-Two:1&h=X-Two:2&h=X-Bad:%zz", nil)
	require.Equal(t, []string{" a\r\nb;c"}, map[string][]string(w.Header())["x-low"], "no name is changed and no value is cleaned")
	require.Equal(t, []string{"1", "2"}, w.Header()["X-Two"])
	require.Equal(t, "%zz", w.Header().Get("X-Bad"), "what does not decode stays as it is")
}

func TestPanics(t *testing.T) {
	for _, path := range []string{"/panic", "/panic-late"} {
		require.PanicsWithValue(t, app.Secret, func() { ask(t, "GET", path, nil) })
	}
}

func TestWaitCancel(t *testing.T) {
	dir := t.TempDir()
	mark, begun := filepath.Join(dir, "mark"), filepath.Join(dir, "begun")
	ctx, cancel := context.WithCancel(t.Context())
	r := httptest.NewRequest("GET", "/wait-cancel?mark="+mark+"&begun="+begun, nil).WithContext(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		app.Handler().ServeHTTP(httptest.NewRecorder(), r)
	}()
	require.NoFileExists(t, mark)
	cancel()
	<-done
	require.FileExists(t, begun)
	require.FileExists(t, mark)
}

func TestWaitCancelGivesUp(t *testing.T) {
	dir := t.TempDir()
	mark, gaveUp := filepath.Join(dir, "mark"), filepath.Join(dir, "gaveup")
	ask(t, "GET", "/wait-cancel?ms=1&mark="+mark+"&gaveup="+gaveUp, nil)
	require.FileExists(t, gaveUp)
	require.NoFileExists(t, mark)
}

func TestPattern(t *testing.T) {
	const n = 100003
	written := new(strings.Builder)
	_, err := app.Pattern(n).(io.WriterTo).WriteTo(written)
	require.NoError(t, err)
	read, err := io.ReadAll(onlyReader{app.Pattern(n)})
	require.NoError(t, err)
	require.Equal(t, string(read), written.String(), "both ways of reading agree")
	require.Len(t, read, n)
	for i, c := range read {
		require.Equal(t, byte('0'+i%10), c, "byte %d", i)
	}
}

type onlyReader struct{ io.Reader }
