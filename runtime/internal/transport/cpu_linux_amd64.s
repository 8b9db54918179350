//go:build !pingo_netpoll

#include "textflag.h"

// func lsl() uint64
//
// The limit of the segment in which Linux keeps the number of the processor for
// its vDSO: node<<12 | cpu. 0 if there is none.
TEXT ·lsl(SB), NOSPLIT, $0-8
	XORQ AX, AX
	MOVQ $0x7b, CX
	LSLQ CX, AX
	MOVQ AX, ret+0(FP)
	RET
