// Package readme keeps README.md true: its tests build and run the program that it shows, and look for the commands that it names.
package readme
