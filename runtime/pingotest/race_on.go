//go:build race

package pingotest

// race tells whether the tests are run with the race detector.
const race = true
