//go:build unix

package tool_test

import (
	"context"
	"io"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pingogen/pingogen/runtime/tool"
)

// pipe makes one that nobody writes to.
func pipe(t *testing.T) string {
	path := filepath.Join(t.TempDir(), "pipe")
	require.NoError(t, syscall.Mkfifo(path, 0o600))
	return path
}

// To wait for what an argument names ends with the call's context.
func TestCallDoesNotWaitForArgumentsForever(t *testing.T) {
	hello := open(t, "hello")
	silent, w := io.Pipe()
	defer w.Close()
	hello.Stdin = silent
	for _, arg := range []string{"-", "@" + pipe(t)} {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		err := hello.Call(ctx, "SayHello", []string{arg}, nil)
		require.ErrorIs(t, err, context.Canceled)
		require.ErrorAs(t, err, new(*tool.ArgumentError))
	}
}
