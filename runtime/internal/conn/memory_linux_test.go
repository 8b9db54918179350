package conn

import (
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pingogen/pingogen/runtime/internal/transport"
)

func init() {
	streams["memory"] = func(t testing.TB) (a, b transport.Stream) {
		host, files, err := transport.SharedPair(256 << 10)
		require.NoError(t, err)
		var numbers []uintptr
		for _, f := range files {
			fd, err := syscall.Dup(int(f.Fd()))
			require.NoError(t, err)
			require.NoError(t, f.Close())
			numbers = append(numbers, uintptr(fd))
		}
		plugin, err := transport.InheritedSharing(numbers[0], numbers[1])
		require.NoError(t, err)
		require.NoError(t, host.Share())
		require.NoError(t, plugin.(*transport.Sharing).Share())
		return transport.FromConn(host), transport.FromConn(plugin)
	}
}
