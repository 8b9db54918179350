package pingotest

import (
	"crypto/sha256"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// built are the programs of this process, by the arguments of go build.
var built sync.Map // of func() (string, error)

// Build builds a plugin's main package, and returns the path of the program. The
// package is an import path, or relative to the current directory, which go test makes
// the test's. A program is built once for a run of the tests, and linked only if its source
// has changed since the last one: it is kept in the user's directory for caches. If the
// tests are run with -race, so is the program. Build skips the test where there is no
// go command.
func Build(tb testing.TB, pkg string) string {
	tb.Helper()
	if _, err := exec.LookPath("go"); err != nil {
		tb.Skipf("a plugin cannot be built: %v", err)
	}
	dir, err := os.Getwd()
	if err != nil {
		tb.Fatal(err)
	}
	build, _ := built.LoadOrStore(dir+"\n"+pkg, sync.OnceValues(func() (string, error) { return buildIn(dir, pkg) }))
	path, err := build.(func() (string, error))()
	if err != nil {
		tb.Fatalf("building the plugin %s: %v", pkg, err)
	}
	return path
}

// buildIn builds the package that is called pkg in dir.
func buildIn(dir, pkg string) (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		cache = os.TempDir()
	}
	key := sha256.Sum256(fmt.Appendf(nil, "%s\n%s\n%v\n%s\n%s\n%s", dir, pkg, race, os.Getenv("GOFLAGS"), os.Getenv("GOOS"), os.Getenv("GOARCH")))
	cache = filepath.Join(cache, "pingotest", fmt.Sprintf("%x", key[:12]))
	if err := os.MkdirAll(cache, 0o777); err != nil {
		return "", err
	}
	path := filepath.Join(cache, "plugin.exe") // Windows wants the ending, others do not mind
	return path, buildTo(path, dir, pkg)
}

// buildTo replaces the program at path in one step: another test may be starting it.
// What is there already is what the go command builds upon, which then may have
// nothing to do.
func buildTo(path, dir, pkg string) error {
	work, err := os.MkdirTemp(filepath.Dir(path), "build-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	fresh := filepath.Join(work, "plugin.exe")
	_ = os.Link(path, fresh) // if it cannot be, the program is linked again
	args := []string{"build", "-buildvcs=false", "-o", fresh}
	if race {
		args = append(args, "-race")
	}
	cmd := exec.Command("go", append(args, "--", pkg)...)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%w\n%s", err, strings.TrimSpace(string(out)))
	}
	return os.Rename(fresh, path)
}
