//go:build !race || race

// Package constraint has build constraints.
package constraint

//pingo:plugin
type A interface{ Do() error }
