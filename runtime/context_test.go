package pingo_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	pingo "github.com/pingogen/pingogen/runtime"
	"github.com/pingogen/pingogen/runtime/codec"
)

// A nil context panics before anything happens, in words that say what to do.
func TestNilContext(t *testing.T) {
	cfg, _ := setup(t, "lab")
	p := start(t, cfg)
	g := newGreeterClient(p)
	var none context.Context
	for name, f := range map[string]func(){
		"CallContext": func() { _ = p.CallContext(none, "Lab.Echo", "x", nil) },
		"client":      func() { _, _ = g.SayHello(none, "x") },
		"Ready":       func() { _ = p.Ready(none) },
		"Implements":  func() { _, _ = p.Implements(none, "Lab.Echo") },
		"Shutdown":    func() { _ = p.Shutdown(none) },
		"Swap":        func() { _ = p.Swap(none, "") },
		"Host":        func() { _ = pingo.Host().CallContext(none, "Lab.Echo", "x", nil) },
		"Serve":       func() { _ = pingo.Serve(none) },
		"proxy":       func() { _ = new(codec.Reference).CallContext(none, "Read", &codec.Nothing{}, &codec.Nothing{}) },
	} {
		require.PanicsWithValue(t, "pingo: nil context: pass context.Background() or context.TODO()", f, name)
	}
	require.NoError(t, p.Call("Lab.Echo", "x", nil))
}
