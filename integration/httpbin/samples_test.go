package httpbin

import (
	"maps"
	"slices"
	"strings"
)

// sampled asks for every route by every method, with bodies where clients send some. The methods that a route does not have give a 405.
func sampled() []request {
	var rows []request
	asked := map[string]bool{}
	for _, pattern := range slices.Sorted(maps.Keys(samples())) {
		target := samples()[pattern]
		if asked[target] {
			continue
		}
		asked[target] = true
		rows = append(rows,
			request{method: "GET", target: target},
			request{method: "HEAD", target: target},
			request{method: "OPTIONS", target: target, fields: []string{
				"Origin: https://example.org",
				"Access-Control-Request-Headers: X-One, X-Two",
			}},
			request{method: "POST", target: target, body: "a=1&b=2&b=%20", fields: form()},
			request{method: "PUT", target: target, body: `{"a": [1, 2, null]}`, fields: []string{"Content-Type: application/json"}},
			request{method: "PATCH", target: target, body: "plain text", fields: []string{"Content-Type: text/plain"}},
			request{method: "DELETE", target: target},
			request{method: "GET", target: target, proto: "HTTP/1.0"},
		)
	}
	for i := range rows {
		rows[i].why = "a sample of the route"
		rows[i].fields = append(rows[i].fields, "User-Agent: sample/1.0", "Accept: */*")
	}
	return rows
}

func form() []string { return []string{"Content-Type: application/x-www-form-urlencoded"} }

// get is a row for a GET.
func get(why, target string, fields ...string) request {
	return request{why: why, method: "GET", target: target, fields: fields}
}

// send is a row for a request with a body.
func send(why, method, target, body string, fields ...string) request {
	return request{why: why, method: method, target: target, body: body, fields: fields}
}

// with returns the row after f changed it.
func (r request) with(f func(*request)) request {
	f(&r)
	return r
}

func chunked(r *request) { r.chunked = true }

func random(r *request) { r.random = true }

// filler is a body of n bytes.
func filler(n int) string {
	return strings.Repeat("0123456789abcdef", n/16+1)[:n]
}
