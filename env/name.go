package env

import (
	"net/textproto"

	"github.com/postern-go/postern/headers"
)

// headerName returns the canonical name of the header field that the variable
// HTTP_suffix carries, "" when it cannot be one. It shares no memory with suffix.
// Names in common use cost no allocation.
func headerName(suffix string) string {
	if name := commonName(suffix); name != "" {
		return name
	}
	if !headers.ValidName(suffix) {
		return ""
	}
	var room [64]byte
	lower := append(room[:0], suffix...)
	for i, c := range lower {
		switch {
		case c == '_':
			lower[i] = '-'
		case 'A' <= c && c <= 'Z':
			lower[i] = c + 'a' - 'A'
		}
	}
	return textproto.CanonicalMIMEHeaderKey(string(lower))
}

// commonName interns the names that nearly every request carries.
func commonName(suffix string) string {
	switch suffix {
	case "HOST":
		return "Host"
	case "USER_AGENT":
		return "User-Agent"
	case "ACCEPT":
		return "Accept"
	case "ACCEPT_ENCODING":
		return "Accept-Encoding"
	case "ACCEPT_LANGUAGE":
		return "Accept-Language"
	case "ACCEPT_CHARSET":
		return "Accept-Charset"
	case "AUTHORIZATION":
		return "Authorization"
	case "CACHE_CONTROL":
		return "Cache-Control"
	case "CONNECTION":
		return "Connection"
	case "CONTENT_ENCODING":
		return "Content-Encoding"
	case "COOKIE":
		return "Cookie"
	case "DNT":
		return "Dnt"
	case "EXPECT":
		return "Expect"
	case "FORWARDED":
		return "Forwarded"
	case "IF_MATCH":
		return "If-Match"
	case "IF_MODIFIED_SINCE":
		return "If-Modified-Since"
	case "IF_NONE_MATCH":
		return "If-None-Match"
	case "IF_RANGE":
		return "If-Range"
	case "IF_UNMODIFIED_SINCE":
		return "If-Unmodified-Since"
	case "KEEP_ALIVE":
		return "Keep-Alive"
	case "ORIGIN":
		return "Origin"
	case "PRAGMA":
		return "Pragma"
	case "PRIORITY":
		return "Priority"
	case "RANGE":
		return "Range"
	case "REFERER":
		return "Referer"
	case "SEC_CH_UA":
		return "Sec-Ch-Ua"
	case "SEC_CH_UA_MOBILE":
		return "Sec-Ch-Ua-Mobile"
	case "SEC_CH_UA_PLATFORM":
		return "Sec-Ch-Ua-Platform"
	case "SEC_FETCH_DEST":
		return "Sec-Fetch-Dest"
	case "SEC_FETCH_MODE":
		return "Sec-Fetch-Mode"
	case "SEC_FETCH_SITE":
		return "Sec-Fetch-Site"
	case "SEC_FETCH_USER":
		return "Sec-Fetch-User"
	case "TE":
		return "Te"
	case "UPGRADE":
		return "Upgrade"
	case "UPGRADE_INSECURE_REQUESTS":
		return "Upgrade-Insecure-Requests"
	case "VIA":
		return "Via"
	case "X_FORWARDED_FOR":
		return "X-Forwarded-For"
	case "X_FORWARDED_HOST":
		return "X-Forwarded-Host"
	case "X_FORWARDED_PROTO":
		return "X-Forwarded-Proto"
	case "X_REAL_IP":
		return "X-Real-Ip"
	case "X_REQUEST_ID":
		return "X-Request-Id"
	case "X_REQUESTED_WITH":
		return "X-Requested-With"
	}
	return ""
}

// variableName returns the variable of a header field: HTTP_ and the name in
// upper case with "-" as "_" (RFC 3875, section 4.1.18).
func variableName(header string) string {
	b := make([]byte, 0, len("HTTP_")+len(header))
	b = append(b, "HTTP_"...)
	for i := range len(header) {
		c := header[i]
		switch {
		case c == '-':
			c = '_'
		case 'a' <= c && c <= 'z':
			c -= 'a' - 'A'
		}
		b = append(b, c)
	}
	return string(b)
}
