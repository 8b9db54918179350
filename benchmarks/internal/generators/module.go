package generators

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Size is how much a module has to generate for.
type Size struct{ Packages, Interfaces int }

func (s Size) String() string { return fmt.Sprintf("%dx%d", s.Packages, s.Interfaces) }

// Sizes are those that are measured: packages, and interfaces in each.
var Sizes = []Size{{1, 1}, {1, 100}, {20, 5}}

// module writes a module of a size into dir. Its interfaces are what people write
// by hand, and have the directives of every generator that wants some.
func module(dir, repository string, size Size) error {
	mod := fmt.Sprintf(`module example.com/stores

go 1.26.0

require github.com/pingogen/pingogen v0.0.0

replace github.com/pingogen/pingogen => %s
`, repository)
	sum, err := os.ReadFile(filepath.Join(repository, "go.sum"))
	if err != nil {
		return err
	}
	files := map[string]string{"go.mod": mod, "go.sum": string(sum), ".mockery.yml": mockeryConfig(size)}
	for p := range size.Packages {
		files[filepath.Join(pkg(p), "contract.go")] = source(p, size.Interfaces, 0)
	}
	for name, text := range files {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// edit changes a comment in every package, as somebody does who then generates.
func edit(dir string, size Size, n int) error {
	for p := range size.Packages {
		if err := os.WriteFile(filepath.Join(dir, pkg(p), "contract.go"), []byte(source(p, size.Interfaces, n)), 0o644); err != nil {
			return err
		}
	}
	return nil
}

func pkg(p int) string { return fmt.Sprintf("p%d", p) }

func source(p, interfaces, edit int) string {
	var s strings.Builder
	fmt.Fprintf(&s, "package p%d\n\nimport (\n\t\"context\"\n\t\"net/url\"\n\t\"time\"\n)\n", p)
	for i := range interfaces {
		fmt.Fprintf(&s, `
//counterfeiter:generate . Store%[1]d

// Store%[1]d stores items.
//
//pingo:plugin
type Store%[1]d interface {
	// Get gets, as edit %[2]d says.
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
`, i, edit)
	}
	return s.String()
}

func mockeryConfig(size Size) string {
	var s strings.Builder
	s.WriteString(`all: true
log-level: error
template: testify
dir: '{{.InterfaceDir}}/mocks'
filename: mocks.go
pkgname: mocks
packages:
`)
	for p := range size.Packages {
		fmt.Fprintf(&s, "  example.com/stores/%s: {}\n", pkg(p))
	}
	return s.String()
}
