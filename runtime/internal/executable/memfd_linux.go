//go:build arm64 || riscv64 || loong64

package executable

import "syscall"

const sysMemfdCreate = syscall.SYS_MEMFD_CREATE
