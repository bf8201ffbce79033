// Package fastcgi serves http.Handlers to web servers that speak FastCGI 1.0,
// and is a client of FastCGI workers.
//
// [Server] has the shape of http.Server. It answers all three roles, over any
// number of connections with any number of requests interleaved on each. The
// request and response are those of package gateway.
//
// A handler runs on the goroutine that reads its connection, as long as it is
// the only one there. When it runs for more than about a millisecond, waits for
// the end of its context, or shares its connection, another goroutine goes on
// reading.
//
// # Cancellation
//
// The request context ends on ABORT_REQUEST (FastCGI 1.0, section 5.4), when
// the connection is lost, when the server is closed, and when the handler
// returns. On a unix socket a peer that has closed only its sending side is
// not gone.
//
// # Limits
//
// See the fields of [Server]. Of a request body that nobody reads 64 KiB are
// held in memory. When the handler has read nothing for about a millisecond, or
// holds up other requests for as long, the rest goes to a file without a name,
// up to Server.MaxSpool; beyond that the reads of that body fail with
// [ErrSpoolFull]. So a body never holds up the connection. After the last
// response a peer may go on sending for five seconds.
//
// # What the specification leaves open
//
//	record of another version        the connection ends, with a log line
//	application record with id 0     the connection ends, with a log line
//	BEGIN_REQUEST of an active id    the connection ends, with a log line
//	BEGIN_REQUEST of another length  the connection ends, with a log line
//	unknown application type         ignored
//	PARAMS after their end           ignored
//	STDIN after its end              ignored
//	GET_VALUES with values           answered, the values are ignored
//
// # Not supported
//
// A Hijack has no meaning in the protocol.
package fastcgi
