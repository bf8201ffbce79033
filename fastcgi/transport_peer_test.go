package fastcgi_test

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/postern-go/postern/fastcgi"
	"github.com/postern-go/postern/internal/record"
	"github.com/stretchr/testify/require"
)

// A call as a scripted worker sees it.
type seenCall struct {
	types  []record.Type
	params map[string]string
	stdin  []byte
}

// scriptedWorker returns a transport to a worker that reads a whole request, writes what it is told, and closes.
func scriptedWorker(t *testing.T, answer []byte) (*fastcgi.Transport, chan seenCall) {
	t.Helper()
	got := make(chan seenCall, 1)
	return &fastcgi.Transport{Dial: func(context.Context) (net.Conn, error) {
		ours, theirs := net.Pipe()
		go func() {
			defer theirs.Close()
			s, err := readCall(theirs)
			if err != nil {
				return
			}
			got <- s
			theirs.Write(answer)
		}()
		return ours, nil
	}}, got
}

// readCall reads records up to the end of STDIN.
func readCall(r io.Reader) (seenCall, error) {
	s := seenCall{params: map[string]string{}}
	var params []byte
	for {
		var head [record.HeaderLen]byte
		if _, err := io.ReadFull(r, head[:]); err != nil {
			return s, err
		}
		h, err := record.ParseHeader(head[:])
		if err != nil {
			return s, err
		}
		content := make([]byte, int(h.Content)+int(h.Padding))
		if _, err := io.ReadFull(r, content); err != nil {
			return s, err
		}
		content = content[:h.Content]
		s.types = append(s.types, h.Type)
		switch h.Type {
		case record.Params:
			params = append(params, content...)
		case record.Stdin:
			s.stdin = append(s.stdin, content...)
			if h.Content == 0 {
				return s, s.parse(params)
			}
		}
	}
}

func (s *seenCall) parse(params []byte) error {
	for len(params) > 0 {
		name, value, rest, err := record.ParsePair(params)
		if err != nil {
			return err
		}
		s.params[string(name)] = string(value)
		params = rest
	}
	return nil
}

func workerRecord(t record.Type, content string) []byte {
	return record.AppendRecord(nil, t, 1, []byte(content))
}

func stdoutRecord(content string) []byte { return workerRecord(record.Stdout, content) }
func stderrRecord(content string) []byte { return workerRecord(record.Stderr, content) }

func endRecord(app uint32, status record.ProtocolStatus) []byte {
	return workerRecord(record.EndRequest, string(record.AppendEnd(nil, record.End{App: app, Status: status})))
}

func joined(parts ...[]byte) []byte { return bytes.Join(parts, nil) }

const plainHead = "Content-Type: text/plain\r\n\r\n"

func TestTransportSends(t *testing.T) {
	tr, got := scriptedWorker(t, joined(stdoutRecord(plainHead), stdoutRecord(""), endRecord(0, 0)))
	resp, err := tr.RoundTrip(clientRequest("POST", "/x?y=z", strings.NewReader("hello")))
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	s := <-got
	require.Equal(t, []record.Type{record.BeginRequest, record.Params, record.Params, record.Stdin, record.Stdin}, s.types)
	require.Equal(t, "hello", string(s.stdin))
	for name, want := range map[string]string{
		"REQUEST_METHOD": "POST", "QUERY_STRING": "y=z", "CONTENT_LENGTH": "5", "REMOTE_ADDR": "192.0.2.7",
		"SERVER_PROTOCOL": "HTTP/1.1", "HTTP_HOST": "example.com:8080", "REQUEST_URI": "/x?y=z",
	} {
		require.Equal(t, want, s.params[name], name)
	}
}

func TestTransportSendsUnknownLength(t *testing.T) {
	for _, row := range []struct {
		why        string
		unbuffered bool
		length     string
		coding     string
	}{
		{"the body is measured", false, "5", ""},
		{"unbuffered it is sent as it comes, and announced as Apache does it", true, "", "chunked"},
	} {
		tr, got := scriptedWorker(t, joined(stdoutRecord(plainHead), endRecord(0, 0)))
		tr.Unbuffered = row.unbuffered
		resp, err := tr.RoundTrip(clientRequest("POST", "/", io.MultiReader(strings.NewReader("hello"))))
		require.NoError(t, err, row.why)
		require.NoError(t, resp.Body.Close(), row.why)
		s := <-got
		require.Equal(t, row.length, s.params["CONTENT_LENGTH"], row.why)
		require.Equal(t, row.coding, s.params["HTTP_TRANSFER_ENCODING"], row.why)
		require.Equal(t, "hello", string(s.stdin), row.why)
	}
}

func TestTransportSpoolLimit(t *testing.T) {
	tr := &fastcgi.Transport{SpoolLimit: 4, Dial: func(context.Context) (net.Conn, error) {
		t.Error("over the limit, the worker is not asked")
		return nil, net.ErrClosed
	}}
	var log lockedLog
	tr.ErrorLog = log.logger()
	w := httptest.NewRecorder()
	tr.ServeHTTP(w, clientRequest("POST", "/", io.MultiReader(strings.NewReader("hello"))))
	require.Equal(t, http.StatusRequestEntityTooLarge, w.Code)
	require.Contains(t, log.String(), "fastcgi: request body: request body over the limit")
}

func TestTransportReads(t *testing.T) {
	other := record.AppendRecord(nil, record.Stdout, 2, []byte(plainHead))
	for _, row := range []struct {
		why    string
		answer []byte
		body   string
		err    string // of RoundTrip, or of the body when the head is whole
	}{
		{"head and body in one record", joined(stdoutRecord(plainHead+"hi"), stdoutRecord(""), endRecord(0, 0)), "hi", ""},
		{"no end of STDOUT before END_REQUEST", joined(stdoutRecord(plainHead+"hi"), endRecord(0, 0)), "hi", ""},
		{"split anywhere", joined(stdoutRecord("Content-"), stdoutRecord("Type: a/b\r"), stdoutRecord("\n\r\nh"), stdoutRecord("i"), endRecord(0, 0)), "hi", ""},
		{"STDERR between", joined(stderrRecord("a"), stdoutRecord(plainHead+"h"), stderrRecord("b"), stdoutRecord("i"), stderrRecord(""), endRecord(0, 0)), "hi", ""},
		{"STDERR after the end of STDOUT", joined(stdoutRecord(plainHead+"hi"), stdoutRecord(""), stderrRecord("late"), endRecord(0, 0)), "hi", ""},
		{"an exit status is no error", joined(stdoutRecord(plainHead+"hi"), endRecord(1, 0)), "hi", ""},
		{"an overloaded worker with a page", joined(stdoutRecord(plainHead+"hi"), endRecord(0, record.Overloaded)), "hi", ""},
		{"bytes after END_REQUEST", joined(stdoutRecord(plainHead+"hi"), endRecord(0, 0), []byte("junk")), "hi", ""},
		{"255 bytes of padding", joined([]byte("\x01\x06\x00\x01\x00\x1e\xff\x00"+plainHead+"hi"+strings.Repeat("p", 255)), endRecord(0, 0)), "hi", ""},
		{"no END_REQUEST", joined(stdoutRecord(plainHead+"hi"), stdoutRecord("")), "hi", "closed before FCGI_END_REQUEST: unexpected EOF"},
		{"nothing after the first record", stdoutRecord(plainHead + "hi"), "hi", "closed before FCGI_END_REQUEST: unexpected EOF"},
		{"a cut record", stdoutRecord(plainHead + "hello")[:8+len(plainHead)+2], "he", "unexpected EOF"},
		{"a cut record header", joined(stdoutRecord(plainHead+"hi"), []byte("\x01\x06")), "hi", "unexpected EOF"},
		{"a short body", joined(stdoutRecord("Content-Length: 3\n\nhi"), endRecord(0, 0)), "hi", "fastcgi: unexpected EOF"},
		{"a body beyond its length", joined(stdoutRecord("Content-Length: 2\n\nhi!"), endRecord(0, 0)), "hi", ""},
		{"a short body and no END_REQUEST", stdoutRecord("Content-Length: 3\n\nhi"), "hi", "unexpected EOF"},
		{"version 0 breaks off", joined(stdoutRecord(plainHead+"hi"), make([]byte, 8)), "hi", "fastcgi: record of version 0"},
		{"another request's record", joined(stdoutRecord(plainHead+"hi"), other), "hi", "fastcgi: FCGI_STDOUT of request 2"},
		{"a management record", joined(stdoutRecord(plainHead+"hi"), record.AppendRecord(nil, record.UnknownType, 0, make([]byte, 8))), "hi", "fastcgi: FCGI_UNKNOWN_TYPE of request 0"},
		{"a record that only servers send", joined(stdoutRecord(plainHead+"hi"), workerRecord(record.Stdin, "x")), "hi", "fastcgi: FCGI_STDIN from a worker"},
		{"STDOUT after its end", joined(stdoutRecord(plainHead+"hi"), stdoutRecord(""), stdoutRecord("x")), "hi", "FCGI_STDOUT after its end"},
		{"END_REQUEST of another length", joined(stdoutRecord(plainHead+"hi"), workerRecord(record.EndRequest, "1234567")), "hi", "FCGI_END_REQUEST of 7 bytes"},
		{"a longer END_REQUEST", joined(stdoutRecord(plainHead+"hi"), workerRecord(record.EndRequest, "123456789")), "hi", "FCGI_END_REQUEST of 9 bytes"},
		{"nothing at all", nil, "", "fastcgi: connection closed before FCGI_END_REQUEST: unexpected EOF"},
		{"END_REQUEST only", endRecord(0, 0), "", "fastcgi: empty response"},
		{"a head without an end", joined(stdoutRecord("Status: 200 OK\r\n"), endRecord(0, 0)), "", "ends in its head"},
		{"no head", joined(stdoutRecord("<html>\n\n"), endRecord(0, 0)), "", "fastcgi: malformed response"},
		{"an overloaded worker", endRecord(0, record.Overloaded), "", "FCGI_OVERLOADED: overloaded"},
		{"a worker without multiplexing", endRecord(0, record.CantMpxConn), "", "FCGI_CANT_MPX_CONN: overloaded"},
		{"a worker of another role", endRecord(0, record.UnknownRole), "", "fastcgi: worker answers FCGI_UNKNOWN_ROLE"},
	} {
		tr, _ := scriptedWorker(t, row.answer)
		tr.Stderr = io.Discard
		resp, err := tr.RoundTrip(clientRequest("GET", "/", nil))
		if err != nil {
			require.NotEmpty(t, row.err, "%s: %v", row.why, err)
			require.ErrorContains(t, err, row.err, row.why)
			require.Empty(t, row.body, row.why)
			continue
		}
		body, err := io.ReadAll(resp.Body)
		require.Equal(t, row.body, string(body), row.why)
		if row.err == "" {
			require.NoError(t, err, row.why)
			continue
		}
		require.ErrorContains(t, err, row.err, row.why)
		if strings.Contains(row.err, "unexpected EOF") {
			require.ErrorIs(t, err, io.ErrUnexpectedEOF, row.why)
		}
	}
}

func TestTransportHeadHasNoBody(t *testing.T) {
	tr, _ := scriptedWorker(t, joined(stdoutRecord("Content-Length: 2\n\nhi"), endRecord(0, 0)))
	resp, err := tr.RoundTrip(clientRequest("HEAD", "/", nil))
	require.NoError(t, err)
	body, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	require.Empty(t, body)
	require.Equal(t, int64(2), resp.ContentLength)
}

func TestTransportOverloadedIs503(t *testing.T) {
	tr, _ := scriptedWorker(t, endRecord(0, record.Overloaded))
	var log lockedLog
	tr.ErrorLog = log.logger()
	w := httptest.NewRecorder()
	tr.ServeHTTP(w, clientRequest("GET", "/", nil))
	require.Equal(t, 503, w.Code)
}

func TestTransportStderr(t *testing.T) {
	answer := joined(stderrRecord("PHP Warning: a\nPHP No"), stderrRecord("tice: b\n"), stdoutRecord(plainHead), stderrRecord("last"), endRecord(0, 0))
	t.Run("line by line to the log", func(t *testing.T) {
		tr, _ := scriptedWorker(t, answer)
		var log lockedLog
		tr.ErrorLog = log.logger()
		r := clientRequest("GET", "/x", nil)
		resp, err := tr.RoundTrip(r)
		require.NoError(t, err)
		_, err = io.ReadAll(resp.Body)
		require.NoError(t, err)
		for _, line := range []string{`"PHP Warning: a"`, `"PHP Notice: b"`, `last`} {
			require.Contains(t, log.String(), `msg="fastcgi: FCGI_STDERR" line=`+line+" method=GET uri=/x")
		}
	})
	t.Run("as it comes to a writer", func(t *testing.T) {
		tr, _ := scriptedWorker(t, answer)
		var raw lockedLog
		tr.Stderr = &raw
		resp, err := tr.RoundTrip(clientRequest("GET", "/x", nil))
		require.NoError(t, err)
		_, err = io.ReadAll(resp.Body)
		require.NoError(t, err)
		require.Equal(t, "PHP Warning: a\nPHP Notice: b\nlast", raw.String())
	})
}

func TestTransportReadsEverySplit(t *testing.T) {
	answer := joined(stderrRecord("oops\n"), stdoutRecord(plainHead+"hel"), stdoutRecord("lo"), stdoutRecord(""), endRecord(0, 0))
	for n := range len(answer) {
		tr := &fastcgi.Transport{Stderr: io.Discard, Dial: func(context.Context) (net.Conn, error) {
			ours, theirs := net.Pipe()
			go func() {
				defer theirs.Close()
				if _, err := readCall(theirs); err == nil {
					theirs.Write(answer[:n])
					theirs.Write(answer[n:])
				}
			}()
			return ours, nil
		}}
		resp, err := tr.RoundTrip(clientRequest("GET", "/", nil))
		require.NoError(t, err, "split after %d bytes", n)
		body, err := io.ReadAll(resp.Body)
		require.NoError(t, err, "split after %d bytes", n)
		require.Equal(t, "hello", string(body), "split after %d bytes", n)
	}
}
