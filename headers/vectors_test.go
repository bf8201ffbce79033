package headers_test

import (
	"encoding/json"
	"os"
	"testing"

	"github.com/postern-go/postern/headers"
	"github.com/stretchr/testify/require"
)

// The recording of testdata/generate.py, made by CPython.
type recording struct {
	Python   string
	Headers  []vector
	HopByHop [][2]any `json:"hop_by_hop"`
}

type vector struct {
	Why    string
	Fields []pair
	Steps  []step
	List   []pair
	Text   text
}

type step struct {
	Op     string
	Name   text
	Value  *text
	Params [][2]*text
	Result any
}

type pair [2]text

// text is a string of CPython; each of its characters is one byte here.
type text string

func (t *text) UnmarshalJSON(b []byte) error {
	var s string
	if err := json.Unmarshal(b, &s); err != nil {
		return err
	}
	*t = text(latin1(s))
	return nil
}

func latin1(s string) string {
	var b []byte
	for _, r := range s {
		b = append(b, byte(r))
	}
	return string(b)
}

// deviations are the vectors that this package answers in its own way.
var deviations = []struct {
	vector, reason string
	text           string // the block in the end
	result         any    // of the last step
	err            string // of the last step
}{
	{
		vector: "an empty parameter is the bare name",
		reason: "an empty value is a value: only a parameter without one is the bare name",
		text:   "A: v; b=\"\"; c=\"1\"\r\n\r\n",
	},
	{
		vector: "an empty value puts a semicolon first",
		reason: "no field of HTTP begins with a semicolon, and Go has no None to tell the two apart",
		text:   "A: b=\"1\"\r\n\r\n",
	},
	{
		vector: "names fold outside ASCII",
		reason: "a name is ASCII, and no other may pass for it",
		text:   "\r\n", // an invalid name is not written
	},
	{
		vector: "set takes a line break in a value",
		reason: "a line break splits the response",
		text:   "A: 1\r\n\r\n",
		err:    `headers: value of "A" has byte "\r" at offset 1`,
	},
	{
		vector: "setdefault takes NUL in a value",
		reason: "control characters are refused",
		text:   "\r\n",
		result: "",
		err:    `headers: value of "A" has byte "\x00" at offset 1`,
	},
	{
		vector: "add takes a line feed in a name",
		reason: "a line break splits the response",
		text:   "\r\n",
		err:    `headers: name "A\n" has byte "\n" at offset 1`,
	},
	{
		vector: "add takes a line feed in a parameter",
		reason: "a line break splits the response",
		text:   "\r\n",
		err:    `headers: value of parameter "b" has byte "\n" at offset 0`,
	},
	{
		vector: "set takes a space in a name",
		reason: "a name is a token",
		text:   "\r\n",
		err:    `headers: name "A B" has byte " " at offset 1`,
	},
}

func TestVectors(t *testing.T) {
	vectors := load(t).Headers
	require.NotEmpty(t, vectors, "testdata/vectors.json holds no vector")
	deviates := map[string]bool{}
	for _, d := range deviations {
		deviates[d.vector] = true
	}
	for _, v := range vectors {
		if deviates[v.Why] {
			continue
		}
		t.Run(v.Why, func(t *testing.T) {
			fs := fields(v.Fields)
			for _, s := range v.Steps {
				result, err := s.run(headers.Wrap(&fs))
				require.NoError(t, err, s.Op)
				require.Equal(t, s.want(), result, s.Op)
			}
			require.Equal(t, fields(v.List), fs, "the wrapped list")
			require.Equal(t, string(v.Text), headers.Headers(fs).String(), "its text")
		})
	}
}

func TestDeviations(t *testing.T) {
	byName := map[string]vector{}
	for _, v := range load(t).Headers {
		byName[v.Why] = v
	}
	for _, d := range deviations {
		t.Run(d.vector, func(t *testing.T) {
			v, ok := byName[d.vector]
			require.True(t, ok, "no such vector")
			fs := fields(v.Fields)
			require.Len(t, v.Steps, 1)
			result, err := v.Steps[0].run(headers.Wrap(&fs))
			if d.err != "" {
				require.EqualError(t, err, d.err, d.reason)
				require.Equal(t, fields(v.Fields), fs, "an error changes nothing")
			} else {
				require.NoError(t, err)
			}
			require.Equal(t, d.result, result, d.reason)
			require.Equal(t, d.text, headers.Headers(fs).String(), d.reason)
			require.NotEqual(t, string(v.Text), d.text, "CPython does the same: no deviation any more")
		})
	}
}

func TestHopByHopVectors(t *testing.T) {
	// Names that CPython lets through, with the reason.
	reasons := map[string]string{
		"Trailer":          "RFC 2616 meant this name by Trailers",
		"Proxy-Connection": "browsers and proxies send it for Connection",
	}
	recorded := load(t).HopByHop
	require.NotEmpty(t, recorded, "testdata/vectors.json holds no name")
	canonical, used := "", map[string]bool{}
	for i, row := range recorded {
		name, hop := row[0].(string), row[1].(bool)
		if i%3 == 0 { // the name, then its lower and upper case
			canonical = name
		}
		if reason := reasons[canonical]; reason != "" {
			require.False(t, hop, "CPython knows %q: no deviation any more", name)
			used[canonical], hop = true, true
		}
		require.Equal(t, hop, headers.IsHopByHop(name), "%q", name)
	}
	require.Len(t, used, len(reasons), "every deviation is about a recorded name")
}

// run does the step to h. The result is what CPython's method returns, in terms
// of JSON.
func (s step) run(h *headers.Headers) (result any, err error) {
	name, value := string(s.Name), ""
	if s.Value != nil {
		value = string(*s.Value)
	}
	switch s.Op {
	case "set":
		return nil, h.Set(name, value)
	case "del":
		h.Del(name)
		return nil, nil
	case "get":
		if got, ok := h.Lookup(name); ok {
			return got, nil
		}
		return nil, nil
	case "has":
		return h.Has(name), nil
	case "get_all":
		return jsonList(h.Values(name)), nil
	case "setdefault":
		return h.SetDefault(name, value)
	case "add":
		return nil, h.Add(name, value, s.params()...)
	case "len":
		return float64(h.Len()), nil
	case "keys":
		return jsonList(h.Names()), nil
	case "values":
		all := []any{}
		for _, value := range h.All() {
			all = append(all, value)
		}
		return all, nil
	case "items":
		all := []any{}
		for name, value := range h.All() {
			all = append(all, []any{name, value})
		}
		return all, nil
	}
	panic("unknown step " + s.Op)
}

// want returns the recorded result with its texts as bytes.
func (s step) want() any { return bytesOf(s.Result) }

func bytesOf(v any) any {
	switch v := v.(type) {
	case string:
		return latin1(v)
	case []any:
		for i := range v {
			v[i] = bytesOf(v[i])
		}
	}
	return v
}

func (s step) params() []headers.Param {
	var params []headers.Param
	for _, p := range s.Params {
		if p[1] == nil {
			params = append(params, headers.Param{Name: string(*p[0]), Bare: true})
		} else {
			params = append(params, headers.Param{Name: string(*p[0]), Value: string(*p[1])})
		}
	}
	return params
}

func jsonList(values []string) []any {
	all := []any{}
	for _, v := range values {
		all = append(all, v)
	}
	return all
}

func fields(pairs []pair) []headers.Field {
	fs := []headers.Field{}
	for _, p := range pairs {
		fs = append(fs, headers.Field{Name: string(p[0]), Value: string(p[1])})
	}
	return fs
}

func load(t *testing.T) recording {
	t.Helper()
	data, err := os.ReadFile("testdata/vectors.json")
	require.NoError(t, err)
	var r recording
	require.NoError(t, json.Unmarshal(data, &r))
	return r
}
