// Environ is a CGI program that shows its environment.
package main
