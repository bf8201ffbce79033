// Least is the least CGI program in Go that imports net/http: how long it takes to start is what a CGI program in Go costs at least.
package main
