package headers

import (
	"fmt"
	"strings"
)

// A Param is a parameter of a field's value, such as filename="bud.gif".
type Param struct {
	// Name is a token in which every underscore is written as a dash.
	Name string
	// Value is written between quotation marks, an empty one too.
	Value string
	// Bare writes the name alone, without the equals sign. Value has to be empty.
	Bare bool
}

// Add adds a field at the end and keeps those of the same name. The parameters
// follow the value, each after "; "; when value is empty they are all there is.
// An invalid name, value or parameter is an error and changes nothing.
func (h *Headers) Add(name, value string, params ...Param) error {
	if err := checkField(name, value); err != nil {
		return err
	}
	for _, p := range params {
		if err := asError(p.fault()); err != nil {
			return err
		}
	}
	*h = append(*h, Field{name, withParams(value, params)})
	return nil
}

func withParams(value string, params []Param) string {
	if len(params) == 0 {
		return value
	}
	b := []byte(value)
	for _, p := range params {
		if len(b) > 0 {
			b = append(b, "; "...)
		}
		b = p.appendTo(b)
	}
	return string(b)
}

// fault says what is wrong with the parameter. It does not show the value.
func (p Param) fault() fault {
	if f := nameFault("parameter name", p.Name); f != "" {
		return f
	}
	if p.Bare && p.Value != "" {
		return fault(fmt.Sprintf("bare parameter %.64q has a value", p.Name))
	}
	if ValidValue(p.Value) {
		return ""
	}
	return valueFault(fmt.Sprintf("value of parameter %.64q", p.Name), p.Value)
}

// appendTo appends the parameter with its value as a quoted string (RFC 9110,
// section 5.6.4).
func (p Param) appendTo(b []byte) []byte {
	b = append(b, strings.ReplaceAll(p.Name, "_", "-")...)
	if p.Bare {
		return b
	}
	b = append(b, '=', '"')
	for i := 0; i < len(p.Value); i++ {
		if c := p.Value[i]; c == '"' || c == '\\' {
			b = append(b, '\\')
		}
		b = append(b, p.Value[i])
	}
	return append(b, '"')
}
