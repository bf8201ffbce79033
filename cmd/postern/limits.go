package main

import (
	"errors"
	"math"
	"strconv"
	"strings"
)

// countFlag is a number of things; 0 is no bound.
type countFlag int

func (c *countFlag) String() string { return strconv.Itoa(int(*c)) }

func (c *countFlag) Set(s string) error {
	n, err := strconv.ParseUint(s, 10, 31)
	if err != nil {
		return errors.New("expected a number, 0 being no bound")
	}
	*c = countFlag(n)
	return nil
}

// sizeFlag is a number of bytes; 0 is no bound.
type sizeFlag int64

func (f *sizeFlag) String() string { return strconv.FormatInt(int64(*f), 10) }

// Set reads the spelling of nginx and php: a number, or one with k, m or g for powers of 1024.
func (f *sizeFlag) Set(s string) error {
	digits, shift := s, 0
	if i := len(s) - 1; i >= 0 {
		if power := strings.IndexByte("kmg", s[i]|0x20); power >= 0 {
			digits, shift = s[:i], 10*(power+1)
		}
	}
	n, err := strconv.ParseUint(digits, 10, 63)
	if err != nil || n > math.MaxInt64>>shift {
		return errors.New("expected a number of bytes, or one with k, m or g such as 8m, 0 being no bound")
	}
	*f = sizeFlag(n << shift)
	return nil
}
