package validate_test

import (
	"context"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/postern-go/postern/env"
	"github.com/postern-go/postern/gateway"
	"github.com/postern-go/postern/validate"
)

// A sink is an exchange whose response nobody reads: nginx's fastcgi_params
// and five header fields.
type sink struct{}

func (sink) AddCGIVars(v *env.Vars) {
	v.Grow(32)
	for _, x := range smallRequest {
		v.Add(x.Name, x.Value)
	}
}
func (sink) Stdin() io.Reader            { return http.NoBody }
func (sink) Stderr() io.Writer           { return io.Discard }
func (sink) Write(p []byte) (int, error) { return len(p), nil }
func (sink) Flush() error                { return nil }

var smallRequest = []env.Var{
	{Name: "QUERY_STRING", Value: ""}, {Name: "REQUEST_METHOD", Value: "GET"}, {Name: "CONTENT_TYPE", Value: ""},
	{Name: "CONTENT_LENGTH", Value: ""}, {Name: "SCRIPT_NAME", Value: "/index"}, {Name: "REQUEST_URI", Value: "/index"},
	{Name: "DOCUMENT_URI", Value: "/index"}, {Name: "DOCUMENT_ROOT", Value: "/var/www"}, {Name: "SERVER_PROTOCOL", Value: "HTTP/1.1"},
	{Name: "REQUEST_SCHEME", Value: "http"}, {Name: "GATEWAY_INTERFACE", Value: "CGI/1.1"}, {Name: "SERVER_SOFTWARE", Value: "nginx/1.22.1"},
	{Name: "REMOTE_ADDR", Value: "192.0.2.1"}, {Name: "REMOTE_PORT", Value: "50000"}, {Name: "SERVER_ADDR", Value: "192.0.2.2"},
	{Name: "SERVER_PORT", Value: "80"}, {Name: "SERVER_NAME", Value: "h.test"}, {Name: "HTTP_HOST", Value: "h.test"},
	{Name: "HTTP_USER_AGENT", Value: "Mozilla/5.0"}, {Name: "HTTP_ACCEPT", Value: "*/*"}, {Name: "HTTP_ACCEPT_ENCODING", Value: "gzip"},
	{Name: "HTTP_ACCEPT_LANGUAGE", Value: "en"},
}

func small(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	io.WriteString(w, "Hello, world\n")
}

// The difference between the two is what checking a small request costs.
func BenchmarkUnchecked(b *testing.B) { benchmark(b, http.HandlerFunc(small)) }

func BenchmarkChecked(b *testing.B) {
	benchmark(b, validate.Handler(http.HandlerFunc(small), validate.Options{Level: validate.Strict, Report: func(validate.Finding) {}}))
}

// BenchmarkOverhead is the difference, and fails when it is more than the documentation of the package says.
func BenchmarkOverhead(b *testing.B) {
	e := gateway.Engine{Flags: gateway.Flags{Multithread: true, Protocol: "fastcgi", Role: "RESPONDER"}}
	plain := http.HandlerFunc(small)
	var spent [2]time.Duration
	handlers := [2]http.Handler{plain, validate.Handler(plain, validate.Options{Level: validate.Strict, Report: func(validate.Finding) {}})}
	for b.Loop() {
		for i, h := range handlers {
			start := time.Now()
			if err := e.Run(context.Background(), sink{}, h); err != nil {
				b.Fatal(err)
			}
			spent[i] += time.Since(start)
		}
	}
	overhead := (spent[1] - spent[0]) / time.Duration(b.N)
	b.ReportMetric(float64(overhead), "overhead-ns/op")
	if b.N > 1000 && overhead > 10*time.Microsecond {
		b.Fatalf("a small request costs %v more than without the checker", overhead)
	}
}

func benchmark(b *testing.B, h http.Handler) {
	e := gateway.Engine{Flags: gateway.Flags{Multithread: true, Protocol: "fastcgi", Role: "RESPONDER"}}
	b.ReportAllocs()
	for b.Loop() {
		if err := e.Run(context.Background(), sink{}, h); err != nil {
			b.Fatal(err)
		}
	}
}
