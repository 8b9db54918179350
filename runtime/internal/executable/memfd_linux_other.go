//go:build linux && !amd64 && !arm64 && !riscv64 && !loong64

package executable

// sysMemfdCreate is not known: executables are copied to a directory.
const sysMemfdCreate = 0
