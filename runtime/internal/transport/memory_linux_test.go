package transport

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"github.com/stretchr/testify/require"

	"github.com/pingogen/pingogen/runtime/internal/memfd"
)

func init() { otherKinds["memory"] = memoryPair }

// ringSize is that of the tests, the smallest that there is.
const ringSize = MinRing

// sharingPair returns both ends of what may go on through shared memory, as two processes have them.
func sharingPair(t testing.TB) (host, other net.Conn) {
	t.Helper()
	host, files, err := SharedPair(ringSize)
	require.NoError(t, err)
	var numbers []uintptr
	for _, f := range files {
		fd, err := syscall.Dup(int(f.Fd()))
		require.NoError(t, err)
		require.NoError(t, f.Close())
		numbers = append(numbers, uintptr(fd))
	}
	other, err = InheritedSharing(numbers[0], numbers[1])
	require.NoError(t, err)
	return host, other
}

// memoryPair returns both ends of shared memory.
func memoryPair(t testing.TB) (host, other net.Conn) {
	host, other = sharingPair(t)
	for _, c := range []net.Conn{host, other} {
		require.NoError(t, c.(*Sharing).Share())
	}
	return host.(*Sharing).withdraw(), other.(*Sharing).withdraw()
}

// A connection may be closed while it moves to shared memory, which is not used without being mapped then.
func TestSharingThatIsClosedMeanwhile(t *testing.T) {
	for range 100 {
		host, other := sharingPair(t)
		closed := make(chan struct{})
		go func() {
			defer close(closed)
			_ = other.Close()
		}()
		_ = other.(*Sharing).Share() // may come too late
		_, err := other.Write([]byte("x"))
		for err == nil { // it was moved before it was closed
			_, err = other.Write([]byte("x"))
		}
		<-closed
		require.NoError(t, host.Close())
	}
}

// What is closed lets go of its memory once, however often it is used later: another stream may have got the same addresses.
func TestClosedMemoryLeavesOthersAlone(t *testing.T) {
	var used []net.Conn
	for range 20 {
		a, b := memoryPair(t)
		for _, c := range used {
			_, err := c.Read(make([]byte, 1))
			require.ErrorIs(t, err, net.ErrClosed)
		}
		_, err := a.Write([]byte("x"))
		require.NoError(t, err)
		_, err = io.ReadFull(b, make([]byte, 1))
		require.NoError(t, err)
		for _, c := range []net.Conn{a, b} {
			require.NoError(t, c.Close())
			used = append(used, c)
		}
		for s := range 2 { // both regions are free when nobody waits for the end any more
			m := used[len(used)-1-s].(*memory)
			require.Eventually(t, func() bool { return m.users.n.Load() == closed|gone }, time.Minute, time.Millisecond)
		}
	}
}

func memories(t testing.TB) (a, b *memory) {
	x, y := memoryPair(t)
	a, b = x.(*memory), y.(*memory)
	t.Cleanup(func() {
		_ = a.Close()
		_ = b.Close()
	})
	return a, b
}

// What is written goes round the ring, whatever the lengths of writes and reads are.
func TestMemoryGoesRound(t *testing.T) {
	a, b := memories(t)
	want := make([]byte, 3*ringSize+12345)
	for i := range want {
		want[i] = byte(i * 7 >> 3)
	}
	go func() {
		for p, n := want, 1; len(p) > 0; n = n*3 + 1 {
			n = min(n, len(p))
			if _, err := a.Write(p[:n]); err != nil {
				return
			}
			p = p[n:]
		}
	}()
	var got []byte
	for buf := make([]byte, 70_001); len(got) < len(want); {
		n, err := b.Read(buf[:1+len(got)%len(buf)])
		require.NoError(t, err)
		got = append(got, buf[:n]...)
	}
	require.True(t, bytes.Equal(want, got))
}

func TestMemoryIsFull(t *testing.T) {
	a, b := memories(t)
	n, err := a.TryWrite(make([]byte, 2*ringSize))
	require.NoError(t, err)
	require.Equal(t, ringSize, n)
	n, err = a.TryWriteFiles([]byte("x"), []int{0})
	require.NoError(t, err)
	require.Zero(t, n)
	require.NoError(t, a.SetWriteDeadline(time.Now().Add(time.Millisecond)))
	_, err = a.Write([]byte("x"))
	require.ErrorIs(t, err, os.ErrDeadlineExceeded)
	_, err = io.ReadFull(b, make([]byte, ringSize))
	require.NoError(t, err)
	_, err = a.Write([]byte("x"))
	require.NoError(t, err, "there is room")
}

func TestMemoryDeadlines(t *testing.T) {
	a, b := memories(t)
	failed := make(chan error, 2)
	go func() {
		_, err := a.Read(make([]byte, 1))
		failed <- err
	}()
	go func() {
		_, err := a.Write(make([]byte, 2*ringSize))
		failed <- err
	}()
	require.NoError(t, a.SetDeadline(time.Unix(1, 0)))
	for range 2 {
		require.ErrorIs(t, <-failed, os.ErrDeadlineExceeded)
	}
	require.NoError(t, a.SetDeadline(time.Time{}))
	_, err := b.Write([]byte("x"))
	require.NoError(t, err)
	_, err = a.Read(make([]byte, 1))
	require.NoError(t, err)
}

// A peer can write anything to what is shared. Its own connection ends by it, at worst.
func TestNonsenseInMemory(t *testing.T) {
	for name, spoil := range map[string]func(in, out *ring){
		"more than there can be": func(in, _ *ring) { in.head.Store(ringSize + 1) },
		"less than was read":     func(in, _ *ring) { in.head.Store(1 << 63) },
		"descriptors that did not come": func(in, _ *ring) {
			in.passed.Store(1)
			in.head.Store(1)
		},
	} {
		t.Run(name, func(t *testing.T) {
			a, _ := memories(t)
			spoil(a.in.ring, a.out.ring)
			_, err := a.Read(make([]byte, 1))
			require.Error(t, err)
			require.NotErrorIs(t, err, io.EOF)
		})
	}
	a, _ := memories(t)
	a.out.tail.Store(1)
	_, err := a.Write([]byte("x"))
	require.ErrorIs(t, err, errCorrupt, "more was read than written")
}

// Who could shrink the memory could end who touches it.
func TestMemoryIsSealed(t *testing.T) {
	host, files, err := SharedPair(ringSize)
	require.NoError(t, err)
	require.Error(t, files[1].Truncate(1))
	require.NoError(t, host.Close())
	require.NoError(t, files[0].Close())
	require.NoError(t, files[1].Close())
	for name, size := range map[string]int64{"not sealed": regionHead + 2*ringSize, "small": regionHead, "of an odd size": regionHead + 2*(ringSize+4096)} {
		f, err := memfd.New(name, memfd.Data)
		require.NoError(t, err)
		require.NoError(t, f.Truncate(size))
		if name != "not sealed" {
			require.NoError(t, memfd.AddSeals(f, regionSeals))
		}
		_, err = mapRegion(f)
		require.Error(t, err, name)
		require.NoError(t, f.Close())
	}
}

// A connection that does not go on through memory stays a socket, and gives the memory up.
func TestNobodyHasToShare(t *testing.T) {
	// mapped tells whether the region is mapped still; others of this process may come and go.
	mapped := func(region []byte) bool {
		maps, err := os.ReadFile("/proc/self/maps")
		require.NoError(t, err)
		return strings.Contains(string(maps), fmt.Sprintf("%x-%x ", uintptr(unsafe.Pointer(unsafe.SliceData(region))), uintptr(unsafe.Pointer(unsafe.SliceData(region)))+uintptr(len(region))))
	}
	x, y := sharingPair(t)
	_, err := x.Write([]byte("hello"))
	require.NoError(t, err)
	_, err = io.ReadFull(y, make([]byte, 5))
	require.NoError(t, err)
	region := x.(*Sharing).region
	require.True(t, mapped(region))
	a, b := FromConn(x), FromConn(y)
	require.False(t, mapped(region))
	_, err = a.Write([]byte("x"))
	require.NoError(t, err)
	_, err = b.Read(make([]byte, 1))
	require.NoError(t, err)
	require.NoError(t, a.Close())
	require.NoError(t, b.Close())

	x, y = sharingPair(t)
	region = y.(*Sharing).region
	require.NoError(t, x.Close())
	require.NoError(t, y.Close())
	require.False(t, mapped(region))
}

// What is no shared memory leaves the plugin with the socket.
func TestInheritedWithoutMemory(t *testing.T) {
	host, child, err := Pair()
	require.NoError(t, err)
	defer host.Close()
	f, err := memfd.New("nothing", memfd.Data)
	require.NoError(t, err)
	fd, err := syscall.Dup(int(child.Fd()))
	require.NoError(t, err)
	region, err := syscall.Dup(int(f.Fd()))
	require.NoError(t, err)
	require.NoError(t, child.Close())
	require.NoError(t, f.Close())
	c, err := InheritedSharing(uintptr(fd), uintptr(region))
	require.NoError(t, err)
	require.IsType(t, (*net.UnixConn)(nil), c)
	require.NoError(t, c.Close())
}

// Nobody may ask for what came along, such as who reads only the bytes of a Hello.
func TestMemoryClosesWhatNobodyAskedFor(t *testing.T) {
	a, b := memories(t)
	end, passed, err := os.Pipe()
	require.NoError(t, err)
	defer end.Close()
	_, err = b.WriteFiles([]byte("x"), []int{int(passed.Fd())})
	require.NoError(t, err)
	require.NoError(t, passed.Close())
	_, err = a.Read(make([]byte, 1))
	require.NoError(t, err)
	require.NoError(t, a.Close())
	require.NoError(t, end.SetReadDeadline(time.Now().Add(time.Minute)))
	_, err = end.Read(make([]byte, 1))
	require.ErrorIs(t, err, io.EOF)
	require.Empty(t, a.Received())
}

// FuzzMemory has a peer do what its bytes say, with the memory, the socket and
// descriptors. What it does to the other end is at most an error.
func FuzzMemory(f *testing.F) {
	f.Add([]byte{0, 0, 255, 1, 9, 2, 9, 3, 9, 4, 9, 5, 9, 6, 9, 7, 9})
	f.Add([]byte{5, 1, 2, 1, 5, 1, 2, 64, 4, 3, 2, 64})
	f.Add([]byte{0, 4, 1, 2, 1, 0, 9, 7, 6, 200, 6, 200, 6, 200, 6, 200})
	f.Fuzz(func(t *testing.T, ops []byte) {
		end, passed, err := os.Pipe()
		require.NoError(t, err)
		defer end.Close()
		fd := int(passed.Fd())
		x, y := memoryPair(t)
		us, peer := x.(*memory), y.(*memory)
		for _, s := range []*memory{us, peer} {
			require.NoError(t, s.SetDeadline(time.Unix(1, 0))) // nobody waits
		}
		words := (*[regionHead / 8]atomic.Uint64)(unsafe.Pointer(&peer.region[0]))
		buf := make([]byte, 256<<10)
		for ; len(ops) >= 2; ops = ops[2:] {
			n := int(ops[1])
			switch ops[0] % 8 {
			case 0: // the peer writes to a word of a ring's head
				if len(ops) < 4 {
					break
				}
				words[n%12*16].Store(uint64(ops[2]) << (ops[3] % 64))
				ops = ops[2:]
			case 1:
				_, _ = peer.TryWrite(buf[:n])
			case 2:
				if got, err := us.Read(buf[:n]); err == nil {
					require.LessOrEqual(t, got, n)
				}
				us.Received().close()
			case 3:
				_, _ = us.TryWrite(buf[:n<<10])
			case 4:
				_ = peer.raw.Control(func(fd uintptr) {
					_ = syscall.Sendto(int(fd), binary.LittleEndian.AppendUint64(nil, uint64(n)), syscall.MSG_DONTWAIT, nil)
				})
			case 5:
				_, _ = peer.TryWriteFiles(buf[:n], []int{fd, fd})
			case 6:
				_, _ = us.TryWriteFiles(buf[:n], []int{fd})
			case 7:
				_, _ = peer.Read(buf[:n])
				peer.Received().close()
			}
		}
		require.NoError(t, us.Close())
		require.NoError(t, peer.Close())
		us.Received().close()
		peer.Received().close()
		require.NoError(t, passed.Close())
		require.NoError(t, end.SetReadDeadline(time.Now().Add(time.Minute)))
		_, err = end.Read(make([]byte, 1))
		require.ErrorIs(t, err, io.EOF, "nobody has a copy of what was passed")
	})
}
