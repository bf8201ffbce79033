package httpbin

// tunnels are requests to leave HTTP (RFC 6455).
func tunnels() []request {
	const version, key = "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="
	const upgrade, connection = "Upgrade: websocket", "Connection: Upgrade"
	return []request{
		get("a tunnel that echoes", "/websocket/echo", upgrade, connection, version, key).with(func(r *request) {
			r.tunnel = frame(0x81, "hello") + frame(0x82, everyByte()[:100]) + frame(0x89, "ping") + frame(0x88, "\x03\xe8")
		}),
		get("a tunnel that the client breaks", "/websocket/echo?max_fragment_size=4", upgrade, connection, version, key).with(func(r *request) {
			r.tunnel = frame(0x81, "too long")
		}),
		get("a tunnel without a key", "/websocket/echo", upgrade, connection, version),
		get("a tunnel of another version", "/websocket/echo", upgrade, connection, key, "Sec-WebSocket-Version: 8"),
		get("a tunnel with a limit that is none", "/websocket/echo?max_message_size=x", upgrade, connection, version, key),
		get("a tunnel with limits that do not fit", "/websocket/echo?max_fragment_size=9&max_message_size=8", upgrade, connection, version, key),
	}
}

// frame is a client's frame, masked with zeros. The payload has less than 126 bytes.
func frame(head byte, payload string) string {
	return string([]byte{head, 0x80 | byte(len(payload)), 0, 0, 0, 0}) + payload
}
