package env

import (
	"iter"
	"strings"
)

// A Var is one meta-variable as it was received.
type Var struct {
	Name, Value string
}

// Vars is the ordered list of the meta-variables of one request. The zero
// value is empty and ready to use. It is not safe for concurrent change.
//
// Names are compared byte by byte. A zero-length value equals a missing
// variable wherever the package reads one (RFC 3875, section 4.1).
type Vars struct {
	list []Var
}

// Grow makes room for n more variables, so that adding them allocates once.
func (v *Vars) Grow(n int) {
	if need := len(v.list) + n; need > cap(v.list) {
		list := make([]Var, len(v.list), need)
		copy(list, v.list)
		v.list = list
	}
}

// Add appends a variable and keeps those of the same name before it.
func (v *Vars) Add(name, value string) {
	v.list = append(v.list, Var{name, value})
}

// Set gives name this one value. A variable that is there keeps its place,
// repeats after it are deleted.
func (v *Vars) Set(name, value string) {
	i := v.index(name)
	if i < 0 {
		v.Add(name, value)
		return
	}
	v.list[i].Value = value
	v.delete(name, i+1)
}

// Del deletes every variable of this name.
func (v *Vars) Del(name string) {
	v.delete(name, 0)
}

func (v *Vars) delete(name string, from int) {
	kept := v.list[:from]
	for _, x := range v.list[from:] {
		if x.Name != name {
			kept = append(kept, x)
		}
	}
	clear(v.list[len(kept):])
	v.list = kept
}

// Reset deletes all variables and keeps the memory.
func (v *Vars) Reset() {
	clear(v.list)
	v.list = v.list[:0]
}

// Len returns the number of variables, repeats counted.
func (v *Vars) Len() int {
	return len(v.list)
}

func (v *Vars) index(name string) int {
	for i := range v.list {
		if v.list[i].Name == name {
			return i
		}
	}
	return -1
}

// Get returns the value of a variable, or "" when there is none. Repeated
// header variables (HTTP_…) are joined with ", ", those of HTTP_COOKIE with
// "; "; of HTTP_HOST and any other repeated variable the last one counts, as in
// a process environment that is set twice.
func (v *Vars) Get(name string) string {
	value, _ := v.Lookup(name)
	return value
}

// Lookup is [Vars.Get] that tells a missing variable from an empty one.
func (v *Vars) Lookup(name string) (value string, found bool) {
	i := v.index(name)
	if i < 0 {
		return "", false
	}
	value = v.list[i].Value
	for _, x := range v.list[i+1:] {
		if x.Name == name {
			value = join(name, value, x.Value)
		}
	}
	return value, true
}

func join(name, first, next string) string {
	switch {
	case name == "HTTP_COOKIE":
		return first + "; " + next
	case name == "HTTP_HOST":
		return next
	case strings.HasPrefix(name, "HTTP_"):
		return first + ", " + next
	}
	return next
}

// All yields every name once, in the order of its first appearance, with the
// value that Get returns.
func (v *Vars) All() iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		for _, x := range v.merged() {
			if !yield(x.Name, x.Value) {
				return
			}
		}
	}
}

// merged returns a list that has every name once.
func (v *Vars) merged() []Var {
	list := make([]Var, 0, len(v.list))
	at := make(map[string]int, len(v.list))
	for _, x := range v.list {
		if i, found := at[x.Name]; found {
			list[i].Value = join(x.Name, list[i].Value, x.Value)
			continue
		}
		at[x.Name] = len(list)
		list = append(list, x)
	}
	return list
}

// Pairs yields the variables as they were received, repeats included.
func (v *Vars) Pairs() iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		for _, x := range v.list {
			if !yield(x.Name, x.Value) {
				return
			}
		}
	}
}

// Environ returns the variables as NAME=value, each name once, in the form of
// os.Environ.
func (v *Vars) Environ() []string {
	list := make([]string, 0, len(v.list))
	for _, x := range v.merged() {
		list = append(list, x.Name+"="+x.Value)
	}
	return list
}

// Clone returns a copy that shares nothing that can change.
func (v *Vars) Clone() *Vars {
	return &Vars{list: append([]Var(nil), v.list...)}
}

// Parse reads an environment in the form of os.Environ. An entry without "="
// after its first byte is passed over, as the C library does.
func Parse(environ []string) *Vars {
	v := new(Vars)
	v.Grow(len(environ))
	for _, entry := range environ {
		if i := strings.IndexByte(entry, '='); i > 0 {
			v.Add(entry[:i], entry[i+1:])
		}
	}
	return v
}
