//go:build !linux

package server

import "syscall"

const lends = false

type lentReader struct{ raw syscall.RawConn }

func (*lentReader) read(Lender) (int, error) { return 0, syscall.ENOSYS }

func readVector(syscall.RawConn, [][]byte) (int, error) { return 0, syscall.ENOSYS }
