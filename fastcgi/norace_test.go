//go:build !race

package fastcgi_test

const raceEnabled = false
