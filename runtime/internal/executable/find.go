package executable

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// Find returns the absolute path of what package os/exec executes in a working directory, which may be
// empty: a name without a slash is looked up, and another relative path starts at dir.
func Find(path, dir string) (string, error) {
	switch {
	case filepath.Base(path) == path:
		found, err := exec.LookPath(path)
		if err != nil {
			return "", err
		}
		path = found
	case !filepath.IsAbs(path):
		path = filepath.Join(dir, path)
	}
	return filepath.Abs(path)
}

// List returns the names of those executable files of dir whose names match pattern, as filepath.Match says,
// sorted. What cannot be looked at is among them.
func List(dir, pattern string) ([]string, error) {
	if _, err := filepath.Match(pattern, ""); err != nil {
		return nil, fmt.Errorf("pattern %q: %w", pattern, err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, e := range entries {
		if match, _ := filepath.Match(pattern, e.Name()); !match {
			continue
		}
		info, err := os.Stat(filepath.Join(dir, e.Name())) // of what a link leads to
		switch {
		case errors.Is(err, os.ErrNotExist): // it was removed meanwhile, or leads nowhere
		case err != nil, info.Mode().IsRegular() && isExecutable(info): // the start will tell what is wrong with it
			names = append(names, e.Name())
		}
	}
	return names, nil
}
