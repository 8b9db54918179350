package executable

import (
	"io/fs"
	"path/filepath"
	"strings"
)

// isExecutable tells whether a file is a program.
func isExecutable(info fs.FileInfo) bool {
	return strings.EqualFold(filepath.Ext(info.Name()), ".exe")
}
