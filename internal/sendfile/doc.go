// Package sendfile copies regular files to sockets, pipes and other files
// without their bytes passing through the program, where the system can do that:
// on Linux, by sendfile(2). Elsewhere it copies through memory.
package sendfile
