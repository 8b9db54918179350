//go:build !never

// Package constraints has two, which one output cannot have.
package constraints

//pingo:plugin
type A interface{ Do() error }
