// Package write puts generated files in place. It replaces only what pingogen
// wrote, as a whole or not at all, and leaves alone what is already right.
package write

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// State is how a file on disk compares with what it should be.
type State int

const (
	Equal   State = iota
	Missing       // there is no such file
	Stale         // there is another one that carries the header
	Foreign       // there is one without the header: somebody else's
)

// Compare returns the file at path and how it compares with content. Header is
// the line that marks files of our own.
func Compare(path string, content []byte, header string) (old []byte, state State, err error) {
	old, err = os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, Missing, nil
	case err != nil:
		return nil, Equal, err
	case bytes.Equal(old, content):
		return old, Equal, nil
	case !Ours(old, header):
		return old, Foreign, nil
	}
	return old, Stale, nil
}

// Ours reports whether a file may be replaced: the header is one of the lines
// above its package clause, or it is empty. The file may be corrupt otherwise.
func Ours(src []byte, header string) bool {
	for line := range bytes.Lines(src) {
		line = bytes.TrimSpace(line)
		if string(line) == header {
			return true
		}
		if bytes.HasPrefix(line, []byte("package ")) {
			return false
		}
	}
	return len(bytes.TrimSpace(src)) == 0
}

// File makes path a file with the given content and mode 0644, in one step: a
// reader sees the old file or the new one. Directories are made as needed.
func File(path string, content []byte) (err error) {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	tmp, err := os.CreateTemp(dir, ".pingogen-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(tmp.Name())
			err = fmt.Errorf("writing %s: %w", path, err)
		}
	}()
	if err := fill(tmp, content); err != nil {
		return err
	}
	return os.Rename(tmp.Name(), path)
}

// fill writes content to f, gives it its mode, and closes it.
func fill(f *os.File, content []byte) error {
	_, err := f.Write(content)
	return errors.Join(err, f.Chmod(0o644), f.Close())
}
