// Package pingo extends a Go program with plugins: programs of their own that
// the host starts, calls through typed interfaces, and stops.
package pingo
