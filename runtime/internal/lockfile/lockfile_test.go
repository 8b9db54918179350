package lockfile

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const one, two = "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03", "e258d248fda94c63753607f7c4494ee0fcbe92f1a76bfdac795c9d84101eb317"

func write(t *testing.T, text string) (lock, dir string) {
	dir = t.TempDir()
	lock = filepath.Join(dir, "lock")
	require.NoError(t, os.WriteFile(lock, []byte(text), 0o600))
	return lock, dir
}

func TestFind(t *testing.T) {
	lock, dir := write(t, one+"  plugins/hello\n\n"+strings.ToUpper(two)+" *./other\r\n\\"+two+`  a\\b`+"\n")
	for name, want := range map[string]string{filepath.Join("plugins", "hello"): one, "other": two} {
		sum, listed, err := Find(lock, filepath.Join(dir, name))
		require.NoError(t, err)
		require.True(t, listed)
		parsed, err := ParseSum(want)
		require.NoError(t, err)
		require.Equal(t, parsed, sum)
	}
	_, listed, err := Find(lock, filepath.Join(dir, "hello"))
	require.NoError(t, err)
	require.False(t, listed)
	_, name, err := parseLine(`\` + two + `  a\\b\nc`)
	require.NoError(t, err)
	require.Equal(t, "a\\b\nc", name)
}

func TestAbsoluteNames(t *testing.T) {
	path := filepath.Join(t.TempDir(), "hello")
	lock, _ := write(t, one+"  "+filepath.ToSlash(path)+"\n")
	_, listed, err := Find(lock, path)
	require.NoError(t, err)
	require.True(t, listed)
}

func TestListsThatAreNone(t *testing.T) {
	for text, want := range map[string]string{
		"\nhello":                           `:2: "hello" is not a checksum, two spaces and a name, as sha256sum writes them`,
		one + " hello":                      "is not a checksum, two spaces and a name",
		one + "  ":                          "is not a checksum, two spaces and a name",
		one[1:] + "  hello":                 "is not a SHA-256: it should have 64 hexadecimal digits",
		"z" + one[1:] + "  hello":           "is not a SHA-256: it should have 64 hexadecimal digits",
		one + "  hello\n" + two + "  hello": ":2: hello is listed twice, with different checksums",
	} {
		lock, dir := write(t, text)
		_, _, err := Find(lock, filepath.Join(dir, "hello"))
		require.ErrorContains(t, err, want)
	}
	_, _, err := Find(filepath.Join(t.TempDir(), "missing"), "hello")
	require.ErrorIs(t, err, os.ErrNotExist)
}

func FuzzParseLine(f *testing.F) {
	f.Add(one + "  plugins/hello")
	f.Add(`\` + two + ` *a\\b`)
	f.Fuzz(func(t *testing.T, line string) {
		if _, name, err := parseLine(line); err == nil && name != "" {
			require.GreaterOrEqual(t, len(line), 64+2+1)
		}
	})
}
