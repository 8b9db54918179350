//go:build !pingo_sockets

package pingo

// defaultRing is what a Config without SharedMemory means.
const defaultRing = DefaultSharedMemory
