package main

import (
	"regexp"
	"strings"

	"github.com/postern-go/postern/internal/address"
)

// plain is text that no shell takes apart, and a host that can be shown to others.
var plain = regexp.MustCompile(`^[-\w./:\[\]@]+$`)

// curl is the beginning of a curl command, up to the path. The host is the one the visitor came by, "" for none: a client far away knows the door
// by another name than the door itself.
func (d *door) curl(host string) string {
	switch {
	case d.at.Abstract():
		return "curl --abstract-unix-socket " + quote(d.at.Host[1:]) + " http://postern"
	case d.at.Network == address.Unix:
		return "curl --unix-socket " + quote(d.at.Host) + " http://postern"
	case plain.MatchString(host):
		return "curl " + quote("http://"+host)
	}
	return "curl " + quote("http://"+d.at.Host)
}

// quote makes s one word of a shell.
func quote(s string) string {
	if plain.MatchString(s) && !strings.ContainsAny(s, "[]") {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
