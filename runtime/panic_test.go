package pingo

import (
	"runtime/debug"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestWhereAPanicWas(t *testing.T) {
	stackOf := func(f func()) (stack string) {
		defer func() {
			require.NotNil(t, recover())
			stack = string(debug.Stack())
		}()
		f()
		return ""
	}
	var m map[string]int
	var none *Plugin
	for _, f := range []func(){
		func() { panic("as it is") },
		func() { m["x"] = 1 },
		func() { _ = none.cfg.Path },
		func() { _ = []int{}[len(m)] },
		func() {
			defer func() { panic(recover()) }()
			panic("again")
		},
	} {
		require.Regexp(t, `^github\.com/.*TestWhereAPanicWas\.func.* \(.*panic_test\.go:\d+\)$`, panickedAt(stackOf(f)))
	}
	for _, stack := range []string{"", "goroutine 1 [running]:", "x\npanic(", "x\npanic({})\n\tpanic.go:1", "x\npanic({})\n\tpanic.go:1\nf()"} {
		require.Empty(t, panickedAt(stack))
	}
}
