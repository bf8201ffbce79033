package env_test

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/postern-go/postern/env"
	"github.com/stretchr/testify/require"
)

// blocks collects what is left.
func blocks(f *env.FileWrapper) (all []string, err error) {
	for block, e := range f.Blocks() {
		if e != nil {
			err = e
			continue
		}
		all = append(all, string(block))
	}
	return all, err
}

func TestFileWrapperBlocks(t *testing.T) {
	broken := errors.New("broken")
	for _, r := range []struct {
		why    string
		reader io.Reader
		size   int
		want   []string
		err    error
	}{
		{"blocks of the size asked for, and what is left", strings.NewReader("abcdefg"), 3, []string{"abc", "def", "g"}, nil},
		{"a whole number of blocks has no empty one after", strings.NewReader("abcdef"), 3, []string{"abc", "def"}, nil},
		{"nothing is no block", strings.NewReader(""), 3, nil, nil},
		{"8192 bytes unless told otherwise", strings.NewReader(strings.Repeat("x", 8193)), 0, []string{strings.Repeat("x", 8192), "x"}, nil},
		{"a negative size is none", strings.NewReader(strings.Repeat("x", 8193)), -1, []string{strings.Repeat("x", 8192), "x"}, nil},
		{"what the reader has is not held back", iotest.OneByteReader(strings.NewReader("abc")), 2, []string{"a", "b", "c"}, nil},
		{"the last bytes may come with the end", iotest.DataErrReader(strings.NewReader("abcd")), 3, []string{"abc", "d"}, nil},
		{"an error comes after the bytes before it", io.MultiReader(strings.NewReader("ab"), iotest.ErrReader(broken)), 8, []string{"ab"}, broken},
		{"an error may come with bytes", &withError{"ab", broken}, 8, []string{"ab"}, broken},
		{"a reader that never gets anywhere is given up", &stuck{}, 8, nil, io.ErrNoProgress},
	} {
		t.Run(r.why, func(t *testing.T) {
			f := &env.FileWrapper{Reader: r.reader, BlockSize: r.size}
			got, err := blocks(f)
			require.Equal(t, r.want, got)
			require.Equal(t, r.err, err)
			got, err = blocks(f)
			require.Empty(t, got, "the end is the end")
			require.Equal(t, r.err, err, "and an error stays")
		})
	}
}

// withError returns its text and its error in one Read.
type withError struct {
	text string
	err  error
}

func (r *withError) Read(p []byte) (int, error) {
	return copy(p, r.text), r.err
}

// stuck returns nothing, for ever.
type stuck struct{}

func (stuck) Read([]byte) (int, error) { return 0, nil }

func TestFileWrapperReadsNothingAfterTheEnd(t *testing.T) {
	var source bytes.Buffer
	source.WriteString("ab")
	f := &env.FileWrapper{Reader: &source, BlockSize: 4}
	got, err := blocks(f)
	require.NoError(t, err)
	require.Equal(t, []string{"ab"}, got)
	source.WriteString("cd")
	got, err = blocks(f)
	require.NoError(t, err)
	require.Empty(t, got)
	n, err := f.WriteTo(io.Discard)
	require.NoError(t, err)
	require.Zero(t, n)
	_, err = f.Read(make([]byte, 1))
	require.Equal(t, io.EOF, err)
	require.Equal(t, "cd", source.String())
}

func TestFileWrapperGoesOn(t *testing.T) {
	broken := errors.New("broken")
	f := &env.FileWrapper{Reader: io.MultiReader(strings.NewReader("abcd"), &withError{"ef", broken}), BlockSize: 2}
	for block, err := range f.Blocks() {
		require.NoError(t, err)
		require.Equal(t, "ab", string(block))
		break
	}
	for block, err := range f.Blocks() {
		require.NoError(t, err)
		require.Equal(t, "cd", string(block), "the next block")
		break
	}
	for block, err := range f.Blocks() {
		require.NoError(t, err)
		require.Equal(t, "ef", string(block))
		break
	}
	got, err := blocks(f)
	require.Empty(t, got)
	require.Equal(t, broken, err, "the error is not lost with the block it came with")
	_, err = f.WriteTo(io.Discard)
	require.Equal(t, broken, err)
}

func TestFileWrapperReadsNoSliceOfNoBytes(t *testing.T) {
	f := &env.FileWrapper{Reader: strings.NewReader("a")}
	n, err := f.Read(nil)
	require.NoError(t, err)
	require.Zero(t, n)
	got, err := blocks(f)
	require.NoError(t, err)
	require.Equal(t, []string{"a"}, got)
}

// plainWriter has no method but Write and takes note of the calls.
type plainWriter struct{ writes []string }

func (w *plainWriter) Write(p []byte) (int, error) {
	w.writes = append(w.writes, string(p))
	return len(p), nil
}

// fromWriter takes note of the reader that it is given.
type fromWriter struct {
	plainWriter
	from io.Reader
}

func (w *fromWriter) ReadFrom(r io.Reader) (int64, error) {
	w.from = r
	return io.Copy(&w.plainWriter, r)
}

func TestFileWrapperWriteTo(t *testing.T) {
	source := struct{ io.Reader }{strings.NewReader("abcdefg")} // no WriteTo
	w := &plainWriter{}
	n, err := (&env.FileWrapper{Reader: source, BlockSize: 3}).WriteTo(w)
	require.NoError(t, err)
	require.EqualValues(t, 7, n)
	require.Equal(t, []string{"abc", "def", "g"}, w.writes, "block by block")

	source = struct{ io.Reader }{strings.NewReader("abcdefg")}
	from := &fromWriter{}
	f := &env.FileWrapper{Reader: source, BlockSize: 3}
	n, err = io.Copy(from, f)
	require.NoError(t, err)
	require.EqualValues(t, 7, n)
	require.Equal(t, source, from.from, "ReadFrom gets the reader itself")

	growing := bytes.NewBufferString("ab")
	f = &env.FileWrapper{Reader: growing}
	_, err = f.WriteTo(io.Discard)
	require.NoError(t, err)
	growing.WriteString("cd")
	got, err := blocks(f)
	require.NoError(t, err)
	require.Empty(t, got, "the end was the end")

	w = &plainWriter{}
	n, err = (&env.FileWrapper{Reader: strings.NewReader("abcdefg"), BlockSize: 3}).WriteTo(w)
	require.NoError(t, err)
	require.EqualValues(t, 7, n)
	require.Equal(t, []string{"abcdefg"}, w.writes, "the reader knows how to write")
}

// A file reaches ReadFrom in a form that leads to its descriptor, which is what
// sendfile needs.
func TestFileWrapperKeepsTheDescriptor(t *testing.T) {
	name := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(name, []byte("abc"), 0o600))
	file, err := os.Open(name)
	require.NoError(t, err)
	w := &fromWriter{}
	f := &env.FileWrapper{Reader: file}
	n, err := f.WriteTo(w)
	require.NoError(t, err)
	require.EqualValues(t, 3, n)
	_, ok := w.from.(interface{ Fd() uintptr })
	require.True(t, ok, "%T", w.from)
	require.NoError(t, f.Close())
	require.ErrorIs(t, f.Close(), os.ErrClosed, "the file is told each time")
}

type closer struct {
	io.Reader
	err   error
	calls int
}

func (c *closer) Close() error {
	c.calls++
	return c.err
}

func TestFileWrapperClose(t *testing.T) {
	c := &closer{Reader: strings.NewReader(""), err: errors.New("not closed")}
	require.Equal(t, c.err, (&env.FileWrapper{Reader: c}).Close(), "the error is passed on")
	require.Equal(t, 1, c.calls)
	_, err := blocks(&env.FileWrapper{Reader: c})
	require.NoError(t, err)
	require.Equal(t, 1, c.calls, "the end closes nothing")
	require.NoError(t, (&env.FileWrapper{Reader: strings.NewReader("")}).Close(), "a reader without Close needs none")
}
