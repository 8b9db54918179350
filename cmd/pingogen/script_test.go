package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"pingogen": main, "waiting-plugin": waitingPlugin})
}

// TestScripts runs testdata/script. Each file is a module that uses this one,
// with a go.mod of its own or the usual one.
func TestScripts(t *testing.T) {
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	goEnv := hostEnv(t, "GOCACHE", "GOMODCACHE")
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		UpdateScripts:       os.Getenv("UPDATE_SCRIPTS") != "",
		Setup: func(env *testscript.Env) error {
			env.Vars = append(env.Vars, goEnv...)
			env.Vars = append(env.Vars, "GOPROXY=off", "GOFLAGS=-buildvcs=false", "GOTOOLCHAIN=local", "ROOT="+root)
			return addModule(env.WorkDir, root)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"status":    status,
			"stamp":     stamp,
			"untouched": untouched,
			"mode":      mode,
			"nothing":   nothing,
			"replace":   replace,
			"cut":       cut,
		},
	})
}

// hostEnv returns settings of the go command that scripts share with the host.
func hostEnv(t *testing.T, names ...string) []string {
	out, err := exec.Command("go", append([]string{"env"}, names...)...).Output()
	if err != nil {
		t.Fatal(err)
	}
	values := strings.Split(strings.TrimSpace(string(out)), "\n")
	for i, name := range names {
		values[i] = name + "=" + values[i]
	}
	return values
}

// addModule writes a go.mod to dir, unless the script brings one or a workspace.
// It completes those of the script: $ROOT is this module's directory.
func addModule(dir, root string) error {
	mods, err := filepath.Glob(filepath.Join(dir, "*", "go.mod"))
	if err != nil {
		return err
	}
	main := filepath.Join(dir, "go.mod")
	if _, err := os.Stat(main); err == nil {
		mods = append(mods, main)
	}
	if len(mods) == 0 {
		text := "module example.com/m\n\ngo 1.26.0\n\nrequire github.com/pingogen/pingogen v0.0.0\n\n" +
			"replace github.com/pingogen/pingogen => $ROOT\n"
		if err := os.WriteFile(main, []byte(text), 0o644); err != nil {
			return err
		}
		mods = append(mods, main)
	}
	for _, mod := range mods {
		text, err := os.ReadFile(mod)
		if err != nil {
			return err
		}
		if err := os.WriteFile(mod, []byte(strings.ReplaceAll(string(text), "$ROOT", root)), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// status N command args... checks the exit status of a command.
func status(ts *testscript.TestScript, _ bool, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	code := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		var exit *exec.ExitError
		if !errors.As(err, &exit) {
			ts.Fatalf("%v", err)
		}
		code = exit.ExitCode()
	}
	if code != want {
		ts.Fatalf("exit status %d, want %d", code, want)
	}
}

var stampTime = time.Date(2001, 2, 3, 4, 5, 6, 0, time.UTC)

// stamp file gives a file an old modification time, for untouched.
func stamp(ts *testscript.TestScript, _ bool, args []string) {
	ts.Check(os.Chtimes(ts.MkAbs(args[0]), stampTime, stampTime))
}

// untouched file checks that a stamped file has not been written since.
func untouched(ts *testscript.TestScript, neg bool, args []string) {
	info, err := os.Stat(ts.MkAbs(args[0]))
	ts.Check(err)
	if info.ModTime().Equal(stampTime) == neg {
		ts.Fatalf("%s: modified at %s", args[0], info.ModTime())
	}
}

// mode 0644 file checks a file's permissions.
func mode(ts *testscript.TestScript, _ bool, args []string) {
	info, err := os.Stat(ts.MkAbs(args[1]))
	ts.Check(err)
	if got := fmt.Sprintf("%#o", info.Mode().Perm()); got != args[0] {
		ts.Fatalf("%s: mode %s, want %s", args[1], got, args[0])
	}
}

// nothing checks that the last command printed nothing.
func nothing(ts *testscript.TestScript, _ bool, _ []string) {
	if out := ts.ReadFile("stdout") + ts.ReadFile("stderr"); out != "" {
		ts.Fatalf("unexpected output:\n%s", out)
	}
}

// replace old new file replaces a text in a file, which has to be there.
func replace(ts *testscript.TestScript, _ bool, args []string) {
	text := ts.ReadFile(args[2])
	if !strings.Contains(text, args[0]) {
		ts.Fatalf("%s: no %q", args[2], args[0])
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[2]), []byte(strings.ReplaceAll(text, args[0], args[1])), 0o644))
}

// cut FILE N COPY copies the first N bytes of a program.
func cut(ts *testscript.TestScript, _ bool, args []string) {
	n, err := strconv.Atoi(args[1])
	ts.Check(err)
	whole := ts.ReadFile(args[0])
	ts.Check(os.WriteFile(ts.MkAbs(args[2]), []byte(whole[:n]), 0o755))
}
