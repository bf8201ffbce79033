package main

import (
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"syscall"

	"github.com/postern-go/postern/gateway"
)

// files answers with the files below dir.
func files(dir string) (http.Handler, error) {
	if !filepath.IsAbs(dir) {
		return nil, usagef("serve: --to %q: expected an absolute path, as in file:/srv/www", "file:"+dir)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("postern: back end: %w: expected a directory", err)
	}
	return gateway.StripMount(http.FileServer(tree{root})), nil
}

// tree is a directory out of which no name and no link leads.
type tree struct{ root *os.Root }

// Open opens a file or a directory. It returns an *os.File, so that it can leave by sendfile, and does not wait for the writer of a pipe.
func (t tree) Open(name string) (http.File, error) {
	file, err := t.root.OpenFile("."+path.Clean("/"+name), os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, refusal(err)
	}
	info, err := file.Stat()
	if err == nil && !info.IsDir() && !info.Mode().IsRegular() {
		err = fs.ErrNotExist
	}
	if err != nil {
		file.Close()
		return nil, err
	}
	return file, nil
}

// refusal is 403 where the system refuses, and 404 for every name that leads to nothing here.
func refusal(err error) error {
	if os.IsPermission(err) {
		return fs.ErrPermission
	}
	return fs.ErrNotExist
}
