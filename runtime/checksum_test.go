package pingo_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	pingo "github.com/pingogen/pingogen/runtime"
)

// variant writes a copy of this test binary, with some bytes behind its end that
// nobody looks at, and returns its checksum.
func variant(t *testing.T, path, tail string) string {
	t.Helper()
	exe, err := os.Executable()
	require.NoError(t, err)
	from, err := os.Open(exe)
	require.NoError(t, err)
	defer from.Close()
	to, err := os.CreateTemp(filepath.Dir(path), "new-")
	require.NoError(t, err)
	h := sha256.New()
	_, err = io.Copy(io.MultiWriter(to, h), io.MultiReader(from, strings.NewReader(tail)))
	require.NoError(t, err)
	require.NoError(t, to.Chmod(0o700))
	require.NoError(t, to.Close())
	require.NoError(t, os.Rename(to.Name(), path))
	return hex.EncodeToString(h.Sum(nil))
}

// exeName is what Windows wants an executable to be called.
func exeName(name string) string {
	if runtime.GOOS == "windows" {
		return name + ".exe"
	}
	return name
}

// labAt is a Lab in an executable of its own.
func labAt(t *testing.T, path, tail string) (cfg pingo.Config, rec *recorder, sum string) {
	t.Helper()
	sum = variant(t, path, tail)
	cfg, rec = setup(t, "lab")
	cfg.Path = path
	return cfg, rec, sum
}

func TestChecksum(t *testing.T) {
	check, gone := nothingRemains(t), noCopies(t)
	path := filepath.Join(t.TempDir(), exeName("lab"))
	cfg, _, sum := labAt(t, path, "1")
	cfg.SHA256 = sum
	p := pingo.New(cfg)
	p.Start()
	var args []string
	require.NoError(t, p.Call("Lab.Argv", 0, &args))
	require.Equal(t, path, args[0], "it is told its own name")
	p.Stop()
	require.NoError(t, p.Err())
	check()
	gone()
}

// noCopies gives the test a directory for temporary files of its own, and tells in the
// end that it is empty.
func noCopies(t *testing.T) (check func()) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	t.Setenv("TMP", dir) // as Windows calls it
	return func() {
		t.Helper()
		left, err := os.ReadDir(dir)
		require.NoError(t, err)
		require.Empty(t, left)
	}
}

func TestExecutableWithAnotherChecksumIsRefused(t *testing.T) {
	check, gone := nothingRemains(t), noCopies(t)
	path := filepath.Join(t.TempDir(), exeName("lab"))
	cfg, _, sum := labAt(t, path, "1")
	want := strings.Repeat("0a", 32)
	cfg.SHA256 = want
	var started atomic.Bool
	cfg.Events = func(e pingo.Event) {
		if _, ok := e.(pingo.EventStarted); ok {
			started.Store(true)
		}
	}
	p := pingo.New(cfg)
	p.Start()
	err := p.Call("Lab.Echo", "x", nil)
	var refused *pingo.ChecksumError
	require.ErrorAs(t, err, &refused)
	require.Equal(t, &pingo.ChecksumError{Path: path, Want: want, Got: sum}, refused)
	require.EqualError(t, refused, "the executable "+path+" was refused: it has the SHA-256 "+sum+", but Config.SHA256 says "+want)
	require.Equal(t, pingo.NotDelivered, pingo.FateOf(err))
	wait(t, "the end", p.Done())
	require.False(t, started.Load())
	check()
	gone()
}

// A relative path starts at the plugin's directory, as without a checksum.
func TestChecksumOfARelativePath(t *testing.T) {
	dir := t.TempDir()
	cfg, _, sum := labAt(t, filepath.Join(dir, exeName("lab")), "1")
	require.NoError(t, os.WriteFile(filepath.Join(dir, "lock"), []byte(sum+"  "+exeName("lab")+"\n"), 0o600))
	cfg.Path, cfg.Dir = "."+string(filepath.Separator)+exeName("lab"), dir
	require.NoError(t, start(t, cfg).Call("Lab.Echo", "x", nil))
	cfg.SHA256, cfg.LockFile = sum, filepath.Join(dir, "lock")
	require.NoError(t, start(t, cfg).Call("Lab.Echo", "x", nil))
}

func TestChecksumThatIsNone(t *testing.T) {
	cfg, _ := setup(t, "lab")
	cfg.SHA256 = "abc"
	require.ErrorContains(t, start(t, cfg).Call("Lab.Echo", "x", nil), `Config.SHA256: "abc" is not a SHA-256: it should have 64 hexadecimal digits`)
	cfg.SHA256 = strings.Repeat("00", 32)
	cfg.Path = t.TempDir()
	require.ErrorContains(t, start(t, cfg).Call("Lab.Echo", "x", nil), "is not a regular file, and only these have a checksum")
}

// A plugin that was exchanged while it ran is not restarted.
func TestChecksumHoldsForRestarts(t *testing.T) {
	path := filepath.Join(t.TempDir(), exeName("lab"))
	cfg, _, sum := labAt(t, path, "1")
	cfg.SHA256 = sum
	cfg.Restart = pingo.RestartOnFailure
	cfg.RestartDelay, cfg.RestartBudget = 1, 1
	p := start(t, cfg)
	require.NoError(t, p.Call("Lab.Echo", "x", nil))
	other := variant(t, path, "2")
	require.Error(t, p.Call("Lab.Exit", 3, nil))
	wait(t, "giving up", p.Done())
	require.ErrorAs(t, p.Err(), new(*pingo.GaveUpError))
	var refused *pingo.ChecksumError
	require.ErrorAs(t, p.Err(), &refused)
	require.Equal(t, &pingo.ChecksumError{Path: path, Want: sum, Got: other}, refused)
}

func TestLockFileHoldsForSwaps(t *testing.T) {
	dir := t.TempDir()
	path, next := filepath.Join(dir, exeName("lab")), filepath.Join(dir, exeName("next"))
	cfg, _, sum := labAt(t, path, "1")
	cfg.LockFile = filepath.Join(dir, "plugins.sha256")
	list := func(lines ...string) {
		require.NoError(t, os.WriteFile(cfg.LockFile, []byte(strings.Join(lines, "\n")+"\n"), 0o600))
	}
	list(sum + "  " + exeName("lab"))
	p := start(t, cfg)
	require.NoError(t, p.Call("Lab.Echo", "x", nil))
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()

	nextSum := variant(t, next, "2")
	err := p.Swap(ctx, next)
	var refused *pingo.ChecksumError
	require.ErrorAs(t, err, &refused)
	require.Equal(t, &pingo.ChecksumError{Path: next, Got: nextSum, LockFile: cfg.LockFile}, refused)
	require.EqualError(t, refused, "the executable "+next+" was refused: it has the SHA-256 "+nextSum+", and "+cfg.LockFile+" does not list it")

	list(sum+"  "+exeName("lab"), sum+" *"+exeName("next"))
	require.ErrorAs(t, p.Swap(ctx, next), &refused)
	require.Equal(t, &pingo.ChecksumError{Path: next, Want: sum, Got: nextSum, LockFile: cfg.LockFile}, refused)
	var args []string
	require.NoError(t, p.Call("Lab.Argv", 0, &args))
	require.Equal(t, path, args[0], "the old one has noticed nothing")

	list(nextSum + " *" + exeName("next"))
	require.NoError(t, p.Swap(ctx, next))
	require.NoError(t, p.Call("Lab.Argv", 0, &args))
	require.Equal(t, next, args[0])
}

// A checksum of one executable keeps every other from being swapped in: the error says what does not.
func TestChecksumHoldsForSwaps(t *testing.T) {
	dir := t.TempDir()
	path, next := filepath.Join(dir, exeName("lab")), filepath.Join(dir, exeName("next"))
	cfg, _, sum := labAt(t, path, "1")
	nextSum := variant(t, next, "2")
	list := filepath.Join(dir, "plugins.sha256")
	require.NoError(t, os.WriteFile(list, []byte(sum+"  "+exeName("lab")+"\n"+nextSum+"  "+exeName("next")+"\n"), 0o600))
	for _, lockFile := range []string{"", list} {
		cfg.SHA256, cfg.LockFile = sum, lockFile
		p := start(t, cfg)
		require.NoError(t, p.Call("Lab.Echo", "x", nil))
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		defer cancel()
		err := p.Swap(ctx, next)
		require.ErrorContains(t, err, nextSum)
		require.ErrorContains(t, err, "; Config.SHA256 lets no other executable be swapped in: list those that may run in Config.LockFile instead")
		require.NoError(t, p.Swap(ctx, path), "the same")
	}
}

// The advice is what it says.
func TestLockFileThatIsNotThere(t *testing.T) {
	cfg, _ := setup(t, "greeter")
	exe, err := os.Executable()
	require.NoError(t, err)
	cfg.LockFile = filepath.Join(t.TempDir(), "plugins.sha256")
	err = start(t, cfg).Ready(t.Context())
	require.ErrorIs(t, err, fs.ErrNotExist)
	advice := "sha256sum " + exe + " > " + cfg.LockFile
	require.ErrorContains(t, err, "; write it with "+advice)
	if _, err := exec.LookPath("sha256sum"); err != nil {
		t.Skip(err)
	}
	require.NoError(t, exec.Command("sh", "-c", advice).Run())
	require.NoError(t, start(t, cfg).Ready(t.Context()))
}

func TestLockFileThatDisagrees(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, exeName("lab"))
	cfg, _, sum := labAt(t, path, "1")
	cfg.LockFile = filepath.Join(dir, "lock")
	require.NoError(t, os.WriteFile(cfg.LockFile, []byte(sum+"  "+exeName("lab")), 0o600))
	cfg.SHA256 = strings.Repeat("00", 32)
	require.ErrorContains(t, start(t, cfg).Call("Lab.Echo", "x", nil), "Config.SHA256 says "+cfg.SHA256+" of "+path+", and "+cfg.LockFile+" says "+sum)
	cfg.LockFile = filepath.Join(dir, "missing")
	require.ErrorContains(t, start(t, cfg).Call("Lab.Echo", "x", nil), "Config.LockFile: open "+cfg.LockFile)
	require.ErrorIs(t, start(t, cfg).Call("Lab.Echo", "x", nil), os.ErrNotExist)
}

// Argv is the program's name and its arguments.
func (*Lab) Argv(_ int, r *[]string) error { *r = os.Args; return nil }

func BenchmarkChecksum(b *testing.B) {
	exe, err := os.Executable()
	require.NoError(b, err)
	bytes, err := os.ReadFile(exe)
	require.NoError(b, err)
	for name, sum := range map[string]string{"with": fmt.Sprintf("%x", sha256.Sum256(bytes)), "without": ""} {
		b.Run(name, func(b *testing.B) {
			used.Store("lab", true)
			b.SetBytes(int64(len(bytes)))
			for b.Loop() {
				p := pingo.New(pingo.Config{Path: exe, Args: []string{helperPrefix + "lab"}, SHA256: sum, StartTimeout: patience})
				p.Start()
				require.NoError(b, p.Ready(b.Context()))
				p.Stop()
			}
		})
	}
}
