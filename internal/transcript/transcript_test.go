package transcript

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-go/postern/internal/record"
)

func event(from Side, t record.Type, id uint16, content []byte) Event {
	wire := record.AppendRecord(nil, t, id, content)
	e, _, err := ParseWire(from, wire)
	if err != nil {
		panic(err)
	}
	return e
}

func TestText(t *testing.T) {
	oddPadding := event(Worker, record.Stdout, 1, []byte("x"))
	oddPadding.Padding = []byte("1234567")
	reserved := record.AppendBegin(nil, record.Begin{Role: record.Responder})
	reserved[7] = 9
	for _, row := range []struct {
		why  string
		e    Event
		text string
	}{
		{"a request begins", event(WebServer, record.BeginRequest, 3, record.AppendBegin(nil, record.Begin{Role: record.Responder, Flags: 1})),
			"> FCGI_BEGIN_REQUEST id=3\n\trole=1 flags=1\n"},
		{"reserved bytes that are not zero", event(WebServer, record.BeginRequest, 1, reserved),
			"> FCGI_BEGIN_REQUEST id=1\n\t\"\\x00\\x01\\x00\\x00\\x00\\x00\\x00\\t\"\n"},
		{"pairs", event(WebServer, record.Params, 1, record.AppendPair(record.AppendPair(nil, "A", "b=\"c\""), "D", "")),
			"> FCGI_PARAMS id=1 padding=5\n\t\"A\" = \"b=\\\"c\\\"\"\n\t\"D\" = \"\"\n"},
		{"half a pair", event(WebServer, record.Params, 1, []byte{5, 5, 'a'}), "> FCGI_PARAMS id=1 padding=5\n\t\"\\x05\\x05a\"\n"},
		{"the end of a stream", event(WebServer, record.Params, 1, nil), "> FCGI_PARAMS id=1\n"},
		{"lines", event(Worker, record.Stdout, 1, []byte("one\r\n\ntwo")), "< FCGI_STDOUT id=1 padding=7\n\t\"one\\r\\n\"\n\t\"\\n\"\n\t\"two\"\n"},
		{"a large body", event(WebServer, record.Stdin, 1, Pattern(7, 60000)), "> FCGI_STDIN id=1\n\tpattern 7 60000\n"},
		{"padding that is not zero", oddPadding, "< FCGI_STDOUT id=1 padding=7 \"1234567\"\n\t\"x\"\n"},
		{"a request ends", event(Worker, record.EndRequest, 1, record.AppendEnd(nil, record.End{App: 2, Status: record.Overloaded})),
			"< FCGI_END_REQUEST id=1\n\tapp=2 status=2\n"},
		{"a connection ends", Event{From: WebServer, Closed: true}, "> close\n"},
	} {
		t.Run(row.why, func(t *testing.T) {
			require.Equal(t, row.text, string(row.e.appendText(nil)))
			parsed, err := Parse("# note\nconnection\n" + row.text)
			require.NoError(t, err)
			require.Len(t, parsed, 1)
			require.Len(t, parsed[0], 1)
			require.Equal(t, string(row.e.AppendWire(nil)), string(parsed[0][0].AppendWire(nil)))
			require.Equal(t, row.text, strings.TrimPrefix(string(Append(nil, parsed)), "connection\n"))
		})
	}
}

func TestWire(t *testing.T) {
	wire := record.AppendRecord(nil, record.Stdin, 1, []byte("body"))
	for n := range wire {
		_, used, err := ParseWire(WebServer, wire[:n])
		require.NoError(t, err)
		require.Zero(t, used, "%d bytes are no record", n)
	}
	e, used, err := ParseWire(WebServer, append(wire, "more"...))
	require.NoError(t, err)
	require.Equal(t, len(wire), used)
	require.Equal(t, wire, e.AppendWire(nil))
	_, _, err = ParseWire(WebServer, make([]byte, record.HeaderLen))
	require.Error(t, err, "another version")
}

func TestTextThatIsNone(t *testing.T) {
	for why, text := range map[string]string{
		"a record before the first connection": "> close\n",
		"a line from nobody":                   "connection\nclose\n",
		"an unknown type":                      "connection\n> HELLO id=1\n",
		"no id":                                "connection\n> FCGI_STDIN\n",
		"an id that is too large":              "connection\n> FCGI_STDIN id=65536\n",
		"padding that is not as long as said":  "connection\n> FCGI_STDIN id=1 padding=3 \"x\"\n",
		"content that is not quoted":           "connection\n> FCGI_STDIN id=1\n\tbody\n",
		"a pair without an equals sign":        "connection\n> FCGI_PARAMS id=1\n\t\"A\" \"b\"\n",
	} {
		_, err := Parse(text)
		require.ErrorContains(t, err, "transcript: ", why)
	}
}
