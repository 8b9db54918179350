package transport

import (
	"errors"
	"io"
	"net"
	"testing"

	"github.com/stretchr/testify/require"
)

// connected returns the ends of every kind of stream that there is here.
func connected(t *testing.T) map[string][2]net.Conn {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	dialed, err := net.Dial("tcp", l.Addr().String())
	require.NoError(t, err)
	accepted, err := l.Accept()
	require.NoError(t, err)
	a, b := net.Pipe()
	kinds := map[string][2]net.Conn{"tcp": {dialed, accepted}, "pipe": {a, b}}
	if host, child, err := Pair(); err == nil {
		c, err := net.FileConn(child)
		require.NoError(t, err)
		require.NoError(t, child.Close())
		kinds["pair"] = [2]net.Conn{host, c}
	}
	for name, pair := range otherKinds {
		a, b := pair(t)
		kinds[name] = [2]net.Conn{a, b}
	}
	return kinds
}

// otherKinds are those of this system, by name.
var otherKinds = map[string]func(testing.TB) (a, b net.Conn){}

func eachKind(t *testing.T, test func(t *testing.T, a, b Stream)) {
	for name, ends := range connected(t) {
		t.Run(name, func(t *testing.T) {
			a, b := FromConn(ends[0]), FromConn(ends[1])
			defer a.Close()
			defer b.Close()
			test(t, a, b)
		})
	}
	for name, ends := range connected(t) {
		t.Run(name+" by the network poller", func(t *testing.T) {
			a, b := newNetStream(ends[0]), newNetStream(ends[1])
			defer a.Close()
			defer b.Close()
			test(t, a, b)
		})
	}
}

func TestBytesArriveInOrder(t *testing.T) {
	eachKind(t, func(t *testing.T, a, b Stream) {
		go func() {
			a.Write([]byte("one "))
			a.Write([]byte("two"))
			a.Close()
		}()
		got, err := io.ReadAll(b)
		require.NoError(t, err)
		require.Equal(t, "one two", string(got))
	})
}

func TestBriefReadEnds(t *testing.T) {
	eachKind(t, func(t *testing.T, a, b Stream) {
		buf := make([]byte, 8)
		for _, hint := range []Hint{Brief, Brief | Alone, Brief | Spin, Brief | Alone | Spin, Brief | Alone | Near} {
			_, err := a.ReadHint(buf, hint)
			require.ErrorIs(t, err, ErrNothing)
		}
		go b.Write([]byte("x"))
		n, err := a.Read(buf)
		require.NoError(t, err)
		require.Equal(t, "x", string(buf[:n]))
	})
}

func TestReadWithAnyHint(t *testing.T) {
	eachKind(t, func(t *testing.T, a, b Stream) {
		for hint := range Near << 1 {
			written := make(chan struct{})
			go func() { defer close(written); b.Write([]byte{'x'}) }()
			buf := make([]byte, 8)
			n, err := a.ReadHint(buf, hint)
			for errors.Is(err, ErrNothing) {
				n, err = a.ReadHint(buf, hint)
			}
			require.NoError(t, err)
			require.Equal(t, "x", string(buf[:n]))
			<-written
		}
	})
}

// A write that waits for room ends with Close, too.
func TestCloseEndsWrite(t *testing.T) {
	eachKind(t, func(t *testing.T, a, b Stream) {
		failed := make(chan error)
		go func() {
			_, err := a.Write(make([]byte, 64<<20))
			failed <- err
		}()
		_, err := b.Read(make([]byte, 1))
		require.NoError(t, err)
		require.NoError(t, a.Close())
		require.Error(t, <-failed)
	})
}

func TestEndOfPeerIsEOF(t *testing.T) {
	eachKind(t, func(t *testing.T, a, b Stream) {
		require.NoError(t, b.Close())
		for _, hint := range []Hint{0, Brief, Alone | Spin, Alone | Near} {
			_, err := a.ReadHint(make([]byte, 1), hint)
			require.ErrorIs(t, err, io.EOF)
		}
	})
}

func TestCloseEndsRead(t *testing.T) {
	eachKind(t, func(t *testing.T, a, b Stream) {
		failed := make(chan error)
		go func() {
			_, err := a.Read(make([]byte, 1))
			failed <- err
		}()
		require.NoError(t, a.Close())
		require.Error(t, <-failed)
	})
}
