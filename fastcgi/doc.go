// Package fastcgi serves http.Handlers to web servers that speak FastCGI 1.0,
// and is a client of FastCGI workers.
//
// [Server] has the shape of http.Server. It answers all three roles, over any
// number of connections with any number of requests interleaved on each. The
// request and response are those of package gateway.
//
// A handler runs on the goroutine that reads its connection, as long as it is
// the only one there. When it runs for more than about a millisecond, or eight
// where handlers have been quick for some time, waits for the end of its context,
// or shares its connection, another goroutine goes on reading.
//
// # Roles
//
// Each role has a handler of its own (see the fields of [Server]), and none is
// asked in the place of another: an application that answers 200 to everybody
// would, as an Authorizer, let everybody in.
//
// An Authorizer decides whether the web server may go on with what its client
// asked for; its request is that of the client without the body (FastCGI 1.0,
// section 6.3). The status 200 allows, also that of a handler that says nothing.
// It leaves when the handler has returned, with what [SetVariable] set: the body
// and other fields are dropped, since web servers would ignore them or take them
// for their own. Any other status is the response to the client. What goes wrong
// refuses: a panic, whatever was written before it, variables that do not parse,
// a server that is overloaded or has no Authorizer.
//
// A decision by path goes by the variable SCRIPT_FILENAME, what the web server
// is about to serve: r.URL is what the client asked for, which may well be
// /public/../private/.
//
// Apache (mod_authnz_fcgi, over TCP only) sends the password in the clear, as
// REMOTE_USER and REMOTE_PASSWD, and puts a page of its own in the place of the
// refusal's. Lighttpd sends the field Authorization as it came, passes the
// refusal on as it is, and has variables in upper case:
//
//	AuthnzFcgiDefineProvider authn app "fcgi://127.0.0.1:9000/"
//	<Location "/private/">
//	    AuthType Basic
//	    AuthName "app"
//	    AuthBasicProvider app
//	    Require valid-user
//	</Location>
//
//	fastcgi.server = ( "/private/" => ((
//	    "socket" => "/run/app.sock",
//	    "mode" => "authorizer",
//	    "check-local" => "disable"
//	)))
//
// A Filter is a Responder that gets a file, too: [Data] (FastCGI 1.0, section
// 6.4). Its output, that on the error stream too, waits until the whole body has
// arrived, which is set aside meanwhile if the handler does not read it; it may
// come before the end of the file, which need not be read at all. No web server
// in common use has this role.
//
// # Streaming
//
// What a handler flushes is sent at once. Nginx passes it on when the response
// has the field "X-Accel-Buffering: no", or with fastcgi_buffering off; Apache
// with flushpackets=on, lighttpd with server.stream-response-body = 2, HAProxy
// with option http-no-delay, and Caddy with flush_interval -1, which it takes
// for given where the type is text/event-stream.
//
// # Cancellation
//
// The request context ends on ABORT_REQUEST (FastCGI 1.0, section 5.4), when
// the connection is lost, when the server is closed, and when the handler
// returns. What comes behind a body that is read slowly comes late (see Limits).
// On a unix socket a peer that has closed only its sending side is
// not gone.
//
// # Limits
//
// See the fields of [Server]. Of a request body that nobody reads 64 KiB are
// held in memory. When they have been there for about a millisecond, the rest
// goes to a file without a name, up to Server.MaxSpool; beyond that the reads of
// that body fail with [ErrSpoolFull]. So an unread body never holds up the
// connection, nor does the file of a Filter.
//
// A handler that is alone on its connection and has read during the last 100 ms
// is waited for instead, so that one that keeps reading needs no file, and the
// web server is not asked for more than it takes. Whatever comes behind that
// body waits, too, as long as more than 32 KiB of it are held: an ABORT_REQUEST,
// the end of the connection on TCP, a management record, another request.
//
// After the last response a peer may go on sending what it has
// announced, and more within DrainTimeout and MaxDrainBytes.
//
// A request over MaxRequests or MaxTotalRequests, or one that would keep a
// connection busy too long after Shutdown, is answered when its PARAMS
// have ended, with a 503 page on STDOUT and FCGI_OVERLOADED, or FCGI_CANT_MPX_CONN
// where FCGI_MPXS_CONNS is 0; until then it is a bit in memory, and what comes of
// it is skipped. When it is aborted before, it gets that status alone. What the connection itself has to say (this, and
// the answers to management records) is written beside the responses, in turn;
// reading goes on while less than 64 KiB of it wait for a peer that does not
// read.
//
// A request whose PARAMS do not end within ReadHeaderTimeout ends the
// connection, or, where other requests are under way, itself alone: with
// END_REQUEST, since nothing may be sent on STDOUT before the end of PARAMS.
//
// # What the specification leaves open
//
//	record of another version        the connection ends, with a log line
//	application record with id 0     the connection ends, with a log line
//	BEGIN_REQUEST of an active id    the connection ends, with a log line
//	BEGIN_REQUEST of another length  the connection ends, with a log line
//	unknown application type         ignored
//	records between those of others  each goes to its own request; management records are answered
//	PARAMS after their end           ignored
//	STDIN after its end              ignored
//	STDIN before the end of PARAMS   held, up to 64 KiB; with more the connection ends, with a log line
//	STDIN of an Authorizer           ignored, and so is CONTENT_LENGTH
//	DATA of another than a Filter    ignored
//	DATA before the end of STDIN     the connection ends, with a log line
//	DATA after its end               ignored
//	GET_VALUES with values           answered, the values are ignored
//
// # Not supported
//
// A Hijack has no meaning in the protocol.
package fastcgi
