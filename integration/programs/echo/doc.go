// Echo is a CGI program in Go.
package main
