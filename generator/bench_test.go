package generator_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/tools/go/packages"

	"github.com/pingogen/pingogen/generator"
)

// BenchmarkGenerate measures what go generate costs after an edit, against the
// floor: a bare packages.Load of syntax plus export data after the same edit, in
// turns with the generator in the same run. The floor is a strict one, as its
// packages have no generated code to compile. Reported are the medians of both in
// ms, and the median of how many times the floor the generator takes in each turn.
//
//	go test ./generator -run '^$' -bench Generate -benchtime 30x
func BenchmarkGenerate(b *testing.B) {
	for _, bench := range []struct{ packages, interfaces int }{{1, 1}, {1, 100}, {20, 5}} {
		b.Run(fmt.Sprintf("packages=%d/interfaces=%d", bench.packages, bench.interfaces), func(b *testing.B) {
			dir, bare := module(b, sources(bench.packages, bench.interfaces)), module(b, sources(bench.packages, bench.interfaces))
			generate(b, dir) // warms the build cache
			floor(b, bare)
			var ours, theirs, ratios []float64
			for n := 0; b.Loop(); n++ {
				edit(b, bare, n)
				f := floor(b, bare)
				edit(b, dir, n)
				g := generate(b, dir)
				ours, theirs, ratios = append(ours, g), append(theirs, f), append(ratios, g/f)
			}
			b.ReportMetric(0, "ns/op") // of both together, with the edits: it says nothing
			b.ReportMetric(median(ours), "ms")
			b.ReportMetric(median(theirs), "floor-ms")
			b.ReportMetric(median(ratios), "x-floor")
		})
	}
}

// generate runs the generator for all packages in dir; it returns milliseconds.
func generate(b *testing.B, dir string) float64 {
	start := time.Now()
	result, err := generator.Generate(generator.Config{Dir: dir, Patterns: []string{"./..."}})
	require.NoError(b, err)
	require.Empty(b, result.Diagnostics)
	require.NotEmpty(b, result.Stale())
	require.NoError(b, result.Write())
	return milliseconds(start)
}

// floor loads all packages in dir as bare as it goes; it returns milliseconds.
func floor(b *testing.B, dir string) float64 {
	start := time.Now()
	found, err := packages.Load(&packages.Config{Mode: packages.LoadSyntax, Dir: dir}, "./...")
	took := milliseconds(start)
	require.NoError(b, err)
	for _, p := range found {
		require.Empty(b, p.Errors)
	}
	return took
}

func milliseconds(start time.Time) float64 { return float64(time.Since(start).Microseconds()) / 1000 }

func median(list []float64) float64 {
	slices.Sort(list)
	return list[len(list)/2]
}

// edit changes a comment that is carried into the generated code of each package.
func edit(b *testing.B, dir string, n int) {
	files, err := filepath.Glob(filepath.Join(dir, "p*", "contract.go"))
	require.NoError(b, err)
	for _, file := range files {
		src, err := os.ReadFile(file)
		require.NoError(b, err)
		head, tail, found := strings.Cut(string(src), "\t// Get gets")
		_, tail, _ = strings.Cut(tail, "\n")
		require.True(b, found)
		src = fmt.Appendf(nil, "%s\t// Get gets, as edit %d says.\n%s", head, n, tail)
		require.NoError(b, os.WriteFile(file, src, 0o644))
	}
}

// sources returns packages with interfaces as they are written by hand.
func sources(packages, interfaces int) map[string]string {
	files := map[string]string{}
	for p := range packages {
		var s strings.Builder
		fmt.Fprintf(&s, "package p%d\n\nimport (\n\t\"context\"\n\t\"net/url\"\n\t\"time\"\n)\n", p)
		for i := range interfaces {
			fmt.Fprintf(&s, `
// Store%[1]d stores items.
//
//pingo:plugin
type Store%[1]d interface {
	// Get gets.
	Get(ctx context.Context, key string) (*Item%[1]d, error)
	Put(ctx context.Context, items ...Item%[1]d) (stored int, err error)
	List(ctx context.Context, prefix string, limit int) (map[string]Item%[1]d, error)
	Visit(ctx context.Context, at url.Values) (time.Duration, error)
}

// Item%[1]d is an item.
type Item%[1]d struct {
	Key   string
	Value []byte
	Tags  map[string][]string
	Made  time.Time
	Next  *Item%[1]d
}
`, i)
		}
		files[fmt.Sprintf("p%d/contract.go", p)] = s.String()
	}
	return files
}
