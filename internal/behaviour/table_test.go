package behaviour

import (
	"bufio"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/postern-go/postern/internal/leak"
	"github.com/stretchr/testify/require"
)

func TestMain(m *testing.M) { os.Exit(leak.Main(m)) }

// The table is whole, and whoever names a row finds one.
func TestTable(t *testing.T) {
	names := make(map[string]bool)
	for _, row := range table() {
		require.False(t, names[row.Name], "two rows %q", row.Name)
		names[row.Name] = true
		require.NotEmpty(t, row.Why, row.Name)
		require.NotEmpty(t, row.Want, row.Name)
		require.NotNil(t, row.Handler, row.Name)
	}
	require.GreaterOrEqual(t, len(names), 200, "rows")
	require.Len(t, Rows(), len(names))
}

func TestDeviations(t *testing.T) {
	for _, mode := range []Mode{Status, Origin} {
		seen := make(map[string]bool)
		for _, d := range deviations {
			if d.In&mode == 0 {
				continue
			}
			require.Contains(t, Rows(), d.Row)
			require.NotEmpty(t, d.Why, d.Row)
			require.NotEmpty(t, d.Want, d.Row)
			require.False(t, seen[d.Row], "two deviations of %q", d.Row)
			seen[d.Row] = true
		}
		require.NotEmpty(t, seen)
	}
	require.Len(t, Deviations(Status, "103", "Hijacker"), 2)
	require.Empty(t, Deviations(Origin, "103", "Hijacker"), "those are of the other mode")
}

func TestVisible(t *testing.T) {
	const text = "\n200 OK\n~ Connection: close\nA: 1 \n"
	require.Equal(t, "200 OK\n~ Connection: close\nA: 1\n", Gate{Origin: true}.visible(text))
	require.Equal(t, "200 OK\nA: 1\n", Gate{}.visible(text), "a web server owns the connection")
}

func TestReadHTTP(t *testing.T) {
	for _, row := range []struct{ why, wire, request, want string }{
		{"a length", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nab", "GET / ", "200 OK\nContent-Length: 2\n~ no Date\nbody \"ab\"\n"},
		{"chunks and a trailer", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\nX: 1\r\n\r\n", "GET / ", "200 OK\n~ Transfer-Encoding: chunked\n~ no Date\nbody \"a\"\ntrailer X: 1\n"},
		{"the end of the connection", "HTTP/1.0 200 OK\r\n\r\nab", "GET / ", "~ HTTP/1.0\n200 OK\n~ no Date\nbody \"ab\"\n~ closed\n"},
		{"HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n", "HEAD / ", "200 OK\nContent-Length: 2\n~ no Date\n"},
		{"an informational response", "HTTP/1.1 103 Early Hints\r\nA: 1\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n", "GET / ", "103 Early Hints\nA: 1\n204 No Content\n~ no Date\n"},
		{"nothing", "", "GET / ", "no response\nbroken off\n"},
		{"a part of the head", "HTTP/1.1 200 OK\r\nA", "GET / ", "no response\nbroken off\n"},
		{"a part of the body", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nab", "GET / ", "200 OK\nContent-Length: 3\n~ no Date\nbody \"ab\"\nbroken off\n"},
		{"no last chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n", "GET / ", "200 OK\n~ Transfer-Encoding: chunked\n~ no Date\nbody \"a\"\nbroken off\n"},
		{"a part of a chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\na", "GET / ", "200 OK\n~ Transfer-Encoding: chunked\n~ no Date\nbody \"a\"\nbroken off\n"},
	} {
		a, err := ReadHTTP(bufio.NewReader(strings.NewReader(row.wire)), row.request)
		require.NoError(t, err, row.why)
		require.Equal(t, row.want, a.text(), row.why)
	}
}

func TestReadCGI(t *testing.T) {
	a, err := ReadCGI(bufio.NewReader(strings.NewReader("Location: /x\r\nStatus: 302 Found\r\nA: 1\r\n\r\nbody")))
	require.NoError(t, err)
	require.Equal(t, Answer{Head: Head{Status: "302 Found", Fields: []Field{{"Location", "/x"}, {"A", "1"}}}, Body: "body"}, a)

	a, err = ReadCGI(bufio.NewReader(strings.NewReader("")))
	require.NoError(t, err)
	require.Empty(t, a.Status, "nothing is no response")
}

// What two recipients could read in two ways fails the row that sent it.
func TestMalformed(t *testing.T) {
	for _, row := range []struct{ why, head string }{
		{"a line ends in CRLF", "A: 1\nB: 2\r\n"},
		{"and has no other CR", "A: 1\r2\r\n"},
		{"a field has a colon", "A 1\r\n"},
		{"and a space after it", "A:1\r\n"},
		{"and a name", ": 1\r\n"},
		{"without a space in it", "A B: 1\r\n"},
	} {
		_, err := ReadHTTP(bufio.NewReader(strings.NewReader("HTTP/1.1 200 OK\r\n"+row.head+"\r\n")), "GET / ")
		require.Error(t, err, row.why)
		_, err = ReadCGI(bufio.NewReader(strings.NewReader("Status: 200 OK\r\n" + row.head + "\r\n")))
		require.Error(t, err, row.why)
	}
	for _, wire := range []string{
		"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
		"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n",
		"200 OK\r\n\r\n",
	} {
		_, err := ReadHTTP(bufio.NewReader(strings.NewReader(wire)), "GET / ")
		require.Error(t, err, "%q", wire)
	}
	for _, wire := range []string{"A: 1\r\n\r\n", "Status: 200 OK\r\nStatus: 404 Not Found\r\n\r\n"} {
		_, err := ReadCGI(bufio.NewReader(strings.NewReader(wire)))
		require.Error(t, err, "%q", wire)
	}
}

// A gate that answers everything alike fails, row by row.
func TestGateThatLies(t *testing.T) {
	lies := Gate{Name: "lies", Serve: func(_ testing.TB, h http.Handler, c Client) Answer {
		return Answer{Head: Head{Status: "200 OK"}, Kept: true}
	}}
	for _, row := range table() {
		if row.Name == "implicit 200" || row.Name == "status 404" || row.Name == "panic at once" {
			got, _ := lies.run(t, row)
			require.NotEqual(t, lies.visible(row.Want), got, row.Name)
		}
	}
}
