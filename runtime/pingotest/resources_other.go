//go:build !linux

package pingotest

// resources are not known on this system.
func resources() map[string]bool { return nil }
