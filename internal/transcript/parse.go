package transcript

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/postern-go/postern/internal/record"
)

// Parse reads what Append has written.
func Parse(text string) ([]Connection, error) {
	var all []Connection
	for rest := text; rest != ""; {
		var entry string
		entry, rest = cutEntry(rest)
		switch {
		case entry[0] == '#':
		case entry == "connection\n":
			all = append(all, nil)
		case len(all) == 0:
			return nil, fmt.Errorf("transcript: %q before the first connection", entry)
		default:
			e, err := parseEvent(entry)
			if err != nil {
				return nil, err
			}
			all[len(all)-1] = append(all[len(all)-1], e)
		}
	}
	return all, nil
}

// cutEntry takes the first line and those below it that begin with a tab.
func cutEntry(text string) (entry, rest string) {
	end := 0
	for {
		n := strings.IndexByte(text[end:], '\n') + 1
		if n == 0 {
			return text, ""
		}
		if end += n; end == len(text) || text[end] != '\t' {
			return text[:end], text[end:]
		}
	}
}

func parseEvent(entry string) (Event, error) {
	head, body, _ := strings.Cut(entry, "\n")
	side, what, _ := strings.Cut(head, " ")
	if side != string(WebServer) && side != string(Worker) {
		return Event{}, fmt.Errorf("transcript: line %q", head)
	}
	e := Event{From: Side(side[0])}
	if what == "close" {
		e.Closed = true
		return e, nil
	}
	if err := e.parseHeader(what); err != nil {
		return Event{}, fmt.Errorf("transcript: line %q: %w", head, err)
	}
	var err error
	if e.Content, err = parseContent(e.Header.Type, body); err != nil {
		return Event{}, fmt.Errorf("transcript: below %q: %w", head, err)
	}
	if len(e.Content) > record.MaxContent || e.Padding != nil && len(e.Padding) != int(e.Header.Padding) {
		return Event{}, fmt.Errorf("transcript: lengths of %q", head)
	}
	e.Header.Content = uint16(len(e.Content))
	return e, nil
}

func (e *Event) parseHeader(what string) error {
	name, rest, _ := strings.Cut(what, " ")
	t, err := parseType(name)
	if err != nil {
		return err
	}
	e.Header = record.Header{Version: record.Version, Type: t}
	fields, quoted, _ := strings.Cut(rest, ` "`)
	if quoted != "" {
		padding, err := strconv.Unquote(`"` + quoted)
		if err != nil {
			return err
		}
		e.Padding = []byte(padding)
	}
	id, padding, padded := strings.Cut(fields, " ")
	n, err := number(id, "id=", 16)
	if err != nil {
		return err
	}
	e.Header.ID = uint16(n)
	if padded {
		n, err = number(padding, "padding=", 8)
		e.Header.Padding = uint8(n)
	}
	return err
}

// parseType reads the name that a record.Type has.
func parseType(name string) (record.Type, error) {
	for t := range 256 {
		if record.Type(t).String() == name {
			return record.Type(t), nil
		}
	}
	return 0, errors.New("no such type of record")
}

func number(text, prefix string, bits int) (uint64, error) {
	digits, found := strings.CutPrefix(text, prefix)
	if !found {
		return 0, fmt.Errorf("no %s in %q", prefix, text)
	}
	return strconv.ParseUint(digits, 10, bits)
}

func parseContent(t record.Type, body string) (content []byte, err error) {
	for line := range strings.Lines(body) {
		line = strings.TrimSuffix(strings.TrimPrefix(line, "\t"), "\n")
		if content, err = appendLine(content, t, line); err != nil {
			return nil, fmt.Errorf("%q: %w", line, err)
		}
	}
	return content, nil
}

func appendLine(content []byte, t record.Type, line string) ([]byte, error) {
	if strings.HasPrefix(line, `"`) {
		return appendStrings(content, line)
	}
	var a, b uint64
	switch word, _, _ := strings.Cut(line, "="); {
	case word == "role" && t == record.BeginRequest:
		_, err := fmt.Sscanf(line, "role=%d flags=%d", &a, &b)
		return record.AppendBegin(content, record.Begin{Role: record.Role(a), Flags: uint8(b)}), err
	case word == "app" && t == record.EndRequest:
		_, err := fmt.Sscanf(line, "app=%d status=%d", &a, &b)
		return record.AppendEnd(content, record.End{App: uint32(a), Status: record.ProtocolStatus(b)}), err
	}
	if _, err := fmt.Sscanf(line, "pattern %d %d", &a, &b); err != nil {
		return nil, err
	}
	if a > 9 || b > record.MaxContent {
		return nil, errors.New("no part of the pattern")
	}
	return append(content, Pattern(int(a), int(b))...), nil
}

// appendStrings appends a quoted string, or the pair of two with an equals sign between.
func appendStrings(content []byte, line string) ([]byte, error) {
	first, err := strconv.QuotedPrefix(line)
	if err != nil {
		return nil, err
	}
	name, err := strconv.Unquote(first)
	if err != nil {
		return nil, err
	}
	if first == line {
		return append(content, name...), nil
	}
	second, found := strings.CutPrefix(line[len(first):], " = ")
	if !found {
		return nil, errors.New("no pair")
	}
	value, err := strconv.Unquote(second)
	if err != nil {
		return nil, err
	}
	return record.AppendPair(content, name, value), nil
}
