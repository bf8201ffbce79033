// Package transcript writes down and reads back what two peers have said to each
// other in FastCGI, as text that a person can read and that holds every byte.
//
//	connection
//	> FCGI_BEGIN_REQUEST id=1
//		role=1 flags=0
//	> FCGI_PARAMS id=1 padding=4
//		"REQUEST_METHOD" = "GET"
//	> FCGI_PARAMS id=1
//	< FCGI_STDOUT id=1 padding=3
//		"Status: 200 OK\r\n"
//	> close
//
// A line that begins with > is a record of the web server, one with < a record
// of the worker; the lines below are its content. Lines that begin with # say
// something to the reader. Tests record and replay such files.
package transcript
