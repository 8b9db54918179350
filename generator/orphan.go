package generator

import (
	"bufio"
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/pingogen/pingogen/generator/internal/emit"
	"github.com/pingogen/pingogen/generator/internal/write"
)

// orphan reports the output in dir, whose package has no contract. It is none if
// go generate makes it from interfaces without a directive.
func (r *Result) orphan(dir, name string) error {
	path := filepath.Join(dir, name)
	src, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if len(src) == 0 || !write.Ours(src, emit.Header) || generatedByType(dir) {
		return nil
	}
	r.Diagnostics = append(r.Diagnostics, Diagnostic{File: path, Line: 1, Column: 1,
		Message: "no interface of this package carries //pingo:plugin any more: delete this file, or put the directive back"})
	return nil
}

// generatedByType reports whether a go:generate line in dir runs pingogen with
// -type.
func generatedByType(dir string) bool {
	files, _ := filepath.Glob(filepath.Join(dir, "*.go"))
	for _, file := range files {
		src, err := os.ReadFile(file)
		if err != nil {
			continue
		}
		lines := bufio.NewScanner(bytes.NewReader(src))
		for lines.Scan() {
			line := lines.Text()
			if strings.HasPrefix(line, "//go:generate ") && strings.Contains(line, "pingogen") && strings.Contains(line, "-type") {
				return true
			}
		}
	}
	return false
}
