// Package client makes load: it speaks FastCGI, SCGI and HTTP as a web server or a browser would, with as little work of its own as can
// be, and the same for every server that is measured.
package client
