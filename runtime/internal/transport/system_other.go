//go:build !linux

package transport

func schedYield() {}
