package greeter

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pingogen/pingogen/runtime/codec"
)

type polite struct{}

func (polite) SayHello(context.Context, string) (string, error) { return "Good day", nil }

// What an adapter allocates is allocated for each call, and collected in the plugin.
func TestAdapterAllocatesNothing(t *testing.T) {
	handle := greeterAdapter{impl: polite{}}.service().Handlers[0]
	var enc codec.Encoder
	enc.String("Go developer")
	msg := append([]byte(nil), enc.Buffer()...)
	var dec codec.Decoder
	require.Zero(t, testing.AllocsPerRun(100, func() {
		enc.Reset(enc.Buffer()[:0])
		dec.Reset(msg, true)
		if err := handle(context.Background(), &dec, &enc); err != nil {
			t.Error(err)
		}
	}))
}
