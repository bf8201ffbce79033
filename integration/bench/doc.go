// Bench measures Postern beside its peers and writes what it found: a table in Markdown, the same in CSV, and plots.
//
//	go run ./integration/bench [-short] [-only REGEXP] [-out DIR]
//
// For each kind of work it starts every peer, warms them up, and then lets them take turns, A B C A B C, until each has had its rounds;
// the figures are medians. The figure of merit is the processor time that the kernel has accounted to a worker, all of its threads and
// children together, for one request: client, web server and worker share the processors, so that time on the clock says little of any
// of them. What is measured of a peer, and against which other, is the table in rows.go; how each is started is in peers.go.
package main
