//go:build pingo_sockets

package pingo

// defaultRing is for the tests: all of them run over sockets, too.
const defaultRing = 0
