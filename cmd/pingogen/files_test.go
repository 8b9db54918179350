package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	pingo "github.com/pingogen/pingogen/runtime"
)

// wrongFile is what a user may take for a plugin.
type wrongFile struct {
	path    string
	problem string // as doctor tells it, and the error of a host that starts it
	remedy  string
	seen    string // what inspect, call and diff say, if it is something else
	diff    string // what diff says, if it is something else again: it takes more than plugins
	mute    bool   // it does not say what it is: inspect and diff do not run it
	machine bool   // nor does doctor, for it is no script, which could start a plugin
	read    bool   // inspect and diff know what they want without running it
	starts  bool   // nevertheless, at a host, which does not look at it before
}

// Each command says of each file what is wrong with it, ends, and has the status for
// that. A host that starts the file says the same as doctor, if that runs it.
func TestFilesThatAreNoPlugins(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("these files are those of Linux")
	}
	dir := t.TempDir()
	here := buildExample(t, dir, "greeter/cmd/hello-plugin")
	for _, f := range wrongFiles(t, dir, here) {
		t.Run(filepath.Base(f.path), func(t *testing.T) {
			code, out, _ := runWithin(t, "doctor", "-timeout", "1s", f.path)
			require.Equal(t, exitFindings, code)
			if f.machine {
				require.Contains(t, out, f.path+": it does not say that it is a plugin: ")
			} else {
				require.Contains(t, out, f.path+": "+f.problem)
				require.Contains(t, out, "\nWhat to do: "+f.remedy)
			}

			if f.seen == "" {
				f.seen = f.problem
			}
			if f.diff == "" {
				f.diff = f.seen
			}
			inspected := f.seen
			if f.mute {
				inspected, f.diff = "it does not say that it is a plugin", "it does not say that it is a plugin"
			}
			for _, c := range []struct {
				words string
				args  []string
			}{
				{inspected, []string{"inspect", "-timeout", "1s", f.path}},
				{f.seen, []string{"call", "-timeout", "1s", f.path, "Greeter.SayHello", `"x"`}},
				{f.diff, []string{"diff", "-timeout", "1s", f.path, here}},
				{f.diff, []string{"diff", "-timeout", "1s", here, f.path}},
			} {
				code, out, said := runWithin(t, c.args...)
				if f.read && c.args[0] != "call" {
					require.Equal(t, exitOK, code, "%v: %s%s", c.args, out, said)
					continue
				}
				require.Equal(t, exitEnv, code, "%v: %s%s", c.args, out, said)
				require.Empty(t, out, "%v", c.args)
				require.Contains(t, said, c.words, "%v", c.args)
			}

			if f.mute {
				code, _, said := runWithin(t, "inspect", "-start", "-timeout", "1s", f.path)
				require.Equal(t, exitEnv, code)
				require.Contains(t, said, f.problem)
			}
			if f.starts {
				return
			}
			p := pingo.New(pingo.Config{Path: f.path, StartTimeout: time.Second, ErrorHandler: silent{}})
			p.Start()
			defer p.Stop()
			err := p.Ready(t.Context())
			var start *pingo.StartError
			require.ErrorAs(t, err, &start)
			require.Contains(t, start.Problem, f.problem)
			require.Contains(t, start.Remedy, f.remedy)
			require.ErrorContains(t, p.Call("Greeter.SayHello", "x", nil), start.Problem+"; "+start.Remedy)
		})
	}
}

// wrongFiles makes them in a directory, of a program for this system.
func wrongFiles(t *testing.T, dir, program string) []wrongFile {
	whole, err := os.ReadFile(program)
	require.NoError(t, err)
	file := func(name string, content []byte) string {
		path := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path, content, 0o755))
		return path
	}
	foreign := bytes.Clone(whole)
	binary.LittleEndian.PutUint16(foreign[18:], 22) // s390x
	fifo := filepath.Join(dir, "fifo")
	require.NoError(t, exec.Command("mkfifo", fifo).Run())
	require.NoError(t, os.Mkdir(filepath.Join(dir, "directory"), 0o755))
	trueProgram, err := exec.LookPath("true")
	require.NoError(t, err)
	return []wrongFile{
		{path: filepath.Join(dir, "nothing"), problem: "there is no such file", remedy: "check the path", seen: "no such file", diff: "neither a file nor a package"},
		{path: filepath.Join(dir, "directory"), problem: "it is a directory", remedy: "name the plugin's binary in it", seen: "is a directory; name the plugin's binary", diff: "has no generated code"},
		{path: "/dev/zero", problem: "it is no regular file", remedy: "name the plugin's binary", seen: "/dev/zero is no regular file; name the plugin's binary"},
		{path: fifo, problem: "it is no regular file", remedy: "name the plugin's binary", seen: "fifo is no regular file; name the plugin's binary"},
		{path: file("empty", nil), problem: "it is empty", remedy: "build or copy it again"},
		{path: file("words", []byte("Just words.")), problem: "it is no program that this system knows", remedy: "name the plugin's binary"},
		{path: file("cut", whole[:4096]), problem: "it is damaged: a part of it is missing", remedy: "build or copy it again"},
		{path: file("end", whole[:len(whole)-100]), problem: "it is damaged: a part of it is missing", remedy: "build or copy it again", starts: true},
		{path: file("foreign", foreign), problem: "it was built for linux/s390x, and this is linux/" + runtime.GOARCH, remedy: "build it with GOOS=linux", read: true},
		{path: file("script", []byte("#!/bin/sh\necho out of luck >&2\nexit 3\n")), problem: "it exited with status 3 before it was ready", remedy: "see what it wrote", mute: true},
		{path: file("noloader", []byte("#!/no/such/interpreter\n")), problem: "it is a script whose interpreter /no/such/interpreter is not there", remedy: "install that"},
		{path: trueProgram, problem: "it exited with status 0 without calling pingo.Run", remedy: "a plugin's main function calls", mute: true, machine: true},
		{path: file("hangs", []byte("#!/bin/sh\nexec sleep 1000\n")), problem: "it runs, but was not ready within 1s", remedy: "its main function has to call pingo.Run", mute: true},
	}
}

type silent struct{}

func (silent) Error(error) {}
func (silent) Print(any)   {}

// runWithin runs a command, which must not hang.
func runWithin(t *testing.T, args ...string) (code int, stdout, stderr string) {
	var out, said bytes.Buffer
	done := make(chan int, 1)
	go func() { done <- run(args, &out, &said) }()
	select {
	case code = <-done:
	case <-time.After(time.Minute):
		t.Fatalf("pingogen %s hangs", strings.Join(args, " "))
	}
	return code, out.String(), said.String()
}

func buildExample(t *testing.T, dir, pkg string) string {
	path := filepath.Join(dir, filepath.Base(pkg))
	if runtime.GOOS == "windows" {
		path += ".exe"
	}
	build := exec.CommandContext(context.Background(), "go", "build", "-buildvcs=false", "-o", path, "./"+filepath.Base(pkg))
	build.Dir = filepath.Join("..", "..", "examples", filepath.FromSlash(filepath.Dir(pkg)))
	out, err := build.CombinedOutput()
	require.NoError(t, err, "%s", out)
	return path
}

// Each command takes the plugin of each example. That of examples/sql, a module of its
// own, has a test there.
func TestCommandsOnEachExample(t *testing.T) {
	dir := t.TempDir()
	left := map[string]bool{} // those that no line below is about
	mains, err := filepath.Glob(filepath.FromSlash("../../examples/*/cmd/*/main.go"))
	require.NoError(t, err)
	for _, main := range mains {
		pkg, err := filepath.Rel(filepath.FromSlash("../../examples"), filepath.Dir(main))
		require.NoError(t, err)
		left[filepath.ToSlash(pkg)] = true
	}
	delete(left, "sql/cmd/sqlite-plugin")
	for _, c := range []struct{ pkg, says, method, args, answer string }{
		{"greeter/cmd/hello-plugin", "contract Greeter", "Greeter.SayHello", `"you"`, `"Hello, you"`},
		{"kv/cmd/kv-plugin", "contract Store", "Store.Get", `"nothing"`, `executed: kv: not found: "nothing"`},
		{"callbacks/cmd/words-plugin", "contract Counter", "Counter.UseLog", `null`, ``},
		{"counter/cmd/counter-plugin", "contract Counter", "Counter.Get", `"a"`, `0`},
		{"versions/cmd/old-plugin", "contract Store", "Store.Get", `"a"`, `executed: no item a`},
		{"versions/cmd/current-plugin", "contract Store", "Store.Keys", `""`, `null`},
		{"original/hello", "objects    Plugin", "Plugin.SayHello", `"you"`, `it serves no contract`},
	} {
		delete(left, c.pkg)
		t.Run(c.pkg, func(t *testing.T) {
			path := buildExample(t, dir, c.pkg)
			code, out, said := runWithin(t, "inspect", path)
			require.Equal(t, exitOK, code, said)
			require.Contains(t, out, c.says)
			code, out, said = runWithin(t, "doctor", path)
			require.Equal(t, exitOK, code, out+said)
			require.Contains(t, out, ": it starts, in ")
			code, out, said = runWithin(t, "diff", path, path)
			if strings.HasPrefix(c.says, "contract ") {
				require.Equal(t, exitOK, code, said)
				require.Contains(t, out, "The contracts are the same.")
			} else {
				require.Equal(t, exitEnv, code, out)
				require.Contains(t, said, "there is nothing to compare")
			}
			_, out, said = runWithin(t, "call", path, c.method, c.args)
			require.Contains(t, out+said, c.answer)
		})
	}
	require.Empty(t, left)
}
