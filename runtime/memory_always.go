//go:build pingo_memory

package pingo

// alwaysMemory is for the tests: all of them run over shared memory, too.
const alwaysMemory = true
