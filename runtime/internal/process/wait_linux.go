package process

const wNoWait = 0x1000000
