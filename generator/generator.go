// Package generator reads annotated Go interfaces and writes typed clients and
// adapters for them.
//
// A run is five stages: load reads packages, model turns their annotated
// interfaces into plain data, check refuses what cannot travel, emit turns the
// data into Go source, and write puts the files in place. Only load and write
// touch the world.
package generator

import (
	"github.com/pingogen/pingogen/generator/internal/emit"
	"github.com/pingogen/pingogen/generator/internal/write"
)

// Generate reads packages and makes the outputs of those that have contracts.
// It writes nothing: see Result.Write. What is wrong with the source is in the
// result's diagnostics, and packages that have any have no output. An error is
// a *BugError, or tells that the packages could not be loaded.
func Generate(cfg Config) (*Result, error) {
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
			if err = r.emit(p, m); err == nil {
				err = r.leftBehind(p, m)
			}
		}
		if err != nil {
			return nil, err
		}
	}
	return r.finish(), nil
}

// add compares an output with what is on disk. Somebody else's file is a
// finding, and no output.
func (r *Result) add(path string, src []byte) error {
	old, state, err := write.Compare(path, src, emit.Header)
	if err != nil {
		return err
	}
	if state == write.Foreign {
		r.Diagnostics = append(r.Diagnostics, Diagnostic{File: path, Line: 1, Column: 1, Message: "this file was not written by pingogen, " +
			"which would replace it: move it away, or choose another name with -o"})
		return nil
	}
	r.Outputs = append(r.Outputs, &Output{Path: path, Old: old, New: src, Stale: state != write.Equal})
	return nil
}
