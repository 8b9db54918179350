// Package args has the name of a variable in generated code.
package args

// Value is passed on.
type Value struct{ N int }
