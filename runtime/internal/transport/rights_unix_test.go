//go:build unix

package transport

import (
	"fmt"
	"io"
	"net"
	"os"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// eachPasser runs a test over sockets that pass descriptors, in both ways of reading.
// It leaves nothing open.
func eachPasser(t *testing.T, test func(t *testing.T, from, to Passer)) {
	kinds := map[string]func(testing.TB) (a, b Stream){
		"direct": func(t testing.TB) (a, b Stream) {
			host, other := socketPair(t)
			return FromConn(host), FromConn(other)
		},
		"by the network poller": func(t testing.TB) (a, b Stream) {
			host, other := socketPair(t)
			return newNetStream(host), newNetStream(other)
		},
	}
	for name, pair := range otherKinds {
		kinds[name] = func(t testing.TB) (a, b Stream) {
			host, other := pair(t)
			return FromConn(host), FromConn(other)
		}
	}
	for name, pair := range kinds {
		t.Run(name, func(t *testing.T) {
			before := countOpen(t)
			from, to := pair(t)
			require.NoError(t, CanPass(from))
			test(t, from.(Passer), to.(Passer))
			require.NoError(t, from.Close())
			require.NoError(t, to.Close())
			require.Equal(t, before, countOpen(t))
		})
	}
}

func socketPair(t testing.TB) (host, other net.Conn) {
	t.Helper()
	host, child, err := Pair()
	require.NoError(t, err)
	other, err = net.FileConn(child)
	require.NoError(t, err)
	require.NoError(t, child.Close())
	return host, other
}

func countOpen(t *testing.T) int {
	t.Helper()
	list, err := os.ReadDir("/dev/fd")
	require.NoError(t, err)
	return len(list)
}

// pipes returns the read ends of pipes, and descriptors of the other ends.
func pipes(t *testing.T, n int) (readers []*os.File, writers []int) {
	t.Helper()
	for range n {
		var p [2]int
		require.NoError(t, syscall.Pipe(p[:]))
		readers, writers = append(readers, os.NewFile(uintptr(p[0]), "pipe")), append(writers, p[1])
	}
	return readers, writers
}

// requireEnds writes to what has arrived, and reads it at the other ends, which nobody else has.
func requireEnds(t *testing.T, readers []*os.File, got []int) {
	t.Helper()
	require.Len(t, got, len(readers))
	for i, fd := range got {
		_, err := syscall.Write(fd, fmt.Appendf(nil, "pipe %d", i))
		require.NoError(t, err)
		require.NoError(t, syscall.Close(fd))
		text, err := io.ReadAll(readers[i])
		require.NoError(t, err)
		require.Equal(t, fmt.Sprintf("pipe %d", i), string(text))
		require.NoError(t, readers[i].Close())
	}
}

func closeAll(fds []int) { Received{Files: fds}.close() }

// However much is read at once, what goes along is there with the first byte.
func TestDescriptorsComeWithTheirBytes(t *testing.T) {
	eachPasser(t, func(t *testing.T, from, to Passer) {
		for size := 1; size < 20; size++ {
			first, ofFirst := pipes(t, 3)
			second, ofSecond := pipes(t, MaxFiles)
			_, err := from.Write([]byte("no files, "))
			require.NoError(t, err)
			n, err := from.TryWriteFiles([]byte("three, "), ofFirst)
			require.NoError(t, err)
			require.Equal(t, 7, n)
			n, err = from.WriteFiles([]byte("many"), ofSecond)
			require.NoError(t, err)
			require.Equal(t, 4, n)
			closeAll(ofFirst)
			closeAll(ofSecond)
			starts := map[int][]*os.File{10: first, 17: second}
			buf := make([]byte, size)
			for at := 0; at < 21; {
				n, err := to.Read(buf)
				require.NoError(t, err)
				got := to.Received()
				require.False(t, got.Cut)
				for start, readers := range starts {
					if at <= start && start < at+n {
						requireEnds(t, readers, got.Files)
						delete(starts, start)
						got.Files = nil
					}
				}
				require.Empty(t, got.Files, "at %d", at)
				at += n
			}
			require.Empty(t, starts)
		}
	})
}

func TestDescriptorsAreNotInherited(t *testing.T) {
	eachPasser(t, func(t *testing.T, from, to Passer) {
		readers, writers := pipes(t, 1)
		_, err := from.WriteFiles([]byte("x"), writers)
		require.NoError(t, err)
		closeAll(writers)
		_, err = to.Read(make([]byte, 1))
		require.NoError(t, err)
		got := to.Received().Files
		require.Len(t, got, 1)
		flags, _, errno := syscall.Syscall(syscall.SYS_FCNTL, uintptr(got[0]), syscall.F_GETFD, 0)
		require.Zero(t, errno)
		require.EqualValues(t, syscall.FD_CLOEXEC, flags&syscall.FD_CLOEXEC)
		requireEnds(t, readers, got)
	})
}

// Where there is no room, nothing leaves; what is larger than the room leaves bit by
// bit, and what goes along with it once.
func TestDescriptorsWithoutRoom(t *testing.T) {
	eachPasser(t, func(t *testing.T, from, to Passer) {
		readers, writers := pipes(t, 2)
		filled := 0
		for {
			n, err := from.TryWrite(make([]byte, 1<<10))
			require.NoError(t, err)
			if n == 0 {
				break
			}
			filled += n
		}
		n, err := from.TryWriteFiles([]byte("no room"), writers)
		require.NoError(t, err)
		require.Zero(t, n)
		const size = 3 << 20
		written := make(chan error)
		go func() {
			n, err := from.WriteFiles(make([]byte, size), writers)
			if n != size && err == nil {
				err = io.ErrShortWrite
			}
			closeAll(writers)
			written <- err
		}()
		var files []int
		for left := filled + size; left > 0; {
			n, err := to.Read(make([]byte, 64<<10))
			require.NoError(t, err)
			files = append(files, to.Received().Files...)
			left -= n
		}
		require.NoError(t, <-written)
		requireEnds(t, readers, files)
	})
}

// What nobody asks for is closed when more comes.
func TestDescriptorsThatNobodyTakes(t *testing.T) {
	eachPasser(t, func(t *testing.T, from, to Passer) {
		readers, writers := pipes(t, 2)
		for i := range writers {
			_, err := from.WriteFiles([]byte("x"), writers[i:i+1])
			require.NoError(t, err)
			_, err = to.Read(make([]byte, 8))
			require.NoError(t, err)
		}
		closeAll(writers)
		text, err := io.ReadAll(readers[0])
		require.NoError(t, err)
		require.Empty(t, text)
		require.NoError(t, readers[0].Close())
		requireEnds(t, readers[1:], to.Received().Files)
	})
}

func TestStreamsThatPassNoDescriptors(t *testing.T) {
	eachKind(t, func(t *testing.T, a, b Stream) {
		why := CanPass(a)
		if why == nil {
			t.Skip("it does")
		}
		require.EqualError(t, why, `only unix sockets pass descriptors, and the connection between host and plugin is none: use "auto" or "unix"`)
		_, err := a.(Passer).WriteFiles([]byte("x"), []int{0})
		require.Equal(t, why, err)
		_, err = a.(Passer).TryWriteFiles([]byte("x"), []int{0})
		require.Equal(t, why, err)
		require.Zero(t, a.(Passer).Received())
	})
}
