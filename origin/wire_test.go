package origin

import (
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// site answers with the shapes that a response can have.
func site() http.Handler {
	mux := http.NewServeMux()
	handle := func(path string, h http.HandlerFunc) {
		mux.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) {
			w.Header()["Content-Type"] = nil
			h(w, r)
		})
	}
	handle("/", echo)
	handle("/unread", func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "unread") })
	handle("/close", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Connection", "close")
		io.WriteString(w, "closing")
	})
	handle("/stream", func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, "one")
		w.(http.Flusher).Flush()
		io.WriteString(w, "two")
	})
	handle("/trailer", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Trailer", "X-Sum")
		io.WriteString(w, "data")
		w.Header().Set("X-Sum", "42")
	})
	handle("/none", func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusNoContent) })
	handle("/hints", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Link", "</a>")
		w.WriteHeader(http.StatusEarlyHints)
		io.WriteString(w, "page")
	})
	handle("/query", func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		io.WriteString(w, strconv.Itoa(len(body)))
		for name, values := range r.Trailer {
			io.WriteString(w, " "+name+"="+strings.Join(values, "+"))
		}
	})
	return mux
}

func TestExchanges(t *testing.T) {
	unread := strings.Repeat("x", maxUnread)
	for _, row := range []struct{ why, wire, answer string }{
		{"a request, then the end of the connection",
			get("Connection: close"), response("200 OK", `GET / ""`, "Connection: close")},
		{"HTTP/1.0 is answered in kind and closed",
			"GET / HTTP/1.0\r\n\r\n", strings.Replace(response("200 OK", `GET / ""`), "1.1", "1.0", 1)},
		{"HTTP/1.0 with keep-alive stays",
			"GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\nGET /b HTTP/1.0\r\n\r\n",
			strings.Replace(response("200 OK", `GET /a ""`, "Connection: keep-alive"), "1.1", "1.0", 1) +
				strings.Replace(response("200 OK", `GET /b ""`), "1.1", "1.0", 1)},
		{"requests sent at once are answered in order",
			"GET /a HTTP/1.1\r\nHost: h\r\n\r\nGET /b HTTP/1.1\r\nHost: h\r\n\r\n" + get("Connection: close"),
			response("200 OK", `GET /a ""`) + response("200 OK", `GET /b ""`) + response("200 OK", `GET / ""`, "Connection: close")},
		{"one empty line before a request does no harm",
			"\r\n" + get() + "\r\n" + get("Connection: close"),
			response("200 OK", `GET / ""`) + response("200 OK", `GET / ""`, "Connection: close")},
		{"two empty lines are no request",
			"\r\n\r\n" + get(), refused("400 Bad Request")},
		{"a body of declared length ends there",
			post("Content-Length: 5") + "hello" + get("Connection: close"),
			response("200 OK", `POST / "hello"`) + response("200 OK", `GET / ""`, "Connection: close")},
		{"chunks are taken apart",
			post("Transfer-Encoding: chunked") + "5\r\nhello\r\n1;a\r\n!\r\n0\r\n\r\n" + get("Connection: close"),
			response("200 OK", `POST / "hello!"`) + response("200 OK", `GET / ""`, "Connection: close")},
		{"trailers get to the handler",
			"POST /query HTTP/1.1\r\nHost: h\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\nX-Sum: 1\r\n\r\n",
			response("200 OK", "2 X-Sum=1", "Connection: close")},
		{"an unread body is passed over",
			"POST /unread HTTP/1.1\r\nHost: h\r\nContent-Length: " + strconv.Itoa(maxUnread) + "\r\n\r\n" + unread + get("Connection: close"),
			response("200 OK", "unread") + response("200 OK", `GET / ""`, "Connection: close")},
		{"an unread chunked body too",
			"POST /unread HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n" + get("Connection: close"),
			response("200 OK", "unread") + response("200 OK", `GET / ""`, "Connection: close")},
		{"an unread body that is too long ends the connection",
			"POST /unread HTTP/1.1\r\nHost: h\r\nContent-Length: " + strconv.Itoa(maxUnread+1) + "\r\n\r\n" + unread + "x" + get(),
			response("200 OK", "unread", "Connection: close")},
		{"an unread chunked body that is too long, too",
			"POST /unread HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n40001\r\n" + unread + "x\r\n0\r\n\r\n" + get(),
			response("200 OK", "unread")},
		{"an unread body that is malformed ends the connection",
			"POST /unread HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n" + get(),
			response("200 OK", "unread")},
		{"a malformed body is the handler's error, and the response says that the connection ends",
			post("Transfer-Encoding: chunked") + "5\r\nhello\r\n-1\r\n" + get(),
			response("200 OK", `POST / "hello" origin: chunk size "-1" is malformed`, "Connection: close")},
		{"a handler can end the connection",
			"GET /close HTTP/1.1\r\nHost: h\r\n\r\n" + get(),
			response("200 OK", "closing", "Connection: close")},
		{"a response that streams has chunks",
			"GET /stream HTTP/1.1\r\nHost: h\r\n\r\n" + get("Connection: close"),
			"HTTP/1.1 200 OK\r\n" + today + "Transfer-Encoding: chunked\r\n\r\n3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n" + response("200 OK", `GET / ""`, "Connection: close")},
		{"to HTTP/1.0 it has the end of the connection",
			"GET /stream HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
			"HTTP/1.0 200 OK\r\n" + today + "\r\nonetwo"},
		{"trailers follow the last chunk",
			"GET /trailer HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n",
			"HTTP/1.1 200 OK\r\nTrailer: X-Sum\r\n" + today + "Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n4\r\ndata\r\n0\r\nX-Sum: 42\r\n\r\n"},
		{"HEAD has the head alone",
			"HEAD / HTTP/1.1\r\nHost: h\r\n\r\n" + get("Connection: close"),
			"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n" + today + "\r\n" + response("200 OK", `GET / ""`, "Connection: close")},
		{"so has 204",
			"GET /none HTTP/1.1\r\nHost: h\r\n\r\n" + get("Connection: close"),
			"HTTP/1.1 204 No Content\r\n" + today + "\r\n" + response("200 OK", `GET / ""`, "Connection: close")},
		{"informational responses come first",
			"GET /hints HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n",
			"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nLink: </a>\r\nContent-Length: 4\r\n" + today + "Connection: close\r\n\r\npage"},
		{"the server as a whole can do nothing special",
			"OPTIONS * HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n", response("200 OK", "", "Connection: close")},
		{"a client that waits for it is told to go on",
			post("Expect: 100-continue", "Content-Length: 5", "Connection: close") + "hello",
			"HTTP/1.1 100 Continue\r\n\r\n" + response("200 OK", `POST / "hello"`, "Connection: close")},
		{"not when nobody wants the body, which ends the connection",
			"POST /unread HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n", response("200 OK", "unread", "Connection: close")},
		{"another expectation is refused",
			post("Expect: a miracle", "Content-Length: 5") + "hello", response("417 Expectation Failed", "", "Connection: close")},
		{"what is no request is refused, and nothing after it is read",
			"GET /\r\n\r\n" + get(), refused("400 Bad Request")},
		{"a smuggled request stays unread",
			post("Content-Length: 5", "Transfer-Encoding: chunked") + "0\r\n\r\n" + get(), refused("400 Bad Request")},
		{"so after a request in good order",
			get() + get("A : b") + get(), response("200 OK", `GET / ""`) + refused("400 Bad Request")},
		{"an unknown coding",
			post("Transfer-Encoding: gzip") + "x", refused("501 Not Implemented")},
		{"another version", "GET / HTTP/2.0\r\nHost: h\r\n\r\n", refused("505 HTTP Version Not Supported")},
		{"HTTP/0.9 is refused before it waits", "GET /\r\n", refused("400 Bad Request")},
		{"a request line that has no end", "GET /" + strings.Repeat("a", defaultMaxHeaderBytes), refused("414 Request URI Too Long")},
		{"a request line that is too long", "GET /" + strings.Repeat("a", defaultMaxHeaderBytes) + " HTTP/1.1\r\nHost: h\r\n\r\n", refused("414 Request URI Too Long")},
		{"a head that has no end", get()[:18] + strings.Repeat("A: b\r\n", defaultMaxHeaderBytes/6), refused("431 Request Header Fields Too Large")},
		{"a head that is too long", get("A: " + strings.Repeat("a", defaultMaxHeaderBytes)), refused("431 Request Header Fields Too Large")},
		{"the longest head",
			get("A: "+strings.Repeat("a", defaultMaxHeaderBytes-len(get("A: ", "Connection: close"))), "Connection: close"),
			response("200 OK", `GET / ""`, "Connection: close")},
		{"a head longer than the buffer, and another",
			get("A: "+strings.Repeat("a", peekMax)) + get("A: "+strings.Repeat("a", 2*peekMax)) + get("Connection: close"),
			response("200 OK", `GET / ""`) + response("200 OK", `GET / ""`) + response("200 OK", `GET / ""`, "Connection: close")},
	} {
		for _, network := range append(networks, "tls", "memory") {
			t.Run(row.why+"/"+network, func(t *testing.T) {
				g := open(t, network, &Server{Handler: site()})
				require.Equal(t, row.answer, g.answer(row.wire), row.why)
			})
		}
	}
}

func TestHeadsByteByByte(t *testing.T) {
	wire := "\r\n" + post("Transfer-Encoding: chunked", "Connection: close") + "5;a=b\r\nhello\r\n0\r\nA: b\r\n\r\n"
	for _, network := range append(networks, "tls", "memory") {
		p := open(t, network, &Server{Handler: site()}).peer()
		for i := range len(wire) {
			p.send(wire[i : i+1])
		}
		p.want("however it arrives", response("200 OK", `POST / "hello"`, "Connection: close"))
		p.wantEnd("the client asked for it")
	}
}

func TestLogOfRefusals(t *testing.T) {
	for _, row := range []struct{ why, wire, log string }{
		{"what is no request", "GET /\r\n\r\n",
			`level=WARN msg="origin: request refused" status=400 err="origin: request line \"GET /\" is not method, target and version"` + "\n"},
		{"a malformed body", post("Transfer-Encoding: chunked") + "x\r\n",
			`level=WARN msg="origin: request body refused" err="origin: chunk size \"x\" is malformed"` + "\n"},
		{"a malformed body that nobody read", "POST /unread HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n",
			`level=WARN msg="origin: request body refused" err="origin: chunk size \"x\" is malformed"` + "\n"},
		{"a good request", get("Connection: close"), ""},
	} {
		t.Run(row.why, func(t *testing.T) {
			g := open(t, "unix", &Server{Handler: site()})
			g.answer(row.wire)
			require.Equal(t, row.log, g.log.String())
		})
	}
}
