// Package generators compares pingogen with generators of mocks: they, too, read
// interfaces and write a file for them. Each runs as a process, in a module of
// its own with the same packages, after the same edit.
package generators

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/pingogen/pingogen/benchmarks/internal/progress"
	"github.com/pingogen/pingogen/benchmarks/internal/report"
)

// Floor is the name of what only loads the packages.
const Floor = "packages.Load"

// Ours is the name of pingogen.
const Ours = "pingogen"

// generator is one of those that are compared.
type generator struct {
	name string
	tool string // its main package
	// runs returns its command lines, without the program: one for all packages if it
	// can do that, else one for each.
	runs func(Size) []run
	// output is what it writes, in each package's directory.
	output string
}

// run is one process of a generator.
type run struct {
	dir  string
	args []string
}

var all = []generator{
	{name: Floor, tool: "github.com/pingogen/pingogen/benchmarks/generators/load", runs: once()},
	{name: Ours, tool: "github.com/pingogen/pingogen/cmd/pingogen", runs: once("./..."), output: "pingo_gen.go"},
	{name: "moq", tool: "github.com/matryer/moq", runs: func(s Size) []run {
		return eachPackage(s, append([]string{"-out", "moq.go", "."}, interfaces(s)...)...)
	}, output: "moq.go"},
	{name: "mockgen", tool: "go.uber.org/mock/mockgen", runs: func(s Size) []run {
		return eachPackage(s, "-destination", "mocks/mocks.go", "-package", "mocks", ".", strings.Join(interfaces(s), ","))
	}, output: "mocks/mocks.go"},
	{name: "mockery", tool: "github.com/vektra/mockery/v3", runs: once(), output: "mocks/mocks.go"},
	{name: "counterfeiter", tool: "github.com/maxbrunsfeld/counterfeiter/v6", runs: func(s Size) []run {
		return eachPackage(s, "-generate")
	}, output: "*fakes/*.go"},
}

func once(args ...string) func(Size) []run {
	return func(Size) []run { return []run{{".", args}} }
}

func eachPackage(s Size, args ...string) []run {
	var list []run
	for p := range s.Packages {
		list = append(list, run{pkg(p), args})
	}
	return list
}

func interfaces(s Size) []string {
	var names []string
	for i := range s.Interfaces {
		names = append(names, fmt.Sprintf("Store%d", i))
	}
	return names
}

// Compare runs every generator in turns, for each of the sizes. The metric of a
// sample is the size, in ms.
func Compare(ctx context.Context, sizes []Size, rounds int, line *progress.Line) ([]report.Sample, error) {
	dir, err := os.MkdirTemp("", "generators")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	defer line.Clear()
	repository, err := filepath.Abs("..")
	if err != nil {
		return nil, err
	}
	for _, g := range all {
		line.Say("building %s", g.name)
		if err := command(ctx, ".", "go", "build", "-o", filepath.Join(dir, g.name), g.tool); err != nil {
			return nil, err
		}
	}
	var samples []report.Sample
	for _, size := range sizes {
		c := comparison{dir, size}
		for _, g := range all {
			if err := module(c.module(g), repository, size); err != nil {
				return nil, err
			}
		}
		for round := range rounds + 1 { // the first one warms the build cache
			for _, g := range all {
				line.Say("%s, round %d of %d: %s", size, round, rounds, g.name)
				s := c.measure(ctx, g, round)
				if round > 0 || s.Failure != "" {
					samples = append(samples, s)
				}
				if ctx.Err() != nil {
					return samples, ctx.Err()
				}
			}
		}
	}
	return samples, nil
}

// comparison is that for one size.
type comparison struct {
	dir  string
	size Size
}

func (c comparison) module(g generator) string {
	return filepath.Join(c.dir, "modules", c.size.String(), g.name)
}

// measure edits the module of g and runs g in it. What others have written before
// is removed first, for they would load it; ours stays, as it does in life.
func (c comparison) measure(ctx context.Context, g generator, round int) report.Sample {
	s := report.Sample{Round: round, Placement: "as it comes", Subject: g.name, Workload: "generate"}
	err := edit(c.module(g), c.size, round)
	if err == nil && g.name != Ours {
		c.remove(g)
	}
	begin := time.Now()
	for _, r := range g.runs(c.size) {
		if err == nil {
			err = command(ctx, filepath.Join(c.module(g), r.dir), filepath.Join(c.dir, g.name), r.args...)
		}
	}
	took := time.Since(begin)
	if err == nil && g.output != "" && len(c.written(g)) == 0 {
		err = fmt.Errorf("%s wrote nothing", g.name)
	}
	if err != nil {
		s.Failure = err.Error()
		return s
	}
	s.Metrics = map[string]float64{c.size.String(): float64(took.Microseconds()) / 1e3}
	return s
}

func (c comparison) written(g generator) []string {
	files, _ := filepath.Glob(filepath.Join(c.module(g), "p*", g.output))
	return files
}

func (c comparison) remove(g generator) {
	if g.output == "" {
		return
	}
	for _, file := range c.written(g) {
		os.Remove(file)
	}
}

func command(ctx context.Context, dir, name string, args ...string) error {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s %s: %w: %s", filepath.Base(name), strings.Join(args, " "), err, out)
	}
	return nil
}
