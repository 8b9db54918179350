package process

// wNoWait makes waitid leave the process to be reaped.
const wNoWait = 0x1000000
