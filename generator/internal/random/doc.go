// Package random draws packages with contracts at random: their types, names,
// embedding and directions. Its test generates code for them, and calls them
// through plugins.
package random
