// Testapp serves the test application over any address:
//
//	testapp --listen fastcgi+unix:///run/app.sock
//
// Without --listen it serves what it was started with (auto). With --ready FILE it writes the address to the file
// once it is open, with the port that was chosen for port 0. As a CGI program it takes no arguments at all, because
// a web server makes them of the query.
package main
