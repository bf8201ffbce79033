package httpbin

// ranges are requests for parts, and for other codings.
func ranges() []request {
	rows := []request{
		get("too great a range", "/range/1048577"),
		get("no range", "/range/0"),
		get("a slow range", "/range/50?duration=2ms", "Range: bytes=10-19"),
		get("a whole entity of the greatest size", "/range/1048576"),
		get("an end of a great entity", "/range/1048576", "Range: bytes=-5"),
		get("a part if it is the same", "/range/100", "Range: bytes=0-9", "If-Range: range100"),
		get("nothing if it is the same", "/range/100", "If-None-Match: range100"),
		get("a client that takes gzip", "/gzip", "Accept-Encoding: gzip"),
		get("a client that takes gzip, of a route that has none", "/get", "Accept-Encoding: gzip, br"),
		get("a client that takes deflate", "/deflate?a=b", "Accept-Encoding: deflate"),
	}
	for _, part := range []string{"0-0", "0-9", "90-", "-10", "50-49", "95-200", "100-", "-0", "0-1,5-6", "0-1,200-", "5-4,x", "a-b", ""} {
		rows = append(rows,
			get("a range", "/range/100", "Range: bytes="+part),
			request{why: "the head of a range", method: "HEAD", target: "/range/100", fields: []string{"Range: bytes=" + part}},
		)
	}
	return rows
}
