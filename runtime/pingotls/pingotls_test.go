package pingotls

import (
	"bytes"
	"crypto/tls"
	"io"
	"net"
	"testing"

	"github.com/stretchr/testify/require"
)

// pair is two sides of one connection, before either has said anything.
func pair(t *testing.T) (host, plugin *encrypter, a, b net.Conn) {
	host, err := newEncrypter()
	require.NoError(t, err)
	plugin, err = newEncrypter()
	require.NoError(t, err)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	a, err = net.Dial("tcp", l.Addr().String())
	require.NoError(t, err)
	b, err = l.Accept()
	require.NoError(t, err)
	t.Cleanup(func() {
		_ = a.Close()
		_ = b.Close()
	})
	return host, plugin, a, b
}

// spy keeps what it reads.
type spy struct {
	net.Conn
	seen bytes.Buffer
}

func (s *spy) Read(p []byte) (int, error) {
	n, err := s.Conn.Read(p)
	s.seen.Write(p[:n])
	return n, err
}

func TestWhatIsSentCannotBeRead(t *testing.T) {
	host, plugin, a, b := pair(t)
	wire := &spy{Conn: b}
	go func() {
		c := host.Client(a, plugin.Public())
		_, _ = c.Write([]byte("the secret"))
		_ = c.Close()
	}()
	got, err := io.ReadAll(plugin.Server(wire, host.Public()))
	require.NoError(t, err)
	require.Equal(t, "the secret", string(got))
	require.NotEmpty(t, wire.seen.Bytes())
	require.NotContains(t, wire.seen.String(), "secret")
}

func TestNobodyElseIsLetIn(t *testing.T) {
	stranger, err := newEncrypter()
	require.NoError(t, err)
	for name, connect := range map[string]func(c net.Conn, plugin []byte) net.Conn{
		"another certificate": stranger.Client,
		"no certificate": func(c net.Conn, _ []byte) net.Conn {
			return tls.Client(c, &tls.Config{InsecureSkipVerify: true})
		},
		"no TLS": func(c net.Conn, _ []byte) net.Conn { return c },
	} {
		t.Run(name, func(t *testing.T) {
			host, plugin, a, b := pair(t)
			go func() {
				c := connect(a, plugin.Public())
				_, _ = c.Write([]byte("GET / HTTP/1.1\r\n\r\n"))
				_, _ = io.Copy(io.Discard, c)
				_ = a.Close()
			}()
			n, err := plugin.Server(b, host.Public()).Read(make([]byte, 1))
			require.Error(t, err)
			require.Zero(t, n)
		})
	}
}

func TestHostDoesNotTalkToAnotherPlugin(t *testing.T) {
	host, plugin, a, b := pair(t)
	stranger, err := newEncrypter()
	require.NoError(t, err)
	go func() {
		_, _ = io.Copy(io.Discard, stranger.Server(b, host.Public()))
		_ = b.Close()
	}()
	_, err = host.Client(a, plugin.Public()).Write([]byte("the secret"))
	require.ErrorIs(t, err, errStranger)
}

func TestCertificatesAreForOneConnection(t *testing.T) {
	a, err := newEncrypter()
	require.NoError(t, err)
	b, err := newEncrypter()
	require.NoError(t, err)
	require.NotEqual(t, a.Public(), b.Public())
	require.Less(t, len(a.Public()), 1000, "the offer has to fit a pipe")
}
