package tool_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"
)

// bin is where the plugins of the examples are.
var bin string

// The tools are tried on programs as users build them.
var programs = map[string]string{
	"hello":    "greeter/cmd/hello-plugin",
	"kv":       "kv/cmd/kv-plugin",
	"words":    "callbacks/cmd/words-plugin",
	"counter":  "counter/cmd/counter-plugin",
	"old":      "versions/cmd/old-plugin",
	"current":  "versions/cmd/current-plugin",
	"original": "original/hello",
	"host":     "greeter/host",
}

func TestMain(m *testing.M) {
	if _, err := exec.LookPath("go"); err != nil {
		fmt.Println("skipped: the tools are tried on programs that are built:", err)
		os.Exit(0)
	}
	os.Exit(func() int {
		dir, err := os.MkdirTemp("", "pingo-tool-")
		if err != nil {
			panic(err)
		}
		defer os.RemoveAll(dir)
		bin = dir
		for name, pkg := range programs {
			build := exec.Command("go", "build", "-buildvcs=false", "-o", binary(name), "github.com/pingogen/pingogen/examples/"+pkg)
			if out, err := build.CombinedOutput(); err != nil {
				fmt.Fprintf(os.Stderr, "%v: %s", err, out)
				return 1
			}
		}
		return m.Run()
	}())
}

// binary returns the path of a program.
func binary(name string) string {
	path := filepath.Join(bin, name)
	if runtime.GOOS == "windows" {
		path += ".exe"
	}
	return path
}
