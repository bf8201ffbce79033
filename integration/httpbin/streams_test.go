package httpbin

// streams are requests for answers that come in pieces, or late.
func streams() []request {
	rows := []request{
		get("one line", "/stream/1"),
		get("more lines than are sent", "/stream/200"),
		get("lines that are none", "/stream/x"),
		get("bytes in chunks", "/stream-bytes/100000?seed=5"),
		get("bytes in small chunks", "/stream-bytes/100?seed=5&chunk_size=1"),
		get("bytes in one chunk", "/stream-bytes/100?seed=5&chunk_size=1000"),
		get("no bytes in chunks", "/stream-bytes/0"),
		get("chunks of a size that is none", "/stream-bytes/10?chunk_size=x"),
		get("one event", "/sse?count=1"),
		get("events after a delay", "/sse?count=2&duration=2ms&delay=1ms&jitter=0.5"),
		get("no events", "/sse?count=0"),
		get("events that take too long", "/sse?count=2&duration=1h"),
		get("lines of JSON", "/jsonl?count=50"),
		get("lines of JSON, slowly", "/jsonl?count=3&duration=3ms&delay=1ms&jitter=0.1"),
		get("lines of JSON that take too long", "/jsonl?duration=6s&delay=6s"),
		get("drops all at once", "/drip?numbytes=5000&duration=0&delay=0"),
		get("drops with a status", "/drip?numbytes=3&duration=3ms&delay=0&code=503"),
		get("drops with a status that is none", "/drip?code=1000"),
		get("drops with a status that is informational", "/drip?numbytes=3&duration=3ms&delay=0&code=103"),
		get("drops with a status without a body", "/drip?numbytes=3&duration=3ms&delay=0&code=204"),
		get("drops with the status of what is unchanged", "/drip?numbytes=3&duration=0&delay=0&code=304"),
		get("no drops", "/drip?numbytes=0"),
		get("drops that take too long", "/drip?duration=1h"),
		get("a delay", "/delay/3ms?a=1"),
		get("a delay that is too long", "/delay/11"),
		get("a delay that is none", "/delay/x"),
		send("a delay before a body is read", "POST", "/delay/2ms", "late", "Content-Type: text/plain"),
		get("no trailers", "/trailers"),
		get("two trailers", "/trailers?X-One=1&X-Two=2"),
		get("a trailer that is forbidden", "/trailers?Content-Length=1"),
		send("trailers after an echoed body", "POST", "/trailers?X-One=1", "echo", "Content-Type: text/plain", "TE: trailers"),
	}
	return rows
}
