// Package reaper is the part of a command that is process 1 of a container: it passes signals on and reaps orphans.
package reaper
