//go:build linux && !amd64 && !arm64 && !riscv64 && !loong64

package memfd

// sysMemfdCreate is not known: there are none.
const sysMemfdCreate = 0
