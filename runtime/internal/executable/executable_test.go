package executable

import (
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// file writes an executable and returns its checksum.
func file(t *testing.T, content string) (path string, sum Sum) {
	path = filepath.Join(t.TempDir(), "program")
	require.NoError(t, os.WriteFile(path, []byte(content), 0o700))
	return path, sha256.Sum256([]byte(content))
}

func content(t *testing.T, c *Copy) string {
	if c.Image != nil {
		b, err := io.ReadAll(io.NewSectionReader(c.Image, 0, 1<<20))
		require.NoError(t, err)
		return string(b)
	}
	b, err := os.ReadFile(c.Path)
	require.NoError(t, err)
	return string(b)
}

func TestCopyIsWhatWasHashed(t *testing.T) {
	for _, text := range []string{"\x7fELF", "#!/bin/sh\n"} {
		path, sum := file(t, text)
		c, err := Secure(t.Context(), path, sum, false)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(path, []byte("evil"), 0o700))
		require.Equal(t, text, content(t, c))
		c.Close()
		c.Close()
		if c.Path != "" {
			require.NoFileExists(t, c.Path)
			require.NoDirExists(t, filepath.Dir(c.Path))
		}
	}
}

func TestCopyInDirectory(t *testing.T) {
	path, sum := file(t, "#!/bin/sh\n")
	for _, others := range []bool{false, true} {
		source, err := os.Open(path)
		require.NoError(t, err)
		c, err := inDirectory(source, 10, others)
		require.NoError(t, err)
		require.NoError(t, c.check(t.Context(), path, sum))
		require.NoError(t, source.Close())
		requireMode(t, filepath.Dir(c.Path), map[bool]os.FileMode{false: 0o700, true: 0o711}[others])
		requireMode(t, c.Path, map[bool]os.FileMode{false: 0o500, true: 0o555}[others])
		c.Close()
		require.NoDirExists(t, filepath.Dir(c.Path))
	}
}

// Whoever changes the file between the first look at it and the copy gains nothing.
func TestFileThatChangesWhileItIsCopied(t *testing.T) {
	path, sum := file(t, "#!good")
	source, err := os.Open(path)
	require.NoError(t, err)
	defer source.Close()
	require.NoError(t, os.WriteFile(path, []byte("#!evil and longer"), 0o700))
	c, err := inDirectory(source, 6, false)
	require.NoError(t, err)
	defer c.Close()
	require.Equal(t, "#!evil", content(t, c))
	require.Equal(t, &MismatchError{path, sum, sha256.Sum256([]byte("#!evil"))}, c.check(t.Context(), path, sum))
}

func TestRefused(t *testing.T) {
	path, sum := file(t, "x")
	_, err := Secure(t.Context(), path, Sum{}, false)
	require.Equal(t, &MismatchError{path, Sum{}, sum}, err)
	_, err = Secure(t.Context(), t.TempDir(), sum, false)
	require.ErrorContains(t, err, "is not a regular file")
	_, err = Secure(t.Context(), path+"missing", sum, false)
	require.ErrorIs(t, err, os.ErrNotExist)
	late := errors.New("late")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(late)
	_, err = Secure(ctx, path, sum, false)
	require.ErrorIs(t, err, late, "a file without end does not hold anybody up")
}

func TestFind(t *testing.T) {
	t.Chdir(t.TempDir())
	dir, err := os.Getwd()
	require.NoError(t, err)
	relative := filepath.Join("plugins", "hello")
	for in, want := range map[string]string{"": dir, "below": filepath.Join(dir, "below"), filepath.Dir(dir): filepath.Dir(dir)} {
		path, err := Find(relative, in)
		require.NoError(t, err)
		require.Equal(t, filepath.Join(want, relative), path)
		absolute, err := Find(path, "elsewhere")
		require.NoError(t, err)
		require.Equal(t, path, absolute)
	}
	_, err = Find("no-such-program", dir)
	require.Error(t, err)
}
