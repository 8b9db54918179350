package generator

import (
	"path/filepath"

	"github.com/pingogen/pingogen/generator/internal/emit"
	"github.com/pingogen/pingogen/generator/internal/load"
	"github.com/pingogen/pingogen/generator/internal/model"
)

// ConformanceOutput is the name of the file that holds a package's conformance test.
const ConformanceOutput = "pingo_conformance_test.go"

// GenerateConformance makes, for each package that has contracts, a test which any
// plugin can be put to that claims to serve them. Like Generate, it writes nothing.
func GenerateConformance(cfg Config) (*Result, error) {
	r, err := cfg.load(false)
	if err != nil {
		return nil, err
	}
	for _, p := range r.set.Roots {
		m, ok := r.model(p, false)
		switch {
		case !ok: // the diagnostics say why
		case len(m.Contracts) == 0:
			err = r.nothing(p)
		default:
			err = r.addConformance(p, m)
		}
		if err != nil {
			return nil, err
		}
	}
	return r.finish(), nil
}

// addConformance makes the test of a package. It compiles, once the package's code is generated.
func (r *run) addConformance(p *load.Package, m *model.Package) error {
	src, err := emit.Conformance(m)
	if err != nil {
		return &BugError{Package: p.Path, Text: err.Error()}
	}
	var generated []string
	for _, c := range m.Contracts {
		generated = append(generated, emit.Client(c)...)
	}
	return r.addOutput(p, filepath.Join(p.Dir, ConformanceOutput), src, generated...)
}
