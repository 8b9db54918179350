//go:build !linux

package conn

// preferHugePages does nothing: there is no way to ask for them.
func preferHugePages([]byte) {}
