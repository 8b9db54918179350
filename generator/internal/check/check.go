// Package check decides what can travel, and says of the rest what, where, and
// what to do instead.
package check
