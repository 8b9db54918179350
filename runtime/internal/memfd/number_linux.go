//go:build arm64 || riscv64 || loong64

package memfd

import "syscall"

const sysMemfdCreate = syscall.SYS_MEMFD_CREATE
