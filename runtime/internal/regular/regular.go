// Package regular opens files that have to be regular ones.
package regular

import (
	"errors"
	"io/fs"
	"os"
)

// ErrOther is in the error for what is a directory, a pipe, a device or a socket.
var ErrOther = errors.New("not a regular file")

// Open opens the regular file at path for reading. It does not wait for the other end of a
// pipe, nor touch a device, unless that has just taken the file's place.
func Open(path string) (*os.File, error) {
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return nil, other(path)
	}
	f, err := os.OpenFile(path, os.O_RDONLY|nonblock, 0)
	if err != nil {
		return nil, err
	}
	if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() {
		_ = f.Close()
		return nil, errors.Join(err, other(path))
	}
	return f, nil
}

func other(path string) error { return &fs.PathError{Op: "open", Path: path, Err: ErrOther} }
