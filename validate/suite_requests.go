package validate

import (
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/postern-go/postern/env"
	"github.com/postern-go/postern/headers"
)

// A suiteRequest is one of the built-in requests. The first one is the plain
// GET that others are compared with.
type suiteRequest struct {
	method   string
	protocol string // HTTP/1.1 when empty
	fields   []headers.Field
	body     string
	length   int  // CONTENT_LENGTH; 0 for none
	leaves   bool // every write to the client fails
}

const (
	form   = "application/x-www-form-urlencoded"
	object = "application/json"
)

var suiteRequests = []suiteRequest{
	{method: http.MethodGet},
	{method: http.MethodHead},
	{method: http.MethodGet, fields: []headers.Field{
		{Name: "HTTP_ACCEPT", Value: "text/html,application/json;q=0.9,*/*;q=0.8"},
		{Name: "HTTP_ACCEPT_ENCODING", Value: "gzip, br"},
		{Name: "HTTP_COOKIE", Value: "a=1; b=2"},
		{Name: "HTTP_X_FORWARDED_FOR", Value: "192.0.2.1"},
		{Name: "HTTP_USER_AGENT", Value: strings.Repeat("long ", 300)},
	}},
	{method: http.MethodGet, fields: []headers.Field{{Name: "HTTP_RANGE", Value: "bytes=0-0"}}},
	{method: http.MethodGet, fields: []headers.Field{{Name: "HTTP_RANGE", Value: "bytes=999999999-"}}},
	{method: http.MethodGet, fields: []headers.Field{{Name: "HTTP_IF_NONE_MATCH", Value: "*"}}},
	{method: http.MethodGet, fields: []headers.Field{{Name: "HTTP_IF_MODIFIED_SINCE", Value: "Fri, 31 Dec 2100 23:59:59 GMT"}}},
	{method: http.MethodGet, fields: []headers.Field{{Name: "HTTP_HOST", Value: "[2001:db8::1]:8080"}}},
	{method: http.MethodGet, fields: []headers.Field{{Name: "HTTP_CONNECTION", Value: "Upgrade"}, {Name: "HTTP_UPGRADE", Value: "none"}}},
	{method: http.MethodGet, protocol: "HTTP/1.0"},
	{method: http.MethodGet, leaves: true},
	{method: http.MethodPost},
	{method: http.MethodPost, fields: typed(form), body: "a=1&b=2", length: 7},
	{method: http.MethodPost, fields: typed(object), body: `{"a":1}`, length: 7},
	{method: http.MethodPost, fields: typed(object), body: `{"a":`, length: 5},
	{method: http.MethodPost, fields: typed(form), body: "a=1&b=2", length: 100},
	{method: http.MethodPost, fields: append(typed(form), headers.Field{Name: "HTTP_TRANSFER_ENCODING", Value: "chunked"}), body: "a=1&b=2"},
	{method: http.MethodPost, fields: append(typed(form), headers.Field{Name: "HTTP_EXPECT", Value: "100-continue"}), body: "a=1&b=2", length: 7},
	{method: http.MethodPost, fields: typed("application/octet-stream"), body: strings.Repeat("0123456789abcdef", 1<<12), length: 1 << 16},
	{method: http.MethodPut, fields: typed("text/plain"), body: "text", length: 4},
	{method: http.MethodPatch, fields: typed(object), body: `{"a":1}`, length: 7},
	{method: http.MethodDelete},
	{method: http.MethodOptions},
	{method: http.MethodTrace},
	{method: "POSTERN-UNKNOWN"},
}

func typed(contentType string) []headers.Field {
	return []headers.Field{{Name: "CONTENT_TYPE", Value: contentType}}
}

// A memory is the exchange of one built-in request.
type memory struct {
	request suiteRequest
	target  string
	stdin   *strings.Reader
	taken   int // bytes and flushes of the response
}

// maxTaken bounds what a client takes of a response, which may have no end.
const maxTaken = 4 << 20

// take counts n more, and fails when the client has left.
func (m *memory) take(n int) error {
	m.taken += n
	if m.request.leaves || m.taken > maxTaken {
		return errLeft
	}
	return nil
}

func (m *memory) AddCGIVars(v *env.Vars) {
	q := &m.request
	path, query, _ := strings.Cut(m.target, "?")
	decoded, err := url.PathUnescape(path)
	if err != nil {
		decoded = path // the engine refuses the target
	}
	v.Add("GATEWAY_INTERFACE", "CGI/1.1")
	v.Add("SERVER_SOFTWARE", "validate")
	v.Add("SERVER_ADDR", "127.0.0.1")
	v.Add("SERVER_NAME", "validate.test")
	v.Add("SERVER_PORT", "80")
	v.Add("REMOTE_ADDR", "127.0.0.1")
	v.Add("REMOTE_PORT", "50000")
	v.Add("SERVER_PROTOCOL", "HTTP/1.1")
	v.Add("REQUEST_METHOD", q.method)
	v.Add("REQUEST_URI", m.target)
	v.Add("SCRIPT_NAME", "")
	v.Add("PATH_INFO", decoded)
	v.Add("QUERY_STRING", query)
	v.Add("HTTP_HOST", "validate.test")
	if q.protocol != "" {
		v.Set("SERVER_PROTOCOL", q.protocol)
	}
	if q.length > 0 {
		v.Add("CONTENT_LENGTH", strconv.Itoa(q.length))
	}
	for _, f := range q.fields {
		v.Set(f.Name, f.Value)
	}
}

func (m *memory) Stdin() io.Reader {
	if m.stdin == nil {
		m.stdin = strings.NewReader(m.request.body)
	}
	return m.stdin
}

func (m *memory) Stderr() io.Writer { return io.Discard }

var errLeft = errors.New("validate: the client of the test left")

func (m *memory) Write(p []byte) (int, error) {
	if err := m.take(len(p)); err != nil {
		return 0, err
	}
	return len(p), nil
}

func (m *memory) Flush() error { return m.take(1 << 10) }
