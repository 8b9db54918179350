package transport

import (
	"runtime"
	"syscall"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"
)

// A peer that sends more than it may is found out, and the rest is not kept.
func TestMoreDescriptorsThanAllowed(t *testing.T) {
	eachPasser(t, func(t *testing.T, from, to Passer) {
		readers, writers := pipes(t, MaxFiles+6)
		_, err := from.WriteFiles([]byte("x"), writers)
		require.NoError(t, err)
		closeAll(writers)
		_, err = to.Read(make([]byte, 8))
		require.NoError(t, err)
		got := to.Received()
		require.True(t, got.Cut)
		require.Len(t, got.Files, MaxFiles)
		closeAll(got.Files)
		for _, r := range readers {
			require.NoError(t, r.Close())
		}
	})
}

// Linux limits what descriptors of a user are on the way. Who may not exceed that waits.
func TestManyDescriptorsOnTheWay(t *testing.T) {
	eachPasser(t, func(t *testing.T, from, to Passer) {
		var limit syscall.Rlimit
		require.NoError(t, syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit))
		low := limit
		low.Cur = min(limit.Cur, 200)
		require.NoError(t, syscall.Setrlimit(syscall.RLIMIT_NOFILE, &low))
		defer func() { require.NoError(t, syscall.Setrlimit(syscall.RLIMIT_NOFILE, &limit)) }()
		readers, writers := pipes(t, 1)
		defer closeAll(writers)
		defer readers[0].Close()
		many := make([]int, MaxFiles)
		for i := range many {
			many[i] = writers[0]
		}
		const writes = 12 // which the socket has room for
		written := make(chan error, 2*writes)
		full := make(chan bool, 1)
		go func() {
			dropPrivileges()
			defer close(written)
			left := writes
			for n := 1; n > 0 && left > 0; left -= n {
				var err error
				n, err = from.TryWriteFiles([]byte("x"), many)
				written <- err
			}
			full <- left > 0
			for range left {
				_, err := from.WriteFiles([]byte("x"), many)
				written <- err
			}
		}()
		require.True(t, <-full)
		for range writes {
			_, err := to.Read(make([]byte, 1))
			require.NoError(t, err)
			got := to.Received()
			require.False(t, got.Cut)
			require.Len(t, got.Files, MaxFiles)
			closeAll(got.Files)
		}
		for err := range written {
			require.NoError(t, err)
		}
	})
}

// dropPrivileges takes from this thread what would exempt it from limits. The thread
// ends with its goroutine.
func dropPrivileges() {
	runtime.LockOSThread()
	header := struct {
		version uint32
		pid     int32
	}{version: 0x20080522}
	var none [6]uint32
	_, _, _ = syscall.RawSyscall(syscall.SYS_CAPSET, uintptr(unsafe.Pointer(&header)), uintptr(unsafe.Pointer(&none)), 0)
}
