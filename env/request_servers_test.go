package env_test

import "testing"

// apacheProxyFCGI is what Apache's mod_proxy_fcgi sends for GET / with
// ProxyPass: the whole path is SCRIPT_NAME, there is no PATH_INFO, and neither
// length nor type when there is no body.
const apacheProxyFCGI = `HTTP_HOST=h.test
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
SERVER_SIGNATURE=<address>Apache</address>
SERVER_SOFTWARE=Apache/2.4.71 (Debian)
SERVER_NAME=h.test
SERVER_ADDR=192.0.2.1
SERVER_PORT=80
REMOTE_ADDR=192.0.2.7
DOCUMENT_ROOT=/var/www/html
REQUEST_SCHEME=http
CONTEXT_PREFIX=
CONTEXT_DOCUMENT_ROOT=/var/www/html
SERVER_ADMIN=webmaster@localhost
SCRIPT_FILENAME=proxy:fcgi://127.0.0.1:9000/
REMOTE_PORT=50123
proxy-nokeepalive=1
GATEWAY_INTERFACE=CGI/1.1
SERVER_PROTOCOL=HTTP/1.1
REQUEST_METHOD=GET
QUERY_STRING=
REQUEST_URI=/
SCRIPT_NAME=/
`

// apacheSCGI is mod_proxy_scgi: CONTENT_LENGTH and SCGI first, no
// GATEWAY_INTERFACE.
const apacheSCGI = "CONTENT_LENGTH=0\nSCGI=1\n" + apacheProxyFCGI + "-GATEWAY_INTERFACE\nSCRIPT_FILENAME=proxy:scgi://127.0.0.1:4000/\n"

// apacheCGI is the environment that mod_cgid gives a program.
const apacheCGI = apacheProxyFCGI + "-proxy-nokeepalive\nSCRIPT_FILENAME=/usr/lib/cgi-bin/app\nSCRIPT_NAME=/app\nREQUEST_URI=/app\n"

const lighttpd = `CONTENT_LENGTH=0
QUERY_STRING=
REQUEST_URI=/
REDIRECT_STATUS=200
SCRIPT_NAME=/
PATH_INFO=
SCRIPT_FILENAME=/srv/www/
DOCUMENT_ROOT=/srv/www
REQUEST_METHOD=GET
SERVER_PROTOCOL=HTTP/1.1
SERVER_SOFTWARE=lighttpd/1.4.69
GATEWAY_INTERFACE=CGI/1.1
REQUEST_SCHEME=http
SERVER_PORT=80
SERVER_ADDR=192.0.2.1
SERVER_NAME=h.test
REMOTE_ADDR=192.0.2.7
REMOTE_PORT=50123
HTTP_HOST=h.test
`

const haproxy = `REQUEST_METHOD=GET
SERVER_PROTOCOL=HTTP/1.1
GATEWAY_INTERFACE=CGI/1.1
SERVER_SOFTWARE=HAProxy 2.6.12
DOCUMENT_ROOT=/srv/www
SCRIPT_NAME=/
SCRIPT_FILENAME=/srv/www/
REQUEST_URI=/
QUERY_STRING=
CONTENT_LENGTH=0
SERVER_NAME=h.test
SERVER_PORT=80
REMOTE_ADDR=192.0.2.7
REMOTE_PORT=50123
HTTP_HOST=h.test
`

const caddy = `AUTH_TYPE=
CONTENT_LENGTH=0
CONTENT_TYPE=
GATEWAY_INTERFACE=CGI/1.1
PATH_INFO=
QUERY_STRING=
REMOTE_ADDR=192.0.2.7
REMOTE_HOST=192.0.2.7
REMOTE_PORT=50123
REMOTE_IDENT=
REMOTE_USER=
REQUEST_METHOD=GET
REQUEST_SCHEME=http
SERVER_NAME=h.test
SERVER_PROTOCOL=HTTP/1.1
SERVER_SOFTWARE=Caddy/v2.6.2
DOCUMENT_ROOT=/srv/www
DOCUMENT_URI=/
HTTP_HOST=h.test
REQUEST_URI=/
SCRIPT_FILENAME=/srv/www
SCRIPT_NAME=/
SERVER_PORT=80
`

func TestRequestServers(t *testing.T) {
	testRows(t, []requestRow{
		{"Apache ProxyPass", apacheProxyFCGI, "GET / HTTP/1.1\nHost: h.test\n", ""},
		{"Apache ProxyPass, a path that it decoded for itself", apacheProxyFCGI + "SCRIPT_NAME=/fcgi/app/pi%2Fx/~u/y z;v=1\nREQUEST_URI=/fcgi/app/pi%2Fx/%7Eu/y%20z;v=1?a=b\nQUERY_STRING=a=b\n",
			"GET /fcgi/app/pi%2Fx/%7Eu/y%20z;v=1?a=b HTTP/1.1\nHost: h.test\n", ""},
		{"Apache ProxyPass, a body of known length", apacheProxyFCGI + "REQUEST_METHOD=POST\nCONTENT_LENGTH=3\nCONTENT_TYPE=text/plain\n",
			"POST / HTTP/1.1\nHost: h.test\nContent-Length: 3\nContent-Type: text/plain\n\nabc", ""},
		{"Apache ProxyPass, chunked: no CONTENT_LENGTH, and the body streams", apacheProxyFCGI + "REQUEST_METHOD=POST\nHTTP_TRANSFER_ENCODING=chunked\n",
			"POST / HTTP/1.1\nHost: h.test\nTransfer-Encoding: chunked\n\n3\r\nabc\r\n0\r\n\r\n", ""},
		{"Apache ProxyPass, absolute-form in REQUEST_URI", apacheProxyFCGI + "REQUEST_URI=http://abs.test/x\nHTTP_HOST=abs.test\nSERVER_NAME=abs.test\n",
			"GET http://abs.test/x HTTP/1.1\nHost: h.test\n", "url \n"},
		{"Apache ProxyPass joins a repeated field", apacheProxyFCGI + "HTTP_X_A=1, 2\n", "GET / HTTP/1.1\nHost: h.test\nX-A: 1, 2\n", ""},
		{"Apache ProxyPass joins cookies with a comma", apacheProxyFCGI + "HTTP_COOKIE=c1=1, c2=2\n", "GET / HTTP/1.1\nHost: h.test\nCookie: c1=1, c2=2\n", ""},
		{"Apache ProxyPass, an Upgrade", apacheProxyFCGI + "HTTP_UPGRADE=websocket\nHTTP_CONNECTION=Upgrade\n", "GET / HTTP/1.1\nHost: h.test\nUpgrade: websocket\nConnection: Upgrade\n", ""},
		{"Apache SetHandler, SCRIPT_NAME and PATH_INFO", apacheProxyFCGI + "SCRIPT_NAME=/x.fcgi\nPATH_INFO=/pi%2Fx/y z\nPATH_TRANSLATED=/var/www/html/pi%2Fx/y z\nSCRIPT_FILENAME=proxy:fcgi://localhost//abs/x.fcgi\nREQUEST_URI=/x.fcgi/pi%2Fx/y%20z\n",
			"GET /x.fcgi/pi%2Fx/y%20z HTTP/1.1\nHost: h.test\n", ""},
		{"Apache over TLS", apacheProxyFCGI + "HTTPS=on\nREQUEST_SCHEME=https\nSERVER_PORT=443\n", "GET / HTTP/1.1\nHost: h.test\n", "tls true\n"},
		{"Apache over HTTP/2 has Host of :authority", apacheProxyFCGI + "SERVER_PROTOCOL=HTTP/2.0\n", "GET / HTTP/1.1\nHost: h.test\n", "proto HTTP/2.0 2.0\n"},
		{"Apache, an error document: the client's own URI", apacheProxyFCGI + "REDIRECT_STATUS=404\nREDIRECT_URL=/missing\nREQUEST_URI=/missing\nSCRIPT_NAME=/error\n", "GET /missing HTTP/1.1\nHost: h.test\n", ""},
		{"Apache SCGI", apacheSCGI, "GET / HTTP/1.1\nHost: h.test\n", ""},
		{"Apache SCGI, a body", apacheSCGI + "CONTENT_LENGTH=2\nREQUEST_METHOD=POST\n", "POST / HTTP/1.1\nHost: h.test\nContent-Length: 2\n\nab", ""},
		{"Apache CGI", apacheCGI, "GET /app HTTP/1.1\nHost: h.test\n", ""},
		{"Apache CGI, a path below the program", apacheCGI + "PATH_INFO=/a b\nPATH_TRANSLATED=/var/www/html/a b\nREQUEST_URI=/app/a%20b?q\nQUERY_STRING=q\n", "GET /app/a%20b?q HTTP/1.1\nHost: h.test\n", ""},
		{"Apache CGI, an IPv6 server", apacheCGI + "-HTTP_HOST\nSERVER_PROTOCOL=HTTP/1.0\nSERVER_NAME=[2001:db8::1]\nSERVER_PORT=8080\n", "GET /app HTTP/1.0\n", "host [2001:db8::1]:8080\n"},
		{"lighttpd", lighttpd, "GET / HTTP/1.1\nHost: h.test\n", ""},
		{"lighttpd, a mount point and a decoded rest", lighttpd + "SCRIPT_NAME=/fcgi/app\nPATH_INFO=/pi/x/y z\nREQUEST_URI=/fcgi/app/pi%2Fx/y%20z\n", "GET /fcgi/app/pi%2Fx/y%20z HTTP/1.1\nHost: h.test\n", ""},
		{"lighttpd normalises QUERY_STRING; the client's own counts", lighttpd + "REQUEST_URI=/?a=%c3\nQUERY_STRING=a=%C3\n", "GET /?a=%c3 HTTP/1.1\nHost: h.test\n", ""},
		{"lighttpd, HTTP/1.0 without a host leaves SERVER_NAME empty", lighttpd + "SERVER_PROTOCOL=HTTP/1.0\n-HTTP_HOST\nSERVER_NAME=\n", "GET / HTTP/1.0\n", ""},
		{"lighttpd passes a name with an underscore as one with a hyphen", lighttpd + "HTTP_X_UNDER=1\n", "GET / HTTP/1.1\nHost: h.test\nX_Under: 1\n", "X_under \nX-Under [\"1\"]\n"},
		{"lighttpd, a chunked upload is buffered and has a length", lighttpd + "REQUEST_METHOD=POST\nCONTENT_LENGTH=3\n", "POST / HTTP/1.1\nHost: h.test\nContent-Length: 3\n\nabc", ""},
		{"HAProxy", haproxy, "GET / HTTP/1.1\nHost: h.test\n", ""},
		{"HAProxy, SERVER_NAME with the port in it", haproxy + "SERVER_PROTOCOL=HTTP/1.0\n-HTTP_HOST\nSERVER_NAME=h.test:18084\nSERVER_PORT=18084\n", "GET / HTTP/1.0\n", "host h.test:18084\n"},
		{"HAProxy passes the path as it came, dots and all", haproxy + "SCRIPT_NAME=/a/../app//x/./y\nREQUEST_URI=/a/../app//x/./y\n", "GET /a/../app//x/./y HTTP/1.1\nHost: h.test\n", ""},
		{"HAProxy, a repeated field is two variables", haproxy + "+HTTP_ACCEPT=a\n+HTTP_ACCEPT=b\n", "GET / HTTP/1.1\nHost: h.test\nAccept: a\nAccept: b\n", ""},
		{"HAProxy, TLS by the word on", haproxy + "HTTPS=on\n", "GET / HTTP/1.1\nHost: h.test\n", "tls true\n"},
		{"Caddy", caddy, "GET / HTTP/1.1\nHost: h.test\n", ""},
		{"Caddy, the variables of an unknown length", caddy + "REQUEST_METHOD=POST\nCONTENT_LENGTH=-1\nHTTP_TRANSFER_ENCODING=chunked\n",
			"POST / HTTP/1.1\nHost: h.test\nTransfer-Encoding: chunked\n\n3\r\nabc\r\n0\r\n\r\n", ""},
		{"Caddy doubles type and length", caddy + "REQUEST_METHOD=POST\nCONTENT_LENGTH=3\nCONTENT_TYPE=a/b\nHTTP_CONTENT_TYPE=a/b\nHTTP_CONTENT_LENGTH=3\n",
			"POST / HTTP/1.1\nHost: h.test\nContent-Length: 3\nContent-Type: a/b\n\nabc", ""},
		{"Caddy sends an empty User-Agent for none", caddy + "HTTP_USER_AGENT=\n", "GET / HTTP/1.1\nHost: h.test\nUser-Agent:\n", ""},
		{"Caddy, HTTP/2 by its short name", caddy + "SERVER_PROTOCOL=HTTP/2\n", "GET / HTTP/1.1\nHost: h.test\n", "proto HTTP/2.0 2.0\n"},
		{"Caddy, HTTP/3 by its short name", caddy + "SERVER_PROTOCOL=HTTP/3\n", "GET / HTTP/1.1\nHost: h.test\n", "proto HTTP/3.0 3.0\n"},
		{"Caddy, TLS", caddy + "HTTPS=on\nREQUEST_SCHEME=https\nSSL_PROTOCOL=TLSv1.3\nSSL_CIPHER=TLS_AES_128_GCM_SHA256\n", "GET / HTTP/1.1\nHost: h.test\n", "tls true\n"},
		{"Caddy says who it forwards for", caddy + "HTTP_X_FORWARDED_FOR=192.0.2.7\nHTTP_X_FORWARDED_PROTO=http\nHTTP_X_FORWARDED_HOST=h.test\n",
			"GET / HTTP/1.1\nHost: h.test\nX-Forwarded-For: 192.0.2.7\nX-Forwarded-Proto: http\nX-Forwarded-Host: h.test\n", ""},
	})
}
