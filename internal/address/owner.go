package address

import (
	"fmt"
	"os/user"
	"strconv"
	"strings"
)

// lookupOwner reads "user", "user:group" or ":group", names or numbers. What is not given is -1, which leaves it as it is.
func lookupOwner(owner string) (uid, gid int, err error) {
	name, group, colon := strings.Cut(owner, ":")
	if owner != "" && name == "" && group == "" || colon && group == "" {
		return 0, 0, fmt.Errorf(`socket owner %q: expected "user", "user:group" or ":group"`, owner)
	}
	if uid, err = lookupID(name, "user", userID); err != nil {
		return 0, 0, err
	}
	if gid, err = lookupID(group, "group", groupID); err != nil {
		return 0, 0, err
	}
	return uid, gid, nil
}

func lookupID(name, kind string, lookup func(string) (string, error)) (int, error) {
	if name == "" {
		return -1, nil
	}
	id, err := lookup(name)
	if err != nil {
		id = name
	}
	n, err := strconv.ParseUint(id, 10, 31)
	if err != nil {
		return 0, fmt.Errorf("socket owner: no %s %q on this machine", kind, name)
	}
	return int(n), nil
}

func userID(name string) (string, error) {
	u, err := user.Lookup(name)
	if err != nil {
		return "", err
	}
	return u.Uid, nil
}

func groupID(name string) (string, error) {
	g, err := user.LookupGroup(name)
	if err != nil {
		return "", err
	}
	return g.Gid, nil
}
