package random

import (
	"bytes"
	"flag"
	"fmt"
	"go/format"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pingogen/pingogen/generator"
)

var (
	seeds = flag.Int("seeds", 24, "how many packages to draw")
	first = flag.Uint64("seed", 1, "the seed of the first; with -seeds 1 the only one")
)

// batchSize is how many packages share a program, which takes longer to link than to run.
const batchSize = 24

// TestRandom draws packages, generates code for them, and compares calls through
// a plugin with direct ones.
func TestRandom(t *testing.T) {
	for from := *first; from < *first+uint64(*seeds); from += batchSize {
		to := min(from+batchSize, *first+uint64(*seeds))
		t.Run(fmt.Sprintf("seeds %d to %d", from, to-1), func(t *testing.T) { testBatch(t, from, to) })
	}
}

// testBatch tests the packages of some seeds.
func testBatch(t *testing.T, from, to uint64) {
	dir := write(t, from, to)
	generate(t, dir)
	run(t, dir, "go", "vet", "-stdmethods=false", "./...") // which reads int and error as text, where packages have their own
	program := filepath.Join(dir, "batch.exe")
	run(t, dir, "go", "build", "-o", program, ".")
	for seed := from; seed < to; seed++ {
		t.Run(name(seed), func(t *testing.T) {
			t.Parallel()
			out, err := exec.Command(program, name(seed)).CombinedOutput()
			require.NoError(t, err, "%s\nreplay it with: go test ./generator/internal/random -seeds 1 -seed %d", out, seed)
		})
	}
}

func name(seed uint64) string { return fmt.Sprintf("seed%d", seed) }

// write writes a module with the packages and a program that has all of them. It
// stays there when the test fails. The name of the module lets it import the
// probe, which is internal.
func write(t *testing.T, from, to uint64) string {
	dir, err := os.MkdirTemp("", "pingogen-random-")
	require.NoError(t, err)
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the packages are kept in %s", dir)
			return
		}
		require.NoError(t, os.RemoveAll(dir))
	})
	root, err := filepath.Abs("../../..")
	require.NoError(t, err)
	const module = "github.com/pingogen/pingogen/generator/internal/random/batch"
	files := map[string]string{"go.mod": "module " + module + "\n\ngo 1.26.0\n\nrequire github.com/pingogen/pingogen v0.0.0\n\n" +
		"replace github.com/pingogen/pingogen => " + root + "\n"}
	var imports, notes strings.Builder
	for seed := from; seed < to; seed++ {
		fmt.Fprintf(&imports, "import p%d %q\n", seed, module+"/"+name(seed))
		fmt.Fprintf(&notes, "\t\t%q: p%d.Probe_,\n", name(seed), seed)
		for file, text := range Draw(seed).Files {
			files[filepath.Join(name(seed), file)] = text
		}
	}
	files["main.go"] = fmt.Sprintf("package main\n\nimport %q\n%s\nfunc main() {\n\tprobe.Main(map[string]func(){\n%s\t})\n}\n", probePath, &imports, &notes)
	for file, text := range files {
		require.NoError(t, os.MkdirAll(filepath.Dir(filepath.Join(dir, file)), 0o755))
		require.NoError(t, os.WriteFile(filepath.Join(dir, file), []byte(text), 0o644))
	}
	return dir
}

// generate runs the generator, twice: the second time there is nothing to do.
func generate(t *testing.T, dir string) {
	result, err := generator.Generate(generator.Config{Dir: dir, Patterns: []string{"./..."}})
	require.NoError(t, err)
	require.Empty(t, result.Diagnostics)
	for _, o := range result.Outputs {
		formatted, err := format.Source(o.New)
		require.NoError(t, err)
		require.True(t, bytes.Equal(formatted, o.New), "%s is not formatted", o.Path)
	}
	require.NoError(t, result.Write())
	again, err := generator.Generate(generator.Config{Dir: dir, Patterns: []string{"./..."}})
	require.NoError(t, err)
	require.Empty(t, again.Diagnostics)
	require.Empty(t, again.Stale())
}

func run(t *testing.T, dir, command string, args ...string) {
	cmd := exec.Command(command, args...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
}
