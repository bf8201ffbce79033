package env_test

import "testing"

// nginxFastCGI is what nginx sends with Debian's fastcgi_params for GET /.
const nginxFastCGI = `QUERY_STRING=
REQUEST_METHOD=GET
CONTENT_TYPE=
CONTENT_LENGTH=
SCRIPT_NAME=/
REQUEST_URI=/
DOCUMENT_URI=/
DOCUMENT_ROOT=/usr/share/nginx/html
SERVER_PROTOCOL=HTTP/1.1
REQUEST_SCHEME=http
GATEWAY_INTERFACE=CGI/1.1
SERVER_SOFTWARE=nginx/1.22.1
REMOTE_ADDR=192.0.2.7
REMOTE_PORT=50123
REMOTE_USER=
SERVER_ADDR=192.0.2.1
SERVER_PORT=80
SERVER_NAME=h.test
REDIRECT_STATUS=200
HTTP_HOST=h.test
`

// nginxSCGI is what nginx sends with Debian's scgi_params for GET /.
const nginxSCGI = `CONTENT_LENGTH=0
REQUEST_METHOD=GET
REQUEST_URI=/
QUERY_STRING=
CONTENT_TYPE=
DOCUMENT_URI=/
DOCUMENT_ROOT=/usr/share/nginx/html
SCGI=1
SERVER_PROTOCOL=HTTP/1.1
REQUEST_SCHEME=http
REMOTE_ADDR=192.0.2.7
REMOTE_PORT=50123
SERVER_PORT=80
SERVER_NAME=h.test
HTTP_HOST=h.test
`

func TestRequestNginx(t *testing.T) {
	testRows(t, []requestRow{
		{"FastCGI, the simplest request", nginxFastCGI, "GET / HTTP/1.1\nHost: h.test\n", ""},
		{"FastCGI, path and query", nginxFastCGI + "SCRIPT_NAME=/a/b\nREQUEST_URI=/a/b?c=d&e\nQUERY_STRING=c=d&e\n", "GET /a/b?c=d&e HTTP/1.1\nHost: h.test\n", ""},
		{"FastCGI, the path as the client escaped it; SCRIPT_NAME is decoded and counts for nothing",
			nginxFastCGI + "SCRIPT_NAME=/app/pi/x/~u/y z;v=1\nREQUEST_URI=/app/pi%2Fx/%7Eu/y%20z;v=1?a=b%20c\nQUERY_STRING=a=b%20c\n",
			"GET /app/pi%2Fx/%7Eu/y%20z;v=1?a=b%20c HTTP/1.1\nHost: h.test\n", ""},
		{"FastCGI with fastcgi_split_path_info", nginxFastCGI + "SCRIPT_NAME=/fcgi\nPATH_INFO=/app/pi/x\nREQUEST_URI=/fcgi/app/pi%2Fx\n",
			"GET /fcgi/app/pi%2Fx HTTP/1.1\nHost: h.test\n", ""},
		{"FastCGI, a path that nginx normalised for itself", nginxFastCGI + "SCRIPT_NAME=/app/x/y\nREQUEST_URI=/a/../app//x/./y\n",
			"GET /a/../app//x/./y HTTP/1.1\nHost: h.test\n", ""},
		{"FastCGI, a path of two slashes is no host", nginxFastCGI + "REQUEST_URI=//evil.test/x\n", "GET //evil.test/x HTTP/1.1\nHost: h.test\n", ""},
		{"FastCGI, a question mark with nothing behind it", nginxFastCGI + "REQUEST_URI=/a?\n", "GET /a? HTTP/1.1\nHost: h.test\n", ""},
		{"FastCGI, two question marks", nginxFastCGI + "REQUEST_URI=/a?b?c\nQUERY_STRING=b?c\n", "GET /a?b?c HTTP/1.1\nHost: h.test\n", ""},
		{"FastCGI, a query that is not well formed", nginxFastCGI + "REQUEST_URI=/?a;b=%zz&&=\nQUERY_STRING=a;b=%zz&&=\n", "GET /?a;b=%zz&&= HTTP/1.1\nHost: h.test\n", ""},
		{"FastCGI, a fragment that a client sent against the rules", nginxFastCGI + "REQUEST_URI=/a#b?c\n", "GET /a#b?c HTTP/1.1\nHost: h.test\n", ""},
		{"FastCGI, bytes outside ASCII", nginxFastCGI + "REQUEST_URI=/é?ü\n", "GET /é?ü HTTP/1.1\nHost: h.test\n", ""},
		{"FastCGI, bytes that are no UTF-8", nginxFastCGI + "REQUEST_URI=/%ff%fe\n", "GET /%ff%fe HTTP/1.1\nHost: h.test\n", ""},
		{"FastCGI, marks that a path may have", nginxFastCGI + "REQUEST_URI=/-._~!$&'()*+,;=:@|^\"<>\\\n", "GET /-._~!$&'()*+,;=:@|^\"<>\\ HTTP/1.1\nHost: h.test\n", ""},
		{"FastCGI, a rewritten query does not replace the client's", nginxFastCGI + "REQUEST_URI=/a?b=c\nQUERY_STRING=page=a&b=c\n", "GET /a?b=c HTTP/1.1\nHost: h.test\n", ""},
		{"FastCGI, a query that only the variable has", nginxFastCGI + "REQUEST_URI=/status\nQUERY_STRING=full\n", "GET /status HTTP/1.1\nHost: h.test\n", "query full\n"},
		{"FastCGI, absolute-form: its host counts, as Debian's parameters have it", nginxFastCGI + "REQUEST_URI=http://abs.test/a?b\nHTTP_HOST=abs.test\n",
			"GET http://abs.test/a?b HTTP/1.1\nHost: other.test\n", "url \n"},
		{"FastCGI, absolute-form and a Host field that says otherwise", nginxFastCGI + "REQUEST_URI=http://abs.test:81/a\nHTTP_HOST=other.test\n",
			"GET http://abs.test:81/a HTTP/1.1\nHost: other.test\n", "url \n"},
		{"FastCGI, absolute-form without a path", nginxFastCGI + "REQUEST_URI=http://abs.test\n", "GET http://abs.test HTTP/1.1\nHost: h.test\n", "url \npath /\n"},
		{"FastCGI, absolute-form with a user", nginxFastCGI + "REQUEST_URI=http://u:p@abs.test/\n", "GET http://u:p@abs.test/ HTTP/1.1\nHost: h.test\n", "url \n"},
		{"FastCGI, a form", nginxFastCGI + "REQUEST_METHOD=POST\nCONTENT_TYPE=application/x-www-form-urlencoded\nCONTENT_LENGTH=3\nHTTP_CONTENT_TYPE=application/x-www-form-urlencoded\nHTTP_CONTENT_LENGTH=3\n",
			"POST / HTTP/1.1\nHost: h.test\nContent-Type: application/x-www-form-urlencoded\nContent-Length: 3\n\na=b", ""},
		{"FastCGI, an empty body that was declared", nginxFastCGI + "REQUEST_METHOD=POST\nCONTENT_LENGTH=0\nHTTP_CONTENT_LENGTH=0\n", "POST / HTTP/1.1\nHost: h.test\nContent-Length: 0\n", ""},
		{"FastCGI, an empty body that was not declared", nginxFastCGI + "REQUEST_METHOD=POST\n", "POST / HTTP/1.1\nHost: h.test\n", ""},
		{"FastCGI, GET with a declared empty body", nginxFastCGI + "CONTENT_LENGTH=0\nHTTP_CONTENT_LENGTH=0\n", "GET / HTTP/1.1\nHost: h.test\nContent-Length: 0\n", ""},
		{"FastCGI, GET with a body", nginxFastCGI + "CONTENT_LENGTH=3\nHTTP_CONTENT_LENGTH=3\n", "GET / HTTP/1.1\nHost: h.test\nContent-Length: 3\n\nabc", ""},
		{"FastCGI, chunked and buffered: nginx knows the length then", nginxFastCGI + "REQUEST_METHOD=POST\nCONTENT_LENGTH=3\nHTTP_TRANSFER_ENCODING=chunked\n",
			"POST / HTTP/1.1\nHost: h.test\nTransfer-Encoding: chunked\n\n3\r\nabc\r\n0\r\n\r\n", "length 3\ncoding []\nContent-Length [\"3\"]\n"},
		{"FastCGI, chunked with fastcgi_request_buffering off", nginxFastCGI + "REQUEST_METHOD=POST\nCONTENT_LENGTH=\nHTTP_TRANSFER_ENCODING=chunked\n",
			"POST / HTTP/1.1\nHost: h.test\nTransfer-Encoding: chunked\n\n3\r\nabc\r\n0\r\n\r\n", ""},
		{"FastCGI, Transfer-Encoding in other letters", nginxFastCGI + "REQUEST_METHOD=POST\nHTTP_TRANSFER_ENCODING=Chunked\n",
			"POST / HTTP/1.1\nHost: h.test\nTransfer-Encoding: Chunked\n\n0\r\n\r\n", ""},
		{"FastCGI, a repeated field is two variables before 1.23", nginxFastCGI + "+HTTP_X_A=1\n+HTTP_X_A=2\n", "GET / HTTP/1.1\nHost: h.test\nX-A: 1\nX-A: 2\n", ""},
		{"FastCGI, a repeated field is joined since 1.23", nginxFastCGI + "HTTP_X_A=1, 2\n", "GET / HTTP/1.1\nHost: h.test\nX-A: 1, 2\n", ""},
		{"FastCGI, two cookies", nginxFastCGI + "+HTTP_COOKIE=a=1\n+HTTP_COOKIE=b=2\n", "GET / HTTP/1.1\nHost: h.test\nCookie: a=1\nCookie: b=2\n", ""},
		{"FastCGI, an empty field", nginxFastCGI + "HTTP_X_EMPTY=\n", "GET / HTTP/1.1\nHost: h.test\nX-Empty:\n", ""},
		{"FastCGI, the fields of a browser", nginxFastCGI + "HTTP_USER_AGENT=Mozilla/5.0\nHTTP_ACCEPT=*/*\nHTTP_ACCEPT_ENCODING=gzip, br\nHTTP_ACCEPT_LANGUAGE=de\nHTTP_CONNECTION=keep-alive\nHTTP_UPGRADE_INSECURE_REQUESTS=1\nHTTP_SEC_FETCH_MODE=navigate\nHTTP_IF_NONE_MATCH=\"x\"\nHTTP_DNT=1\nHTTP_TE=trailers\n",
			"GET / HTTP/1.1\nHost: h.test\nUser-Agent: Mozilla/5.0\nAccept: */*\nAccept-Encoding: gzip, br\nAccept-Language: de\nConnection: keep-alive\nUpgrade-Insecure-Requests: 1\nSec-Fetch-Mode: navigate\nIf-None-Match: \"x\"\nDNT: 1\nTE: trailers\n", ""},
		{"FastCGI, a name with odd letters", nginxFastCGI + "HTTP_X!#$%&'*+.^`|~9=1\n", "GET / HTTP/1.1\nHost: h.test\nX!#$%&'*+.^`|~9: 1\n", ""},
		{"FastCGI, a value outside ASCII", nginxFastCGI + "HTTP_X_A=ä\xff\n", "GET / HTTP/1.1\nHost: h.test\nX-A: ä\xff\n", ""},
		{"FastCGI, a tab in a value", nginxFastCGI + "HTTP_X_A=a\tb\n", "GET / HTTP/1.1\nHost: h.test\nX-A: a\tb\n", ""},
		{"whatever is in it", nginxFastCGI + "HTTP_PROXY=a\x01b\n", "GET / HTTP/1.1\nHost: h.test\n", ""},
		{"FastCGI, the Proxy field never arrives", nginxFastCGI + "HTTP_PROXY=http://evil.test/\n", "GET / HTTP/1.1\nHost: h.test\n", ""},
		{"FastCGI, Expect: nginx has answered it", nginxFastCGI + "REQUEST_METHOD=PUT\nCONTENT_LENGTH=1\nHTTP_CONTENT_LENGTH=1\nHTTP_EXPECT=100-continue\n",
			"PUT / HTTP/1.1\nHost: h.test\nContent-Length: 1\nExpect: 100-continue\n\nx", ""},
		{"FastCGI, the Authorization field arrives", nginxFastCGI + "REMOTE_USER=me\nHTTP_AUTHORIZATION=Basic bWU6\n", "GET / HTTP/1.1\nHost: h.test\nAuthorization: Basic bWU6\n", ""},
		{"FastCGI, an old cache's Pragma", nginxFastCGI + "HTTP_PRAGMA=no-cache\n", "GET / HTTP/1.1\nHost: h.test\nPragma: no-cache\n", ""},
		{"FastCGI, Pragma beside Cache-Control", nginxFastCGI + "HTTP_PRAGMA=no-cache\nHTTP_CACHE_CONTROL=max-age=0\n", "GET / HTTP/1.1\nHost: h.test\nPragma: no-cache\nCache-Control: max-age=0\n", ""},
		{"FastCGI, Debian's $host has lost the port", nginxFastCGI + "SERVER_PORT=8080\nHTTP_HOST=h.test\n", "GET / HTTP/1.1\nHost: h.test:8080\n", "host h.test\n"},
		{"FastCGI, a configuration that sets the host again", nginxFastCGI + "SERVER_PORT=8080\n+HTTP_HOST=h.test:8080\n", "GET / HTTP/1.1\nHost: h.test:8080\n", ""},
		{"FastCGI, HTTP/1.0 closes", nginxFastCGI + "SERVER_PROTOCOL=HTTP/1.0\n", "GET / HTTP/1.0\nHost: h.test\n", ""},
		{"FastCGI, HTTP/1.0 that wants to stay", nginxFastCGI + "SERVER_PROTOCOL=HTTP/1.0\nHTTP_CONNECTION=Keep-Alive\n", "GET / HTTP/1.0\nHost: h.test\nConnection: Keep-Alive\n", ""},
		{"FastCGI, HTTP/1.1 that wants to go", nginxFastCGI + "HTTP_CONNECTION=TE, close\n", "GET / HTTP/1.1\nHost: h.test\nConnection: TE, close\n", ""},
		{"FastCGI, HTTP/1.0 without a host: the server's name", nginxFastCGI + "SERVER_PROTOCOL=HTTP/1.0\nHTTP_HOST=\n", "GET / HTTP/1.0\n", "host h.test\n"},
		{"FastCGI, no host and a port that the scheme does not imply", nginxFastCGI + "SERVER_PROTOCOL=HTTP/1.0\n-HTTP_HOST\nSERVER_PORT=8080\n", "GET / HTTP/1.0\n", "host h.test:8080\n"},
		{"FastCGI, no host and server_name _", nginxFastCGI + "SERVER_PROTOCOL=HTTP/1.0\nHTTP_HOST=\nSERVER_NAME=_\n", "GET / HTTP/1.0\n", "host _\n"},
		{"FastCGI, no host and a pattern for a server_name", nginxFastCGI + "SERVER_PROTOCOL=HTTP/1.0\nHTTP_HOST=\nSERVER_NAME=~^(?<x>.+)$\n", "GET / HTTP/1.0\n", ""},
		{"FastCGI, neither host nor server_name", nginxFastCGI + "SERVER_PROTOCOL=HTTP/1.0\nHTTP_HOST=\nSERVER_NAME=\n", "GET / HTTP/1.0\n", ""},
		{"FastCGI, HTTP/2.0", nginxFastCGI + "SERVER_PROTOCOL=HTTP/2.0\n", "GET / HTTP/1.1\nHost: h.test\n", "proto HTTP/2.0 2.0\n"},
		{"FastCGI, HTTP/3.0", nginxFastCGI + "SERVER_PROTOCOL=HTTP/3.0\n", "GET / HTTP/1.1\nHost: h.test\n", "proto HTTP/3.0 3.0\n"},
		{"FastCGI, HTTP/0.9, which nginx takes", nginxFastCGI + "SERVER_PROTOCOL=HTTP/0.9\n", "GET / HTTP/1.1\nHost: h.test\n", "proto HTTP/0.9 0.9\nclose true\n"},
		{"FastCGI, TLS", nginxFastCGI + "REQUEST_SCHEME=https\nHTTPS=on\nSERVER_PORT=443\n", "GET / HTTP/1.1\nHost: h.test\n", "tls true\n"},
		{"FastCGI, an IPv6 client", nginxFastCGI + "REMOTE_ADDR=2001:db8::7\n", "GET / HTTP/1.1\nHost: h.test\n", "remote [2001:db8::7]:50123\n"},
		{"FastCGI, a client on a unix socket", nginxFastCGI + "REMOTE_ADDR=unix:\nREMOTE_PORT=\n", "GET / HTTP/1.1\nHost: h.test\n", "remote @\n"},
		{"FastCGI, OPTIONS *", nginxFastCGI + "REQUEST_METHOD=OPTIONS\nREQUEST_URI=*\n", "OPTIONS * HTTP/1.1\nHost: h.test\n", ""},
		{"FastCGI, a method of WebDAV", nginxFastCGI + "REQUEST_METHOD=PROPFIND\n", "PROPFIND / HTTP/1.1\nHost: h.test\n", ""},
		{"FastCGI, a method in small letters is another method", nginxFastCGI + "REQUEST_METHOD=get\n", "get / HTTP/1.1\nHost: h.test\n", ""},
		{"SCGI, the simplest request; CONTENT_LENGTH=0 is nginx's, not the client's", nginxSCGI, "GET / HTTP/1.1\nHost: h.test\n", ""},
		{"SCGI, a path without SCRIPT_NAME or PATH_INFO", nginxSCGI + "REQUEST_URI=/a%20b?c\nQUERY_STRING=c\n", "GET /a%20b?c HTTP/1.1\nHost: h.test\n", ""},
		{"SCGI, a body", nginxSCGI + "CONTENT_LENGTH=3\nREQUEST_METHOD=PUT\nHTTP_CONTENT_LENGTH=3\n", "PUT / HTTP/1.1\nHost: h.test\nContent-Length: 3\n\nabc", ""},
		{"SCGI, POST whose empty body was not declared: nginx says 0 all the same", nginxSCGI + "REQUEST_METHOD=POST\n", "POST / HTTP/1.1\nHost: h.test\n", "Content-Length [\"0\"]\n"},
		{"SCGI, chunked: nginx has buffered it", nginxSCGI + "CONTENT_LENGTH=3\nREQUEST_METHOD=POST\nHTTP_TRANSFER_ENCODING=chunked\n",
			"POST / HTTP/1.1\nHost: h.test\nTransfer-Encoding: chunked\n\n3\r\nabc\r\n0\r\n\r\n", "length 3\ncoding []\nContent-Length [\"3\"]\n"},
	})
}
