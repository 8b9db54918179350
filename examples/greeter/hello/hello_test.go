package hello_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pingogen/pingogen/examples/greeter/greeter"
	"github.com/pingogen/pingogen/examples/greeter/hello"
	"github.com/pingogen/pingogen/runtime/pingotest"
)

var _ = pingotest.Use(hello.New, greeter.NewGreeterClient, greeter.RegisterGreeter, "../cmd/hello-plugin")

func TestHello(t *testing.T) {
	pingotest.Run(t, func(t *testing.T, g greeter.Greeter) {
		msg, err := g.SayHello(t.Context(), "Go developer")
		require.NoError(t, err)
		require.Equal(t, "Hello, Go developer", msg)
		_, err = g.SayHello(t.Context(), "")
		require.EqualError(t, err, "nobody to greet")
	})
}
