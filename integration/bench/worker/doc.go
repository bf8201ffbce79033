// Worker serves one handler over a Unix or TCP socket by one of the servers that are compared. It listens, says so on its standard
// output, and answers commands on its standard input: see control.go.
package main
