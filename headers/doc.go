// Package headers provides an ordered, case-insensitive list of HTTP header
// fields, and the rules for their names and values.
//
// [Headers] is a plain slice: what its methods change is changed in the slice,
// and [Wrap] puts the same methods on a list that somebody else holds. Names
// keep the spelling and fields keep the order they were given, which
// [net/http.Header] cannot do. It is the counterpart of the class Headers in
// Python's wsgiref.headers:
//
//	Headers(list)               Wrap(&list); a nil list is a new one
//	h[name], h.get(name)        h.Get(name)
//	h.get(name, default)        value, ok := h.Lookup(name)
//	h[name] = value             h.Set(name, value)
//	h.setdefault(name, value)   h.SetDefault(name, value)
//	del h[name]                 h.Del(name)
//	name in h, h.has_key(name)  h.Has(name)
//	len(h)                      h.Len()
//	h.keys()                    h.Names()
//	h.values()                  for _, value := range h.All()
//	h.items()                   for name, value := range h.All(), or h.Clone()
//	h.get_all(name)             h.Values(name)
//	h.add_header(name, value)   h.Add(name, value, params...)
//	str(h), bytes(h)            h.String(), h.AppendTo(nil)
//	util.is_hop_by_hop(name)    IsHopByHop(name)
//
// It differs from there in this:
//
//   - A name has to be a token (RFC 9110, section 5.1), and a value has no
//     control character but the tab (RFC 9110, section 5.5). Everything that
//     adds a field refuses others with an error that shows the offending byte
//     and its offset, and leaves the list as it was.
//   - Names are compared with ASCII case folding only.
//   - A parameter with an empty value is written name="". Only a parameter
//     without a value is the bare name.
//   - A value that is empty and followed by parameters is no value, so that no
//     field begins with a semicolon.
//   - IsHopByHop knows Trailer and Proxy-Connection, too.
//
// Strings are bytes here: nothing is decoded, and bytes from 0x80 up pass
// through values unchanged.
//
// # Cancellation
//
// Nothing in this package blocks or does I/O. A Headers must not be changed
// while another goroutine uses it.
//
// # Limits
//
// None. [Parse] copies the block it is given and needs memory in proportion to
// its length, so its caller bounds that length. Finding a field takes time in
// proportion to the number of fields.
//
// # Not supported
//
// Line folding (RFC 9112, section 5.2) is an error. Parameters outside ASCII
// are not encoded as RFC 8187 would have it: give such a parameter its encoded
// value and a name that ends in an asterisk.
package headers
