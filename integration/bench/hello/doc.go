// Hello is the CGI program that Postern's README shows, with nothing but a greeting in it.
package main
