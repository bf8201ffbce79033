package headers

import (
	"iter"
	"slices"
)

// Headers is a list of header fields. The zero value is an empty list.
//
// Copies of a Headers share their fields, as copies of any slice do; [Headers.Clone]
// makes one of its own. A list that was filled without Set, SetDefault, Add or
// Parse may hold invalid fields: see [Headers.Check].
type Headers []Field

// Wrap returns list as a Headers. It is the same list: what a method changes
// through the result is changed in *list, and the other way round. A nil list
// gives a new one.
func Wrap(list *[]Field) *Headers {
	if list == nil {
		return new(Headers)
	}
	return (*Headers)(list)
}

// Get returns the first value of name, or "" when there is none.
func (h Headers) Get(name string) string {
	value, _ := h.Lookup(name)
	return value
}

// Lookup returns the first value of name and whether there is one.
func (h Headers) Lookup(name string) (value string, ok bool) {
	for i := range h {
		if h[i].is(name) {
			return h[i].Value, true
		}
	}
	return "", false
}

// Values returns all values of name in the order of the list; nil when there is none.
func (h Headers) Values(name string) []string {
	var values []string
	for i := range h {
		if h[i].is(name) {
			values = append(values, h[i].Value)
		}
	}
	return values
}

// Has reports whether the list has a field of this name, be its value empty or not.
func (h Headers) Has(name string) bool {
	_, ok := h.Lookup(name)
	return ok
}

// Len returns the number of fields. A name with two values counts twice.
func (h Headers) Len() int { return len(h) }

// Names returns the name of every field, in order and as spelled there. A name
// with two values is returned twice.
func (h Headers) Names() []string {
	names := make([]string, len(h))
	for i := range h {
		names[i] = h[i].Name
	}
	return names
}

// All iterates over the name and the value of every field, in order. The list
// must not be changed meanwhile.
func (h Headers) All() iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		for _, f := range h {
			if !yield(f.Name, f.Value) {
				return
			}
		}
	}
}

// Clone returns a copy that shares nothing with the list.
func (h Headers) Clone() Headers { return slices.Clone(h) }

// Set removes every field of this name, in any case, and adds one at the end.
// An invalid name or value is an error and changes nothing.
func (h *Headers) Set(name, value string) error {
	if err := checkField(name, value); err != nil {
		return err
	}
	h.Del(name)
	*h = append(*h, Field{name, value})
	return nil
}

// SetDefault returns the first value of name. When there is none it adds value
// at the end and returns it; then an invalid name or value is an error, returns
// "" and changes nothing.
func (h *Headers) SetDefault(name, value string) (string, error) {
	if first, ok := h.Lookup(name); ok {
		return first, nil
	}
	if err := checkField(name, value); err != nil {
		return "", err
	}
	*h = append(*h, Field{name, value})
	return value, nil
}

// Del removes every field of this name, in any case, and keeps the order of the
// rest. It does nothing when there is none.
func (h *Headers) Del(name string) {
	*h = slices.DeleteFunc(*h, func(f Field) bool { return f.is(name) })
}

// Check returns the error of the first field whose name or value is invalid, or
// nil. It is meant for lists that were filled without the methods of this type.
func (h Headers) Check() error {
	for _, f := range h {
		if err := checkField(f.Name, f.Value); err != nil {
			return err
		}
	}
	return nil
}
