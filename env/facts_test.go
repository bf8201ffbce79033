package env_test

import (
	"bufio"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/postern-go/postern/env"
	"github.com/stretchr/testify/require"
)

// A requestRow compares the request that variables give with the one that
// net/http reads from the bytes on the wire.
type requestRow struct {
	why  string
	vars string // NAME=value lines; a later line counts, one with "+" before it repeats, one with "-" deletes
	wire string // the HTTP request, its lines ended by LF
	but  string // facts that differ from those of the wire
}

func testRows(t *testing.T, rows []requestRow) {
	t.Helper()
	for _, row := range rows {
		t.Run(row.why, func(t *testing.T) {
			want := wireFacts(t, row.wire)
			for line := range strings.Lines(row.but) {
				key, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
				require.NotEqual(t, want[key], value, "%s no longer differs", key)
				want[key] = value
			}
			r, err := lines(row.vars).Request()
			require.NoError(t, err)
			require.Equal(t, listing(want), listing(facts(settled(r, row.wire))))
		})
	}
}

// lines makes variables of the text of a row.
func lines(text string) *env.Vars {
	v := new(env.Vars)
	for line := range strings.Lines(text) {
		name, value, found := strings.Cut(strings.TrimSuffix(line, "\n"), "=")
		switch {
		case strings.HasPrefix(name, "-"):
			v.Del(name[1:])
		case strings.HasPrefix(name, "+"):
			v.Add(name[1:], value)
		case found:
			v.Set(name, value)
		}
	}
	return v
}

// settled is the request as the engine settles it: an unknown length with no
// body behind it is 0.
func settled(r *http.Request, wire string) *http.Request {
	if _, body, _ := strings.Cut(wire, "\n\n"); body == "" && r.TransferEncoding == nil && r.ContentLength < 0 {
		r.ContentLength = 0
	}
	return r
}

// peer is the client of every row.
const peer = "192.0.2.7:50123"

func wireFacts(t *testing.T, wire string) map[string]string {
	t.Helper()
	r, err := http.ReadRequest(bufio.NewReader(strings.NewReader(crlf(wire))))
	require.NoError(t, err)
	r.RemoteAddr = peer
	return facts(r)
}

// crlf ends the lines of the head as HTTP has them, and adds the empty line.
func crlf(wire string) string {
	head, body, _ := strings.Cut(wire, "\n\n")
	return strings.ReplaceAll(strings.TrimSuffix(head, "\n"), "\n", "\r\n") + "\r\n\r\n" + body
}

// facts is what a handler can know of a request.
func facts(r *http.Request) map[string]string {
	f := map[string]string{
		"method": r.Method, "path": r.URL.Path, "rawpath": r.URL.RawPath, "query": r.URL.RawQuery,
		"force": fmt.Sprint(r.URL.ForceQuery), "url": strings.Trim(fmt.Sprint(r.URL.Scheme, " ", r.URL.Host, " ", r.URL.Opaque), " "),
		"uri": r.RequestURI, "host": r.Host, "proto": fmt.Sprintf("%s %d.%d", r.Proto, r.ProtoMajor, r.ProtoMinor),
		"length": fmt.Sprint(r.ContentLength), "coding": fmt.Sprint(r.TransferEncoding), "close": fmt.Sprint(r.Close),
		"remote": r.RemoteAddr, "tls": fmt.Sprint(r.TLS != nil),
	}
	for name, values := range r.Header {
		f[name] = fmt.Sprintf("%q", values)
	}
	return f
}

// listing is one line for each fact; one that is nothing is left out.
func listing(facts map[string]string) string {
	var all []string
	for key, value := range facts {
		if value != "" {
			all = append(all, key+" "+value)
		}
	}
	slices.Sort(all)
	return strings.Join(all, "\n")
}
