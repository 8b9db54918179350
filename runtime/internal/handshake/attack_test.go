package handshake

import (
	"net"
	"testing"

	"github.com/stretchr/testify/require"
)

// requireSentAway requires that c gets not a byte.
func requireSentAway(t *testing.T, c net.Conn) {
	t.Helper()
	n, err := c.Read(make([]byte, 1))
	require.Error(t, err)
	require.Zero(t, n)
	require.NoError(t, c.Close())
}

// Each attacker is there before the host, and the host gets in all the same.
func TestAttackers(t *testing.T) {
	attacks := map[string]func(t *testing.T, key secret, c net.Conn){
		"says nothing": func(*testing.T, secret, net.Conn) {},
		"a byte, and then nothing": func(t *testing.T, key secret, c net.Conn) {
			_, err := c.Write(key[:1])
			require.NoError(t, err)
		},
		"all but the last byte": func(t *testing.T, key secret, c net.Conn) {
			key[len(key)-1]++
			_, err := c.Write(key[:])
			require.NoError(t, err)
		},
		"HTTP": func(t *testing.T, _ secret, c net.Conn) {
			_, err := c.Write([]byte("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"))
			require.NoError(t, err)
		},
	}
	eachListening(t, func(t *testing.T, kind string) {
		for name, attack := range attacks {
			t.Run(name, func(t *testing.T) {
				m := meet(t, kind)
				a, dial := m.announced(t)
				attacker := dial()
				attack(t, m.offer.offer.key, attacker)
				host := dial()
				defer host.Close()
				require.NoError(t, m.offer.authenticate(host, a.key))
				plugin := <-m.accepted
				defer plugin.Close()
				requireSentAway(t, attacker)
			})
		}
	})
}

// Even who knows the key comes too late once the host is in.
func TestSecondPeerWithTheKey(t *testing.T) {
	eachListening(t, func(t *testing.T, kind string) {
		m := meet(t, kind)
		a, dial := m.announced(t)
		host, second := dial(), dial()
		defer host.Close()
		require.NoError(t, m.offer.authenticate(host, a.key))
		plugin := <-m.accepted
		defer plugin.Close()
		_, _ = second.Write(m.offer.offer.key[:]) // it may have been sent away already
		requireSentAway(t, second)
		_, err := m.offer.dial(t.Context(), a)
		require.Error(t, err, "nobody listens any more")
	})
}

// A host that wants encryption does not do without it.
func TestEncryptionIsThereOrSaidToBeMissing(t *testing.T) {
	_, err := NewOffer(Way{Transport: "tcp", Encrypt: true})
	require.EqualError(t, err, `Config.TLS needs import _ "github.com/pingogen/pingogen/runtime/pingotls", in the host and in the plugin`)

	NewEncrypter = func() (Encrypter, error) { return noEncrypter{}, nil }
	o, err := NewOffer(Way{Transport: "tcp", Encrypt: true})
	NewEncrypter = nil
	require.NoError(t, err)
	defer o.Close()
	receive, send := o.child[0], o.child[1]
	failed := make(chan error, 1)
	go func() {
		_, err := acceptOn("tcp", receive, send)
		failed <- err
	}()
	_, err = o.Connect(t.Context())
	require.ErrorAs(t, err, new(*ListenError))
	require.ErrorContains(t, err, "runtime/pingotls")
	require.Error(t, <-failed)
}

// noEncrypter says that it is one.
type noEncrypter struct{}

func (noEncrypter) Public() []byte                       { return []byte("certificate") }
func (noEncrypter) Client(c net.Conn, _ []byte) net.Conn { return c }
func (noEncrypter) Server(c net.Conn, _ []byte) net.Conn { return c }
