// Package postern serves one http.Handler through the gate it was started at: CGI, FastCGI, SCGI, or plain HTTP when there is no web server.
//
//	package main
//
//	import (
//		"net/http"
//
//		"github.com/postern-go/postern"
//	)
//
//	func main() {
//		postern.Main(http.FileServer(http.Dir("/srv/www")))
//	}
//
// Main and Serve find out by themselves; ListenAndServe takes an address, Server several and a few choices.
// The packages cgi, fastcgi, scgi and origin have every knob of their protocol.
//
// # Addresses
//
// The same in code, flags and documentation, and spelled exactly so:
//
//	auto                                 what the process was started with (below)
//	cgi:                                 one request on stdio
//	fastcgi://127.0.0.1:9000             fastcgi+unix:///run/app.sock      fastcgi+fd:0
//	scgi://127.0.0.1:4000                scgi+unix:///run/app.sock         scgi+fd:3
//	http://127.0.0.1:8080                http+unix:///run/app.sock         http+fd:3
//
// Host and port are never left out. IPv6 stands in brackets; 0.0.0.0 is every IPv4 interface and [::] every IPv6 one; port 0 lets the system choose.
// A unix socket is a path, taken as it stands, or fastcgi+unix:@name for Linux's abstract name space.
//
// A socket file has mode 0660 unless Server.SocketMode says otherwise, and mode and owner are set before anybody can connect. A file that
// nobody listens on is replaced; one that answers, and a path that is no socket, are errors. The file is removed at the end.
//
// A descriptor must be a listening stream socket. The server takes it over: children do not inherit it.
//
// The address auto is, in order: the sockets of systemd (LISTEN_FDS when LISTEN_PID is this process; a name in LISTEN_FDNAMES that begins with
// fastcgi, scgi or http selects the protocol, any other is FastCGI), all of them at once; a listening socket as descriptor 0, which is FastCGI
// (FastCGI 1.0, section 2.2); GATEWAY_INTERFACE in the environment, which is CGI; otherwise an error that says what was looked for.
// The LISTEN_ variables are unset once used, so that children do not inherit them.
//
// # Access
//
// Server.AllowAddrs, AllowUIDs and AllowGIDs say who may connect; everybody may when they are empty. Where the environment variable
// FCGI_WEB_SERVER_ADDRS is set, even to nothing, it holds for every FastCGI address beside that, however it was opened (FastCGI 1.0, section 3.2): the
// peer must come by TCP from one of its addresses, so nobody may connect to a unix socket then. It is IPv4 addresses with commas between them; IPv6 addresses
// are taken too. Whatever else it holds, and a list of which the Allow fields leave nobody, is an error before anything is opened.
// Package fastcgi does not read it by itself, and no other protocol heeds it.
//
// # Cancellation
//
// SIGTERM, SIGINT and SIGHUP drain: listeners close, requests already begun may end for Server.DrainTime, then their connections are closed. A second
// signal closes them at once. The end of the context given to Server.Run or Server.Serve drains as the first signal does. After a drain the
// error is nil; when connections had to be closed it says so. A handler sees the end of its request's context when its peer leaves or
// its connection is closed; draining alone does not end it, except in CGI, where SIGTERM is how a web server gives a request up.
// A CGI process answers its one request and ends; the drain time holds for it too.
//
// # Limits
//
// DrainTime bounds the drain: 30 seconds when zero, none when negative. systemd may hand over at most 1024 sockets. A socket path has at most
// 107 bytes. Server.MaxConns, MaxTotalRequests and MaxBodyBytes hold for every protocol, each address by itself; CGI, with its one request, heeds the last
// alone. Its ReadHeaderTimeout, ReadTimeout and WriteTimeout hold for every protocol but CGI. Everything else is a limit of one protocol and stands in that protocol's package; the servers here have the defaults.
//
// # Not supported
//
// TLS (use origin.Server with a TLS listener), connections accepted by inetd or by a systemd unit with Accept=yes,
// datagram and seqpacket sockets, reloading without a restart, and Windows. Unix systems other
// than Linux compile and are not tested; they have no abstract sockets.
package postern
