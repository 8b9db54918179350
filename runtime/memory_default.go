//go:build !pingo_memory

package pingo

// alwaysMemory has plugins with the transport auto share memory, whatever Config.SharedMemory says.
const alwaysMemory = false
