package main

import (
	"fmt"
	"io"
	"runtime"
	"runtime/debug"
)

func version(args []string, stdout io.Writer) error {
	if len(args) > 0 {
		return usagef("version: %q is too much: expected nothing", args[0])
	}
	v := "(unknown)"
	if info, ok := debug.ReadBuildInfo(); ok {
		v = info.Main.Version
	}
	return say(stdout, fmt.Sprintf("postern %s %s %s/%s\n", v, runtime.Version(), runtime.GOOS, runtime.GOARCH))
}
