package gateway_test

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
	"strconv"
	"testing"

	"github.com/postern-go/postern/env"
	"github.com/stretchr/testify/require"
)

// A recording is what testdata/generate.py wrote, by CPython.
type recording struct {
	Software  string
	Exchanges []recorded
}

// A recorded is one exchange of CPython: BaseCGIHandler wrote CGI, and
// SimpleHandler Origin.
type recorded struct {
	Why         string
	Environ     map[string]string
	Body        string
	App         application
	CGI, Origin bytesOfString
}

// An application is what the application of an exchange did.
type application struct {
	Status  []string // the calls of start_response
	Headers [][2]bytesOfString
	Blocks  []bytesOfString
	Raises  *int // an exception in place of this call, 0 being start_response
	Echo    bool // the request body comes before the blocks
	Flush   bool // the handler flushes after each block, as CPython always does
}

// bytesOfString is a string whose characters were bytes, in ISO 8859-1.
type bytesOfString string

func (s *bytesOfString) UnmarshalJSON(b []byte) error {
	var text string
	err := json.Unmarshal(b, &text)
	var raw []byte
	for _, r := range text {
		raw = append(raw, byte(r))
	}
	*s = bytesOfString(raw)
	return err
}

func loadRecording(t *testing.T) recording {
	b, err := os.ReadFile("testdata/exchanges.json")
	require.NoError(t, err)
	var r recording
	require.NoError(t, json.Unmarshal(b, &r))
	require.GreaterOrEqual(t, len(r.Exchanges), 60)
	return r
}

func (e recorded) vars() *env.Vars {
	v := new(env.Vars)
	for name, value := range e.Environ {
		v.Add(name, value)
	}
	return v
}

// ServeHTTP does as a handler what the application did.
func (a application) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a.raise(0)
	for _, field := range a.Headers {
		w.Header().Add(string(field[0]), string(field[1]))
	}
	for _, status := range a.Status {
		code, _ := strconv.Atoi(status[:3])
		w.WriteHeader(code)
	}
	if a.Echo {
		io.Copy(w, r.Body)
	}
	for n, block := range a.Blocks {
		a.raise(n + 1)
		io.WriteString(w, string(block))
		if a.Flush {
			w.(http.Flusher).Flush()
		}
	}
	a.raise(len(a.Blocks) + 1)
}

func (a application) raise(n int) {
	if a.Raises != nil && *a.Raises == n {
		panic("probe")
	}
}
