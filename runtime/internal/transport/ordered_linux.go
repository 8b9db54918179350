//go:build !race && (amd64 || arm64 || riscv64 || loong64) && !pingo_netpoll

package transport

func release() {}
func acquire() {}
