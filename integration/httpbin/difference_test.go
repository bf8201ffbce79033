package httpbin

import (
	"fmt"
	"reflect"
	"strings"
)

// difference lists the parts in which two answers differ, and is "" when there is none. No values and nil are the same.
func difference(want, got answer) string {
	var b strings.Builder
	w, g := reflect.ValueOf(want), reflect.ValueOf(got)
	for i := range w.NumField() {
		x, y := show(w.Field(i)), show(g.Field(i))
		if x != y {
			fmt.Fprintf(&b, "\t%s\n\t\twant %.1500s\n\t\tgot  %.1500s\n", w.Type().Field(i).Name, x, y)
		}
	}
	return b.String()
}

func show(v reflect.Value) string {
	if v.Kind() == reflect.Bool {
		return fmt.Sprint(v)
	}
	return fmt.Sprintf("%q", v)
}
