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

// TestGoPluginDocument wants what docs/go-plugin.md shows of this module word for word in the files that
// it names.
func TestGoPluginDocument(t *testing.T) {
	text, err := os.ReadFile("../../docs/go-plugin.md")
	require.NoError(t, err)
	shown := regexp.MustCompile("(?ms)\\]\\(\\.\\./(examples/[^)]+)\\):\n\n```go\n(.*?)^```$").FindAllSubmatch(text, -1)
	require.Len(t, shown, 3)
	for _, m := range shown {
		file, err := os.ReadFile(filepath.Join("../..", string(m[1])))
		require.NoError(t, err)
		require.Contains(t, string(file), "\n"+string(m[2]))
	}
}

func replaceInReadme(t *testing.T, old, new string) {
	t.Helper()
	text, err := os.ReadFile(readmeFile)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(readmeFile, []byte(strings.Replace(string(text), old, new, 1)), 0o644))
}

// commands are the lines that the README tells to run.
func commands(t *testing.T) []string {
	t.Helper()
	var lines []string
	for _, b := range readme(t) {
		if b.language == "sh" {
			lines = append(lines, strings.Split(strings.TrimSpace(b.text), "\n")...)
		}
	}
	require.Len(t, lines, tenMinutes+2, "a line was added or removed: say what it prints")
	return lines
}

// tenMinutes is how many of them are for an interface of one's own. Those behind them add pingogen to a module.
const tenMinutes = 9

// TestTenMinutes runs what the README tells to run for an interface of one's own, line
// by line, in an empty directory.
func TestTenMinutes(t *testing.T) {
	u := newUser(t)
	var said []string
	for _, line := range commands(t)[:tenMinutes] {
		said = append(said, u.run(t, line))
	}
	for i, want := range []string{
		`^example.com/greeter has the contract, the plugin, the host and a test\. In greeter:\n`,
		`^$`, // cd
		`(?m)^ok  \texample.com/greeter\t`,
		`^$`, // go build
		`^Hello, Go developer\n$`,
		`(?m)^contract Greeter of example.com/greeter$`,
		`^"Hello, Go developer"\n$`,
		`^$`, // go generate
		`(?m)^ok  \texample.com/greeter\t`,
	} {
		require.Regexp(t, want, said[i])
	}
}

// TestModule adds pingogen to a module as the README tells, and writes its contract there.
func TestModule(t *testing.T) {
	u := newUser(t)
	u.run(t, "go mod init example.com/mine")
	for _, line := range commands(t)[tenMinutes:] {
		u.run(t, strings.ReplaceAll(line, "=DIR ", "="+u.root+" "))
	}
	for _, b := range readme(t) {
		if strings.HasSuffix(b.file, "/greeter/greeter.go") {
			require.NoError(t, os.WriteFile(filepath.Join(u.dir, "greeter.go"), []byte(b.text), 0o666))
		}
	}
	u.run(t, "go generate ./...")
	require.FileExists(t, filepath.Join(u.dir, "pingo_gen.go"))
	u.run(t, "go vet ./...")
}

// user is somebody who types what the README says.
type user struct{ dir, root, pingogen string }

func newUser(t *testing.T) *user {
	root, err := filepath.Abs("../..")
	require.NoError(t, err)
	u := &user{dir: t.TempDir(), root: root, pingogen: filepath.Join(t.TempDir(), "pingogen.exe")} // Windows wants the ending
	out, err := exec.Command("go", "build", "-o", u.pingogen, "github.com/pingogen/pingogen/cmd/pingogen").CombinedOutput()
	require.NoError(t, err, "%s", out)
	return u
}

// words splits a line as a shell does, as far as the README needs it.
var words = regexp.MustCompile(`'[^']*'|[^ ']+`)

// run runs a line, and returns what it prints. A released version is the only thing that
// cannot be had: it is this source, as a command and in the module that it makes.
func (u *user) run(t *testing.T, line string) string {
	t.Helper()
	if dir, ok := strings.CutPrefix(line, "cd "); ok {
		u.dir = filepath.Join(u.dir, dir)
		return ""
	}
	args := words.FindAllString(line, -1)
	for i, arg := range args {
		args[i] = strings.Trim(arg, "'")
	}
	if released := "go run github.com/pingogen/pingogen/cmd/pingogen@latest new "; strings.HasPrefix(line, released) {
		args = append([]string{u.pingogen, "new", "-replace", u.root}, strings.Fields(strings.TrimPrefix(line, released))...)
	}
	if strings.HasPrefix(args[0], "bin/") {
		args[0] = filepath.Join(u.dir, args[0])
	}
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Dir = u.dir
	cmd.Env = append(os.Environ(), "GOWORK=off", "GOPROXY=off", "GOSUMDB=off", "GOFLAGS=-buildvcs=false")
	out, err := cmd.CombinedOutput()
	if err != nil && line == "go mod tidy" { // which also wants what only the tests of other modules need
		list := exec.Command("go", "list", "-mod=mod", "-deps", "./...", "tool")
		list.Dir, list.Env = cmd.Dir, cmd.Env
		out, err = list.CombinedOutput()
	}
	require.NoError(t, err, "%s: %s", line, out)
	return string(out)
}
