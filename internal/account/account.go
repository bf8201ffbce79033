package account

import (
	"fmt"
	"os/user"
	"strconv"
)

// User returns the number of a user, by name or number. A number need not belong to anybody; a user whose name is one goes by that name.
func User(name string) (uint32, error) {
	id := name
	if u, err := user.Lookup(name); err == nil {
		id = u.Uid
	}
	return number("user", name, id)
}

// Group is User for groups.
func Group(name string) (uint32, error) {
	id := name
	if g, err := user.LookupGroup(name); err == nil {
		id = g.Gid
	}
	return number("group", name, id)
}

// number reads id, which has 31 bits so that it fits an int.
func number(kind, name, id string) (uint32, error) {
	n, err := strconv.ParseUint(id, 10, 31)
	if err != nil {
		return 0, fmt.Errorf("no %s %q on this machine", kind, name)
	}
	return uint32(n), nil
}
