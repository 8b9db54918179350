package process

const wNoWait = 0x20
