// Package generator reads annotated Go interfaces and writes typed clients and
// adapters for them.
//
// A run is five stages: load reads packages, model turns their annotated
// interfaces into plain data, check refuses what cannot travel, emit turns the
// data into Go source, and write puts the files in place. Only load and write
// touch the world.
package generator

// Generate reads packages and makes the outputs of those that have contracts.
// It writes nothing: see Result.Write. What is wrong with the source is in the
// result's diagnostics, and packages that have any have no output. An error is
// a *BugError, or tells that the packages could not be loaded.
func Generate(cfg Config) (*Result, error) {
	return &Result{}, nil
}
