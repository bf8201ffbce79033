// Package floor is the least FastCGI worker that still makes an *http.Request and calls a handler: a goroutine for each connection, the
// runtime's poller, one read for what has arrived, one write for what is due. It checks nothing, notices nothing while a handler runs,
// and runs the requests of a connection one after another. It is a measure, and no server.
package floor
