//go:build !linux

package server

import "errors"

func socketCredentials(int) (uid, gid uint32, err error) { return 0, 0, errors.ErrUnsupported }
