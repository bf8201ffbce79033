package httpbin

import "fmt"

// answers are requests for a kind of answer: statuses, fields, media types, errors.
func answers() []request {
	rows := []request{
		get("a status with a weight", "/status/204:1,500:0"),
		get("a status that is no number", "/status/abc"),
		get("a status out of range", "/status/600"),
		get("a status below the range", "/status/99"),
		get("a weight that is no number", "/status/200:x,500"),
		get("a failure for certain", "/unstable?failure_rate=1"),
		get("no failure for certain", "/unstable?failure_rate=0"),
		get("a failure by its seed", "/unstable?seed=1"),
		get("a rate out of range", "/unstable?failure_rate=2"),
		get("a seed that is no number", "/unstable?seed=x"),

		get("a repeated field, in its order", "/response-headers?Set-Cookie=a%3D1&Set-Cookie=b%3D2"),
		get("a type that is escaped", "/response-headers?Content-Type=text%2Fhtml&X=%3Cb%3E"),
		get("no field", "/response-headers"),
		get("line ends in a value", "/response-headers?X-One=a%0D%0AX-Two%3A+b"),
		get("line ends in a name", "/response-headers?X-One%0D%0AX-Two=b"),
		get("a NUL in a value", "/response-headers?X-One=a%00b"),
		get("an empty value", "/response-headers?X-One="),
		get("a value that is not ASCII", "/response-headers?X-One=%C3%A4"),
		get("spaces around a value", "/response-headers?X-One=+a+"),
		get("a name with a space", "/response-headers?X+One=a"),
		get("a name in small letters", "/response-headers?x-one=a"),
		get("a field of the gateway protocols", "/response-headers?Status=404"),
		get("a field of the gateway protocols with a phrase", "/response-headers?Status=404+Not+Found"),
		get("a location without a redirect", "/response-headers?Location=%2Fget"),
		get("an absolute location without a redirect", "/response-headers?Location=https%3A%2F%2Fexample.org%2F"),
		get("a length that is too great", "/response-headers?Content-Length=5000"),
		get("a length that is too small", "/response-headers?Content-Length=5"),
		get("a length that is none", "/response-headers?Content-Length=x"),
		get("a connection to be closed", "/response-headers?Connection=close"),
		get("a connection to be kept", "/response-headers?Connection=keep-alive"),
		get("a field of the connection", "/response-headers?Keep-Alive=timeout%3D5"),
		get("a coding of the transfer", "/response-headers?Transfer-Encoding=chunked"),
		get("a coding of the transfer that is none", "/response-headers?Transfer-Encoding=x"),
		get("an upgrade without one", "/response-headers?Upgrade=h2c"),
		get("another date", "/response-headers?Date=Thu%2C+01+Jan+1970+00%3A00%3A00+GMT"),
		get("a server", "/response-headers?Server=mine"),
		get("fields for a web server", "/response-headers?X-Accel-Redirect=%2Fsecret&X-Sendfile=%2Fetc%2Fpasswd"),

		get("an image by what is accepted: webp", "/image", "Accept: image/webp"),
		get("an image by what is accepted: svg", "/image", "Accept: image/svg+xml"),
		get("an image by what is accepted: jpeg", "/image", "Accept: image/jpeg"),
		get("an image by what is accepted: avif", "/image", "Accept: image/avif"),
		get("an image that is not accepted", "/image", "Accept: text/html"),
		get("an image of another kind", "/image/svg"),
		get("an image that there is not", "/image/bmp"),

		get("a greater number of random bytes", "/bytes/1000000?seed=9"),
		get("random bytes without a seed", "/bytes/100").with(random),
		get("no bytes", "/bytes/0"),
		get("a negative number of bytes", "/bytes/-1"),
		get("too many bytes", "/bytes/1048577"),
		get("a number of bytes that is none", "/bytes/many"),
		get("a body just below the size that is sniffed", "/base64/encode/"+filler(380)),
		get("a body of a page", "/base64/encode/"+filler(3072)),
		get("a text that is decoded", "/base64/decode/PGI-4oKsPC9iPg=="),
		get("a text that is decoded as HTML", "/base64/PGI-4oKsPC9iPg==?content-type=text/html"),
		get("a text that cannot be decoded", "/base64/decode/!"),
		get("an operation that there is not", "/base64/rot13/x"),

		get("a client with a name", "/user-agent", "User-Agent: a name/1 (of mine)"),
		get("a client without a name", "/user-agent"),
		get("an address in plain text", "/ip?format=text"),
		get("an address from a proxy", "/ip", "X-Forwarded-For: 192.0.2.1, 198.51.100.2"),
		get("a scheme from a proxy", "/get", "X-Forwarded-Proto: https"),
		get("many fields", "/headers", manyFields(60)...),
		get("a long field", "/headers", "X-Long: "+filler(20_000)),
		get("a field without a value", "/headers", "X-Empty:"),
		get("a repeated field of a request", "/headers", "X-Twice: one", "X-Twice: two"),
		get("a repeated field of a request, as it came", "/dump/request", "Accept: text/html", "Accept: text/plain;q=0.5"),
		get("a field with an underscore", "/headers", "X_Under: score"),
		get("fields that differ in an underscore only", "/headers", "X-Under: hyphen", "X_Under: underscore"),
		get("a field with other letters", "/headers", "X.Dot!#$%&'*+^`|~: a"),
		get("a field that would become a proxy", "/headers", "Proxy: http://evil.example"),
		get("a field that is not ASCII", "/headers", "X-Umlaut: \xc3\xa4 \xe4"),
		get("fields of the connection", "/headers", "Connection: keep-alive, X-Hop", "X-Hop: 1", "Keep-Alive: timeout=5", "TE: trailers"),
		get("a connection that is not kept", "/get", "Connection: close"),
		get("fields of a cache", "/headers", "Cache-Control: no-cache", "Pragma: no-cache", "Via: 1.1 proxy"),
		get("a client that upgrades", "/headers", "Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: x"),

		get("a dumped request", "/dump/request?b=2&a=1", "Accept: */*", "X-One: 1"),
		send("a dumped request with a body", "POST", "/dump/request", "the body", "Content-Type: text/plain"),
		send("a dumped request in chunks", "POST", "/dump/request", "the body", "Content-Type: text/plain").with(chunked),
		send("a dumped request with an authorization", "PUT", "/dump/request", "x", "Authorization: Basic dXNlcjpzZWNyZXQ="),

		get("a path that is not there", "/nowhere"),
		get("a path with an escaped slash", "/anything/a%2Fb"),
		get("a path with an escaped percent sign", "/anything/100%25/x"),
		get("a path that is not UTF-8", "/anything/%FF%fe"),
		get("a path with a semicolon", "/anything/a;b=c"),
		get("a path with two slashes", "/anything//a"),
		get("a path with two slashes at its beginning", "//anything/a"),
		get("a path with dots", "/anything/../get"),
		get("a path with escaped dots", "/anything/%2e%2e/get"),
		get("a path with plus signs and spaces", "/anything/a+b%20c"),
		get("a slash too many", "/get/"),
		get("a query with a semicolon", "/get?a=1;b=2"),
		get("a query with a broken escape", "/get?a=%zz&b=1"),
		get("a query with escapes", "/get?%C3%A4=%26%3D&plus=a+b"),
		get("a query without names", "/get?=1&&x"),
		get("an empty query", "/get?"),
		get("a query with a question mark", "/get?a=b?c"),
		get("an absolute target", "http://other.example/get?a=1"),
		{why: "the server as a whole", method: "OPTIONS", target: "*"},
		{why: "a method that nobody knows", method: "FROB", target: "/anything"},
		{why: "a method with small letters", method: "get", target: "/anything"},
		{why: "a trace", method: "TRACE", target: "/anything"},
		{why: "a query with a body", method: "QUERY", target: "/anything", body: "select", fields: []string{"Content-Type: text/plain"}},
		{why: "an old client that keeps its connection", method: "GET", target: "/get", proto: "HTTP/1.0", fields: []string{"Connection: keep-alive"}},
		{why: "an old client of a stream", method: "GET", target: "/stream/3", proto: "HTTP/1.0", fields: []string{"Connection: keep-alive"}},
	}
	for code := 100; code < 600; code++ {
		if code < 110 || code%100 < 12 || code == 418 || code == 451 || code%100 == 99 {
			target := fmt.Sprintf("/status/%d", code)
			rows = append(rows, get("a status", target))
			if code%100 < 7 {
				rows = append(rows, request{why: "a status without its body", method: "HEAD", target: target})
			}
		}
	}
	return rows
}

func manyFields(n int) []string {
	var list []string
	for i := range n {
		list = append(list, fmt.Sprintf("X-Field-%d: value %d", i, i))
	}
	return list
}
