package main

import (
	"bytes"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "rewrite the outputs in docs/tools.md")

const toolsDoc = "../../docs/tools.md"

// The outputs in docs/tools.md are those of the examples.
func TestToolsDocument(t *testing.T) {
	want, err := os.ReadFile(toolsDoc)
	require.NoError(t, err)
	dir := t.TempDir()
	for _, pkg := range []string{"greeter/cmd/hello-plugin", "kv/cmd/kv-plugin", "callbacks/cmd/words-plugin", "versions/cmd/old-plugin", "versions/cmd/current-plugin"} {
		build := exec.Command("go", "build", "-buildvcs=false", "-o", filepath.Join(dir, "bin")+"/", "github.com/pingogen/pingogen/examples/"+pkg)
		out, err := build.CombinedOutput()
		require.NoError(t, err, "%s", out)
	}
	home, err := os.Getwd()
	require.NoError(t, err)
	t.Chdir(dir)
	blocks := regexp.MustCompile("(?s)```text\n(\\$ .*?)```")
	got := blocks.ReplaceAllFunc(want, func(block []byte) []byte {
		return runBlock(t, string(block))
	})
	if *update {
		t.Chdir(home)
		require.NoError(t, os.WriteFile(toolsDoc, got, 0o666))
		return
	}
	require.Equal(t, steady(string(want)), steady(string(got)), "run go test ./cmd/pingogen -run ToolsDocument -update")
}

// runBlock returns a block with what its commands print today.
func runBlock(t *testing.T, block string) []byte {
	var b bytes.Buffer
	b.WriteString("```text\n")
	for line := range strings.Lines(block) {
		if command, ok := strings.CutPrefix(line, "$ "); ok {
			b.WriteString(line)
			words := shellWords(t, strings.TrimSpace(command))
			run(words[1:], &b, &b)
		}
	}
	b.WriteString("```")
	return b.Bytes()
}

// shellWords splits a command as a shell does, as far as the document needs it.
func shellWords(t *testing.T, command string) []string {
	words := regexp.MustCompile(`'[^']*'|[^ ']+`).FindAllString(command, -1)
	require.Equal(t, "pingogen", words[0])
	for i, word := range words {
		words[i] = strings.Trim(word, "'")
	}
	return words
}

// steady leaves out what depends on the machine and the day.
func steady(s string) string {
	for pattern, by := range map[string]string{
		`go1\.[0-9.a-z-]+ [a-z0-9]+/[a-z0-9]+`:                   "GO SYSTEM",
		`it starts, in [0-9.]+m?s`:                               "it starts, in T",
		`, but a host .*\nWhat to do: set Config.StartTimeout.*`: "",
		`[0-9]{6,8} bytes`:                                       "N bytes",
		`\(devel\)|v[0-9]+\.[0-9][^ ,]*`:                         "VERSION",
	} {
		s = regexp.MustCompile(pattern).ReplaceAllString(s, by)
	}
	return s
}
