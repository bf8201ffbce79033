package httpbin

import "strings"

// bodies are requests that send something.
func bodies() []request {
	text, json, binary := "Content-Type: text/plain", "Content-Type: application/json", "Content-Type: application/octet-stream"
	parts := "Content-Type: multipart/form-data; boundary=cut"
	return []request{
		send("a form", "POST", "/post", "a=1&a=2&b=%C3%A4+%26", form()...),
		send("a form with a broken escape", "POST", "/post", "a=%zz", form()...),
		send("a form beside parameters of the query", "POST", "/post?a=query", "a=body", form()...),
		send("a form by DELETE", "DELETE", "/delete", "a=1", form()...),
		send("a form by GET", "GET", "/anything", "a=1", form()...),
		send("parts, one of them a file", "POST", "/post", multipart(), parts),
		send("parts that end early", "POST", "/post", multipart()[:60], parts),
		send("JSON", "PUT", "/put", `{"a": {"b": [1, 2.5, "\u00e4"]}}`, json),
		send("broken JSON", "PUT", "/put", `{"a": `, json),
		send("text in another character set", "PATCH", "/patch", "gr\xfc\xdfe", text+"; charset=latin1"),
		send("all bytes", "POST", "/post", everyByte(), binary),
		send("a body without a type", "POST", "/post", "who knows"),
		send("a gzipped body is passed as it is", "POST", "/post", "\x1f\x8b\x08\x00", binary, "Content-Encoding: gzip"),
		send("no body, and its length", "POST", "/post", "", "Content-Length: 0"),
		send("no body, and no length", "POST", "/post", ""),
		send("a body in chunks", "POST", "/post", "in two chunks", text).with(chunked),
		send("chunks by PUT to a route for all methods", "PUT", "/anything/x", `{"a": 1}`, json).with(chunked),
		send("no body, in chunks", "POST", "/post", "", text).with(chunked),
		send("a body in chunks that is counted", "POST", "/upload", filler(70_000), binary).with(chunked),
		send("a body that is counted", "PUT", "/upload", filler(300_000), binary),
		send("a body that is echoed", "POST", "/anything", filler(200_000), text),
		send("a body of the greatest size", "PATCH", "/upload", filler(1<<20), binary),
		send("a body over the limit of the handler", "POST", "/upload", filler(1<<20+1), binary),
		send("a body over the limit that would be echoed", "POST", "/post", filler(1<<20+1), text),
		send("a body in chunks over the limit", "POST", "/upload", filler(1<<20+1), binary).with(chunked),
		send("a body that the handler does not read", "POST", "/status/401", filler(100_000), binary),
		send("a large body that the handler does not read", "POST", "/status/401", filler(1_000_000), binary),
		send("a body that the handler does not read while it answers much", "POST", "/bytes/500000?seed=4", filler(500_000), binary),
		send("a body to a route that is not there", "POST", "/nowhere", filler(1000), binary),
		send("the client wants to be asked for the body", "POST", "/post", "asked", text, "Expect: 100-continue"),
		send("the client wants to be asked for a body that nobody reads", "POST", "/status/403", "unasked", text, "Expect: 100-continue"),
		send("an expectation that nobody meets", "POST", "/post", "hm", text, "Expect: miracles"),
	}
}

func multipart() string {
	return strings.ReplaceAll(`--cut
Content-Disposition: form-data; name="field"

value
--cut
Content-Disposition: form-data; name="file"; filename="a.txt"
Content-Type: text/plain

contents
--cut--
`, "\n", "\r\n")
}

func everyByte() string {
	var b [256]byte
	for i := range b {
		b[i] = byte(i)
	}
	return string(b[:])
}
