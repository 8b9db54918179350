//go:build !windows

package executable

import "io/fs"

// isExecutable tells whether anybody may execute a file.
func isExecutable(info fs.FileInfo) bool { return info.Mode()&0o111 != 0 }
