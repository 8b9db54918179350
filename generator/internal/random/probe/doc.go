// Package probe compares calls through a plugin with direct ones. It fills
// values of any type at random, and looks at all that there is to see of
// others: it calls their methods, reads what can be read, and ranges over
// sequences. Both depend on nothing but seeds, so that two calls with the same
// seed see the same, whoever makes them.
package probe
