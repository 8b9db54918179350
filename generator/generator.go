// Package generator reads annotated Go interfaces and writes typed clients and
// adapters for them.
//
// A run is five stages: load reads packages, model turns their annotated
// interfaces into plain data, check refuses what cannot travel, emit turns the
// data into Go source, and write puts the files in place. Only load and write
// touch the world.
package generator
