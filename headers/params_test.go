package headers_test

import (
	"mime"
	"testing"

	"github.com/postern-go/postern/headers"
	"github.com/stretchr/testify/require"
)

// TestParamRefused has what the vectors of CPython cannot have.
func TestParamRefused(t *testing.T) {
	for _, row := range []struct {
		why   string
		param headers.Param
		err   string
	}{
		{"a parameter has a name", headers.Param{Value: "v"}, "headers: parameter name is empty"},
		{"a bare parameter has a name", headers.Param{Bare: true}, "headers: parameter name is empty"},
		{"the name is a token", headers.Param{Name: "a=b", Value: "v"},
			`headers: parameter name "a=b" has byte "=" at offset 1`},
		{"the name of a bare one, too", headers.Param{Name: "a;b", Bare: true},
			`headers: parameter name "a;b" has byte ";" at offset 1`},
		{"a quoted line break is a line break", headers.Param{Name: "a", Value: "\"\r\n"},
			`headers: value of parameter "a" has byte "\r" at offset 1`},
		{"with a value it is not bare", headers.Param{Name: "a", Value: "v", Bare: true},
			`headers: bare parameter "a" has a value`},
	} {
		t.Run(row.why, func(t *testing.T) {
			h := list{{"A", "old"}}
			err := h.Add("A", "new", headers.Param{Name: "fine", Value: "yes"}, row.param)
			require.EqualError(t, err, row.err)
			require.Equal(t, list{{"A", "old"}}, h, "an error changes nothing")
		})
	}
}

// TestParamReadBack has another implementation undo the quoting.
func TestParamReadBack(t *testing.T) {
	for _, row := range []struct{ why, value string }{
		{"a word", "bud.gif"},
		{"an empty value", ""},
		{"spaces and separators", "a, b; c=d (e)"},
		{"a quotation mark", `say "hi"`},
		{"a Windows path", `C:\new\table.txt`},
		{"backslashes at the end", `\\`},
		{"what looks like an escape", `\"`},
		{"bytes outside ASCII", "caf\xc3\xa9"},
	} {
		t.Run(row.why, func(t *testing.T) {
			var h headers.Headers
			require.NoError(t, h.Add("Content-Disposition", "attachment", headers.Param{Name: "file_name", Value: row.value}))
			kind, params, err := mime.ParseMediaType(h.Get("Content-Disposition"))
			require.NoError(t, err)
			require.Equal(t, "attachment", kind)
			require.Equal(t, map[string]string{"file-name": row.value}, params)
		})
	}
}
