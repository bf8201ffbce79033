package integration

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-go/postern/integration/testapp/app"
	"github.com/postern-go/postern/internal/record"
)

// TestFilter asks the test application to filter a file. No web server would, so the test is one itself.
func TestFilter(t *testing.T) {
	const body, file = "the body", "the file"
	var params []byte
	for _, v := range [][2]string{
		{"REQUEST_METHOD", "POST"}, {"REQUEST_URI", "/echo"}, {"SERVER_PROTOCOL", "HTTP/1.1"}, {"HTTP_HOST", "app.test"},
		{"CONTENT_LENGTH", strconv.Itoa(len(body))}, {"FCGI_DATA_LENGTH", strconv.Itoa(len(file))}, {"FCGI_DATA_LAST_MOD", "1000000000"},
	} {
		params = record.AppendPair(params, v[0], v[1])
	}
	var sent []byte
	send := func(kind record.Type, content string) {
		sent = record.AppendRecord(sent, kind, 1, []byte(content))
	}
	send(record.BeginRequest, string(record.AppendBegin(nil, record.Begin{Role: record.Filter})))
	for _, s := range []struct {
		kind    record.Type
		content string
	}{{record.Params, string(params)}, {record.Stdin, body}, {record.Data, file}} {
		send(s.kind, s.content)
		send(s.kind, "")
	}
	c := startWorker(t, testapp, "fastcgi", "unix").dial(t)
	_, err := c.Write(sent)
	require.NoError(t, err)
	_, text, _ := strings.Cut(stdoutOf(t, bufio.NewReader(c)), "\r\n\r\n")
	var e app.Echo
	require.NoError(t, json.Unmarshal([]byte(text), &e), "%q", text)
	require.Equal(t, "FILTER", e.Flags.Role)
	require.EqualValues(t, len(body), e.BodyLen)
	require.EqualValues(t, len(file), e.Flags.DataLen)
	sum := sha256.Sum256([]byte(file))
	require.Equal(t, hex.EncodeToString(sum[:]), e.Flags.DataSHA256)
}

// stdoutOf reads the STDOUT of the one request on a connection.
func stdoutOf(t *testing.T, r *bufio.Reader) string {
	t.Helper()
	var out strings.Builder
	for {
		var head [record.HeaderLen]byte
		_, err := io.ReadFull(r, head[:])
		require.NoError(t, err)
		h, err := record.ParseHeader(head[:])
		require.NoError(t, err)
		content := make([]byte, int(h.Content)+int(h.Padding))
		_, err = io.ReadFull(r, content)
		require.NoError(t, err)
		switch h.Type {
		case record.Stdout:
			out.Write(content[:h.Content])
		case record.EndRequest:
			return out.String()
		}
	}
}
