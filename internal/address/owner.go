package address

import (
	"fmt"
	"strings"

	"github.com/postern-go/postern/internal/account"
)

// lookupOwner reads "user", "user:group" or ":group", names or numbers. What is not given is -1, which leaves it as it is.
func lookupOwner(owner string) (uid, gid int, err error) {
	name, group, colon := strings.Cut(owner, ":")
	if owner != "" && name == "" && group == "" || colon && group == "" {
		return 0, 0, fmt.Errorf(`socket owner %q: expected "user", "user:group" or ":group"`, owner)
	}
	if uid, err = lookupID(name, account.User); err != nil {
		return 0, 0, err
	}
	if gid, err = lookupID(group, account.Group); err != nil {
		return 0, 0, err
	}
	return uid, gid, nil
}

func lookupID(name string, lookup func(string) (uint32, error)) (int, error) {
	if name == "" {
		return -1, nil
	}
	id, err := lookup(name)
	if err != nil {
		return 0, fmt.Errorf("socket owner: %w", err)
	}
	return int(id), nil
}
