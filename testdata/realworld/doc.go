// Package realworld holds contracts that nobody wrote for pingogen: interfaces
// of the standard library and of well-known modules. Those in accepted become
// code that compiles; those in refused become diagnostics, which refused.txt
// lists. Those in pipes are used. It is a module of its own, so that no user
// inherits what it imports.
package realworld
