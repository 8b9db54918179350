//go:build unix

package descriptors

import (
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	pingo "github.com/pingogen/pingogen/runtime"
)

// listen answers each connection with what it sends.
func listen(t *testing.T) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			_ = echo(conn)
			conn.Close()
		}
	}()
	return l
}

// requireEcho sends something over a connection and closes it.
func requireEcho(t *testing.T, conn net.Conn) {
	t.Helper()
	_, err := io.WriteString(conn, "text")
	require.NoError(t, err)
	require.NoError(t, conn.(interface{ CloseWrite() error }).CloseWrite())
	got, err := io.ReadAll(conn)
	require.NoError(t, err)
	require.Equal(t, "text", string(got))
	require.NoError(t, conn.Close())
}

// The plugin makes a connection, and the host has it: by itself, with deadlines and all.
func TestConnectionOfThePlugin(t *testing.T) {
	each(t, func(t *testing.T, p *pingo.Plugin) {
		l := listen(t)
		c := NewSocketsClient(p)
		conn, err := c.Dial("tcp", l.Addr().String())
		require.NoError(t, err)
		require.IsType(t, &net.TCPConn{}, conn)
		require.Equal(t, l.Addr().String(), conn.RemoteAddr().String())
		require.NoError(t, conn.SetReadDeadline(time.Now().Add(time.Millisecond)))
		_, err = conn.Read(make([]byte, 1))
		require.ErrorIs(t, err, os.ErrDeadlineExceeded)
		require.NoError(t, conn.SetReadDeadline(time.Time{}))
		requireEcho(t, conn)
		tcp, err := c.DialTCP(l.Addr().String())
		require.NoError(t, err)
		requireEcho(t, tcp)
		require.NoError(t, l.Close())
		tcp, err = c.DialTCP(l.Addr().String())
		require.Error(t, err)
		require.Nil(t, tcp)
	})
}

func TestListenersOfThePlugin(t *testing.T) {
	each(t, func(t *testing.T, p *pingo.Plugin) {
		c := NewSocketsClient(p)
		l, err := c.Listen("tcp", "127.0.0.1:0")
		require.NoError(t, err)
		require.IsType(t, &net.TCPListener{}, l)
		requireListens(t, l)
		tcp, err := c.ListenTCP()
		require.NoError(t, err)
		requireListens(t, tcp)
		path := filepath.Join(t.TempDir(), "s")
		unix, err := c.ListenUnix(path)
		require.NoError(t, err)
		requireListens(t, unix) // the plugin has not removed the path
		_, err = os.Stat(path)
		require.NoError(t, err, "nor does the host: it cannot know whether it should")
	})
}

func requireListens(t *testing.T, l net.Listener) {
	t.Helper()
	dialed, err := net.Dial(l.Addr().Network(), l.Addr().String())
	require.NoError(t, err)
	accepted, err := l.Accept()
	require.NoError(t, err)
	go func() { _ = echo(accepted); accepted.Close() }()
	requireEcho(t, dialed)
	require.NoError(t, l.Close())
	require.Eventually(t, func() bool { // the plugin closes the last of its copies once it has left
		conn, err := net.Dial(l.Addr().Network(), l.Addr().String())
		if err == nil {
			conn.Close()
		}
		return err != nil
	}, time.Minute, time.Millisecond, "somebody else listens")
}

func TestPackets(t *testing.T) {
	each(t, func(t *testing.T, p *pingo.Plugin) {
		a, err := NewSocketsClient(p).Packets()
		require.NoError(t, err)
		b, err := NewSocketsClient(p).PacketsUDP()
		require.NoError(t, err)
		_, err = a.WriteTo([]byte("text"), b.LocalAddr())
		require.NoError(t, err)
		got := make([]byte, 8)
		n, from, err := b.ReadFrom(got)
		require.NoError(t, err)
		require.Equal(t, "text", string(got[:n]))
		require.Equal(t, a.LocalAddr().String(), from.String())
		require.NoError(t, a.Close())
		require.NoError(t, b.Close())
	})
}

// The plugin closes its own, and the connection is there until the host closes the other.
func TestConnectionOfTheHost(t *testing.T) {
	each(t, func(t *testing.T, p *pingo.Plugin) {
		l, err := net.Listen("unix", filepath.Join(t.TempDir(), "s"))
		require.NoError(t, err)
		a, err := net.Dial("unix", l.Addr().String())
		require.NoError(t, err)
		b, err := l.Accept()
		require.NoError(t, err)
		require.NoError(t, NewSocketsClient(p).Greet(a))
		_, err = io.WriteString(a, ", world")
		require.NoError(t, err)
		require.NoError(t, a.Close())
		got, err := io.ReadAll(b)
		require.NoError(t, err)
		require.Equal(t, "hello, world", string(got))
		require.NoError(t, b.Close())
		require.NoError(t, l.Close())
	})
}

func TestListenerOfTheHost(t *testing.T) {
	each(t, func(t *testing.T, p *pingo.Plugin) {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		require.NoError(t, err)
		served := make(chan error)
		go func() { served <- NewSocketsClient(p).Serve(l) }()
		conn, err := net.Dial("tcp", l.Addr().String())
		require.NoError(t, err)
		requireEcho(t, conn)
		require.NoError(t, <-served)
		require.NoError(t, l.Close())
	})
}

// What is a socket, and nothing else, travels as one; all else by reference.
func TestConnectionsByReference(t *testing.T) {
	each(t, func(t *testing.T, p *pingo.Plugin) {
		c := NewSocketsClient(p)
		l := listen(t)
		conn, err := net.Dial("tcp", l.Addr().String())
		require.NoError(t, err)
		require.Equal(t, "*net.TCPConn", kind(t, c, conn))
		require.Equal(t, "descriptors.netConnProxy", kind(t, c, wrapped{conn.(*net.TCPConn)}), "which has closed it")
		a, b := net.Pipe()
		require.Equal(t, "descriptors.netConnProxy", kind(t, c, a))
		require.NoError(t, b.Close())
		conn, err = c.Dial("tcp", l.Addr().String())
		require.NoError(t, err)
		proxy, err := c.Wrap(conn)
		require.NoError(t, err)
		require.NoError(t, conn.Close())
		require.Equal(t, "descriptors.netConnProxy", fmt.Sprintf("%T", proxy))
		_, err = io.WriteString(proxy, "text")
		require.NoError(t, err)
		got := make([]byte, 4)
		_, err = io.ReadFull(proxy, got)
		require.NoError(t, err)
		require.Equal(t, "text", string(got))
		require.NoError(t, proxy.Close())
		require.NoError(t, l.Close())
	})
}

func kind(t *testing.T, c *SocketsClient, conn net.Conn) string {
	t.Helper()
	kind, err := c.Kind(conn)
	require.NoError(t, err)
	return kind
}

// The items of a stream are bytes: a connection among them stays where it is.
func TestConnectionsInAStream(t *testing.T) {
	each(t, func(t *testing.T, p *pingo.Plugin) {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		require.NoError(t, err)
		conns, err := NewSocketsClient(p).Accept(t.Context(), l)
		require.NoError(t, err)
		dialed, err := net.Dial("tcp", l.Addr().String())
		require.NoError(t, err)
		conn := <-conns
		require.Equal(t, "descriptors.netConnProxy", fmt.Sprintf("%T", conn))
		require.NoError(t, conn.Close())
		require.NoError(t, dialed.Close())
		require.NoError(t, l.Close())
	})
}

func TestClosedConnection(t *testing.T) {
	each(t, func(t *testing.T, p *pingo.Plugin) {
		l, err := net.ListenUnix("unix", &net.UnixAddr{Name: filepath.Join(t.TempDir(), "s"), Net: "unix"})
		require.NoError(t, err)
		conn, err := net.DialUnix("unix", nil, l.Addr().(*net.UnixAddr))
		require.NoError(t, err)
		require.NoError(t, NewSocketsClient(p).Cast(conn))
		require.NoError(t, conn.Close())
		require.NoError(t, l.Close())
		require.ErrorIs(t, NewSocketsClient(p).Greet(conn), net.ErrClosed)
	})
}

// Where no descriptor can pass, a connection stays where it is, or is refused with the reason.
func TestConnectionsOverTCP(t *testing.T) {
	c := NewSocketsClient(start(t, "tcp"))
	l := listen(t)
	defer l.Close()
	conn, err := net.Dial("tcp", l.Addr().String())
	require.NoError(t, err)
	require.Equal(t, "descriptors.netConnProxy", kind(t, c, conn))
	proxy, err := c.Dial("tcp", l.Addr().String())
	require.NoError(t, err)
	require.NoError(t, proxy.Close())
	_, err = c.DialTCP(l.Addr().String())
	require.ErrorContains(t, err, "the reply cannot be sent: cannot encode: a *net.TCPConn cannot be sent: only unix sockets pass descriptors")
}
