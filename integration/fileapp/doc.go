// Command fileapp serves one file in the ways that let the kernel send it.
//
//	fileapp --listen ADDR --ready FILE --file FILE
package main
