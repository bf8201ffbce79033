package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/debug"
	"runtime/pprof"
	"strings"
	"time"
)

// control answers commands, one a line, with one line each, and returns at the
// end of in: a worker ends with whoever started it. It begins with the line
// "ready".
//
//	allocs          objects and bytes allocated so far
//	free            gives all memory back that is not in use
//	profile FILE    writes a processor profile of the next two seconds
func control(in io.Reader, out io.Writer) error {
	fmt.Fprintln(out, "ready")
	for s := bufio.NewScanner(in); s.Scan(); {
		command, file, _ := strings.Cut(s.Text(), " ")
		switch command {
		case "allocs":
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			fmt.Fprintln(out, m.Mallocs, m.TotalAlloc)
		case "free":
			debug.FreeOSMemory()
			debug.FreeOSMemory() // what pools held survives one collection
			fmt.Fprintln(out, "free")
		case "profile":
			fmt.Fprintln(out, profile(file))
		default:
			return fmt.Errorf("command %q", command)
		}
	}
	return nil
}

func profile(name string) error {
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := pprof.StartCPUProfile(f); err != nil {
		return err
	}
	time.Sleep(2 * time.Second)
	pprof.StopCPUProfile()
	return nil
}
