package origin

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/postern-go/postern/gateway"
	"github.com/stretchr/testify/require"
)

// What a handler keeps of a request stays what it is, whatever other requests its
// memory serves.
func TestKeptRequests(t *testing.T) {
	var given, parsed []*http.Request
	g := open(t, "unix", &Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p, err := gateway.ExchangeOf(r).(gateway.Requester).Request()
		require.NoError(t, err)
		given, parsed = append(given, r), append(parsed, p)
		says("kept").ServeHTTP(w, r)
	})})
	p := g.peer()
	const n = 20
	for i := range n {
		p.send(fmt.Sprintf("GET /%d?q=%d HTTP/1.1\r\nHost: h-%d\r\nX: %d\r\n\r\n", i, i, i, i))
		p.want("an answer", response("200 OK", "kept"))
	}
	for i := range n {
		for _, r := range []*http.Request{given[i], parsed[i]} {
			require.Equal(t, fmt.Sprintf("/%d?q=%d", i, i), r.URL.String())
			require.Equal(t, fmt.Sprintf("/%d?q=%d", i, i), r.RequestURI)
			require.Equal(t, fmt.Sprintf("h-%d", i), r.Host)
			require.Equal(t, http.Header{"X": {fmt.Sprint(i)}}, r.Header)
			require.Equal(t, fmt.Sprintf("q=%d", i), gateway.Vars(r).Get("QUERY_STRING"))
		}
	}
}

// A handler that rewrites the URL in place rewrites the variables, for the programs
// and workers that it may ask.
func TestURLChangedInPlace(t *testing.T) {
	g := open(t, "unix", &Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.URL.Path, r.URL.RawQuery = "/changed", "new=1"
		show("PATH_INFO", "QUERY_STRING", "REQUEST_URI").ServeHTTP(w, r)
	})})
	p := g.peer()
	p.send("GET /orig?old=1 HTTP/1.1\r\nHost: h\r\n\r\n")
	p.want("the target stays", response("200 OK", "/changed new=1 /orig?old=1"))
}
