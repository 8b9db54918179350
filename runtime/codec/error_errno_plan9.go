//go:build plan9

package codec

func knowErrno() {}
