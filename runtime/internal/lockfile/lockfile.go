// Package lockfile reads lists of checksums, as sha256sum writes them.
package lockfile

import (
	"encoding/hex"
	"fmt"
	"io"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/pingogen/pingogen/runtime/internal/regular"
)

// Sum is a SHA-256.
type Sum = [32]byte

// ParseSum reads 64 hexadecimal digits.
func ParseSum(s string) (sum Sum, _ error) {
	b, err := hex.DecodeString(s)
	if err != nil || len(b) != len(sum) {
		return sum, fmt.Errorf("%.80q is not a SHA-256: it should have 64 hexadecimal digits", s)
	}
	return Sum(b), nil
}

// Find returns what the file at lock lists for the file at path, which is absolute. Names
// in the list are relative to the list's directory.
func Find(lock, path string) (sum Sum, listed bool, _ error) {
	f, err := regular.Open(lock)
	if err != nil {
		return sum, false, err
	}
	defer f.Close()
	text, err := io.ReadAll(f)
	if err != nil {
		return sum, false, err
	}
	dir, err := filepath.Abs(filepath.Dir(lock))
	if err != nil {
		return sum, false, err
	}
	for i, line := range strings.Split(string(text), "\n") {
		s, name, err := parseLine(strings.TrimSuffix(line, "\r"))
		if err != nil {
			return sum, false, fmt.Errorf("%s:%d: %w", lock, i+1, err)
		}
		if name == "" || !same(absolute(dir, name), path) {
			continue
		}
		if listed && s != sum {
			return sum, false, fmt.Errorf("%s:%d: %s is listed twice, with different checksums", lock, i+1, name)
		}
		sum, listed = s, true
	}
	return sum, listed, nil
}

// parseLine reads one line of a list, such as
//
//	5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03  plugins/hello
//
// A star before the name, for a file that is not text, means nothing; a backslash before
// the line says that the name has escapes. An empty line has no name.
func parseLine(line string) (sum Sum, name string, err error) {
	if strings.TrimSpace(line) == "" {
		return sum, "", nil
	}
	rest, escaped := strings.CutPrefix(line, `\`)
	digits, name, ok := strings.Cut(rest, " ")
	if !ok || len(name) < 2 || name[0] != ' ' && name[0] != '*' {
		return sum, "", fmt.Errorf("%.120q is not a checksum, two spaces and a name, as sha256sum writes them", line)
	}
	if sum, err = ParseSum(digits); err != nil {
		return sum, "", err
	}
	if name = name[1:]; escaped {
		name = unescape.Replace(name)
	}
	return sum, name, nil
}

var unescape = strings.NewReplacer(`\\`, `\`, `\n`, "\n", `\r`, "\r")

func absolute(dir, name string) string {
	name = filepath.FromSlash(name)
	if filepath.IsAbs(name) {
		return filepath.Clean(name)
	}
	return filepath.Join(dir, name)
}

func same(a, b string) bool {
	if runtime.GOOS == "windows" {
		return strings.EqualFold(a, b)
	}
	return a == b
}
