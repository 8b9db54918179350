//go:build !linux || !(amd64 || arm64 || riscv64 || loong64) || pingo_netpoll

package transport

import "net"

func fromConn(c net.Conn) Stream { return newNetStream(c) }

// CPU is the number of the processor that the caller runs on plus one, or 0 where
// it is not known. It may be another one at any moment.
func CPU() uint16 { return 0 }
