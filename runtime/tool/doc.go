// Package tool is what the commands of pingogen do with the binary of a plugin.
//
// It is for programs that look after plugins: what a binary serves ([Inspect]), what
// has changed between two of them ([Compare]), what a method answers ([Open]), and why
// one does not start ([Diagnose]).
package tool
