package main

import (
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "copy the files that the README shows into it")

const readmeFile = "../../README.md"

var fenced = regexp.MustCompile("(?ms)^```(\\w+)\n(.*?)^```$")

// block is a fenced block of the README.
type block struct {
	language, text string
	file           string // the last file that the text before it links to
}

func readme(t *testing.T) []block {
	t.Helper()
	text, err := os.ReadFile(readmeFile)
	require.NoError(t, err)
	link := regexp.MustCompile(`\]\((examples/[^)]+)\)`)
	var blocks []block
	for _, m := range fenced.FindAllSubmatchIndex(text, -1) {
		b := block{language: string(text[m[2]:m[3]]), text: string(text[m[4]:m[5]])}
		if links := link.FindAllSubmatch(text[:m[0]], -1); links != nil {
			b.file = string(links[len(links)-1][1])
		}
		blocks = append(blocks, b)
	}
	return blocks
}

// TestReadme wants the README's code and output word for word in the files
// that it names.
func TestReadme(t *testing.T) {
	seen := make(map[string]bool)
	for _, b := range readme(t) {
		if b.language == "sh" {
			continue
		}
		file, err := os.ReadFile(filepath.Join("../..", b.file))
		require.NoError(t, err)
		if *update {
			replaceInReadme(t, b.text, string(file))
			continue
		}
		require.Equal(t, string(file), b.text, "%s; go test ./examples/greeter -update copies it into the README", b.file)
		seen[b.file] = true
	}
	require.True(t, *update || len(seen) == 4, "%v", seen)
}

func replaceInReadme(t *testing.T, old, new string) {
	t.Helper()
	text, err := os.ReadFile(readmeFile)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(readmeFile, []byte(strings.Replace(string(text), old, new, 1)), 0o644))
}

// TestTenMinutes does what the README tells to do for an interface of one's
// own, in an empty module.
func TestTenMinutes(t *testing.T) {
	const theirs, ours = "github.com/pingogen/pingogen/examples/greeter", "example.com/greeter"
	dir := t.TempDir()
	for _, b := range readme(t) {
		if b.language == "go" {
			name := filepath.Join(dir, strings.TrimPrefix(b.file, "examples/greeter/"))
			require.NoError(t, os.MkdirAll(filepath.Dir(name), 0o777))
			require.NoError(t, os.WriteFile(name, []byte(strings.ReplaceAll(b.text, theirs, ours)), 0o666))
		}
	}
	var out []byte
	for _, b := range readme(t) {
		if b.language == "sh" {
			for line := range strings.Lines(b.text) {
				out = inModule(t, dir, strings.Fields(line))
			}
		}
	}
	require.Equal(t, "Hello, Go developer\n", string(out))
}

// inModule runs a command in dir, where the module is this one.
func inModule(t *testing.T, dir string, words []string) []byte {
	t.Helper()
	if strings.HasPrefix(words[0], "bin/") {
		words[0] = filepath.Join(dir, words[0])
	}
	cmd := exec.Command(words[0], words[1:]...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOWORK=off")
	if words[1] == "get" {
		// @latest is the replacement, once nothing can be fetched; what it needs is.
		require.NoError(t, exec.Command("go", "build", "-o", t.TempDir(), "github.com/pingogen/pingogen/cmd/pingogen").Run())
		cmd.Env = append(cmd.Env, "GOPROXY=off", "GOSUMDB=off")
	}
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s: %s", cmd, out)
	if strings.Contains(cmd.String(), "go mod init") {
		root, err := filepath.Abs("../..")
		require.NoError(t, err)
		inModule(t, dir, []string{"go", "mod", "edit", "-replace", "github.com/pingogen/pingogen=" + root})
	}
	return out
}
