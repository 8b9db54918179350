//go:build !linux

package suites

import "runtime"

func usage() Usage { return Usage{Goroutines: runtime.NumGoroutine()} }
