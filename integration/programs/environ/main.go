package main

import (
	"fmt"
	"os"
	"slices"
)

func main() {
	fmt.Print("Content-Type: text/plain\n\n")
	all := os.Environ()
	slices.Sort(all)
	for _, entry := range all {
		fmt.Printf("%q\n", entry)
	}
}
