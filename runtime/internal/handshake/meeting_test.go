package handshake

import (
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func listening(t *testing.T) []string {
	l, err := net.Listen("unix", shortDir(t)+"/s")
	if err != nil {
		return []string{"tcp"}
	}
	require.NoError(t, l.Close())
	return []string{"unix", "tcp"}
}

func shortDir(t *testing.T) string {
	dir, err := os.MkdirTemp("", "pingo-test-")
	require.NoError(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

// meeting is a host and a plugin, in one process, before they are connected.
type meeting struct {
	offer    *Offer
	accepted chan net.Conn
	failed   chan error
}

func meet(t *testing.T, kind string) *meeting {
	t.Helper()
	o, err := NewOffer(Way{Transport: kind, Directory: shortDir(t)})
	require.NoError(t, err)
	t.Cleanup(o.Close)
	m := &meeting{offer: o, accepted: make(chan net.Conn, 1), failed: make(chan error, 1)}
	receive, send := o.child[0], o.child[1]
	o.child = nil
	go func() {
		defer send.Close()
		c, err := acceptOn(kind, receive, send)
		if err != nil {
			m.failed <- err
			return
		}
		m.accepted <- c
	}()
	return m
}

func eachListening(t *testing.T, test func(t *testing.T, kind string)) {
	for _, kind := range listening(t) {
		t.Run(kind, func(t *testing.T) { test(t, kind) })
	}
}

func TestMeeting(t *testing.T) {
	eachListening(t, func(t *testing.T, kind string) {
		m := meet(t, kind)
		host, err := m.offer.Connect(t.Context())
		require.NoError(t, err)
		m.offer.Close()
		for _, path := range m.offer.offer.cleanup {
			require.NoFileExists(t, path)
			require.NoDirExists(t, path)
		}
		plugin := <-m.accepted
		got, _, err, _ := exchange(t.Context(), host, plugin)
		require.NoError(t, err)
		require.Equal(t, hello, got)
		require.NoError(t, host.Close())
		require.NoError(t, plugin.Close())
	})
}

// announced returns what a plugin told its host, and how to connect to it.
func (m *meeting) announced(t *testing.T) (a *announcement, dial func() net.Conn) {
	t.Helper()
	a, err := m.offer.announcement(t.Context())
	require.NoError(t, err)
	return a, func() net.Conn {
		c, err := m.offer.dial(t.Context(), a)
		require.NoError(t, err)
		return c
	}
}

// A start that ends while the host connects says why it ended.
func TestConnectTellsWhyItsTimeIsOver(t *testing.T) {
	eachListening(t, func(t *testing.T, kind string) {
		m := meet(t, kind)
		a, _ := m.announced(t)
		why := errors.New("stopped")
		ctx, cancel := context.WithCancelCause(t.Context())
		cancel(why)
		_, err := m.offer.dial(ctx, a)
		require.Equal(t, why, err)
		late, cancelLate := context.WithDeadlineCause(t.Context(), time.Unix(1, 0), why)
		defer cancelLate()
		_, err = m.offer.dial(late, a)
		require.Equal(t, why, err)
	})
}

func TestStrangersAreNotLetIn(t *testing.T) {
	eachListening(t, func(t *testing.T, kind string) {
		m := meet(t, kind)
		a, dial := m.announced(t)

		require.NoError(t, dial().Close(), "connecting and closing does no harm")
		silent := dial()
		liar := dial()
		_, err := liar.Write(make([]byte, 32))
		require.NoError(t, err)
		n, err := liar.Read(make([]byte, 1))
		require.Error(t, err)
		require.Zero(t, n, "not a byte for who does not know the key")

		host := dial()
		require.NoError(t, m.offer.authenticate(host, a.key))
		plugin := <-m.accepted
		defer plugin.Close()
		defer host.Close()

		_, err = silent.Read(make([]byte, 1))
		require.Error(t, err, "who waited is sent away")
		_, err = m.offer.dial(t.Context(), a)
		require.Error(t, err, "nobody listens any more")
	})
}

func TestManyStrangersDoNotKeepTheHostOut(t *testing.T) {
	m := meet(t, "tcp")
	a, dial := m.announced(t)
	for range 10 * maxPeers {
		defer dial().Close()
	}
	for {
		host := dial()
		if m.offer.authenticate(host, a.key) == nil {
			defer host.Close()
			break
		}
		require.NoError(t, host.Close()) // no room until the time of the others is over
	}
	require.NoError(t, (<-m.accepted).Close())
}

func TestImpostorIsNotTrusted(t *testing.T) {
	eachListening(t, func(t *testing.T, kind string) {
		m := meet(t, kind)
		a, dial := m.announced(t)
		a.key[0]++
		c := dial()
		defer c.Close()
		require.ErrorIs(t, m.offer.authenticate(c, a.key), errImpostor)
		require.NoError(t, (<-m.accepted).Close())
	})
}

func TestPluginNoticesThatItsHostIsGone(t *testing.T) {
	eachListening(t, func(t *testing.T, kind string) {
		m := meet(t, kind)
		m.announced(t)
		require.NoError(t, m.offer.send.Close())
		require.ErrorIs(t, <-m.failed, ErrGone)
		for _, path := range m.offer.offer.cleanup {
			require.NoFileExists(t, path, "the plugin cleans up for its host")
			require.NoDirExists(t, path)
		}
	})
}

// The host has no time to do anything once the plugin runs.
func TestPluginOfAHostThatEndedCleansUp(t *testing.T) {
	eachListening(t, func(t *testing.T, kind string) {
		o, err := NewOffer(Way{Transport: kind, Directory: shortDir(t)})
		require.NoError(t, err)
		receive, send := o.child[0], o.child[1]
		require.NoError(t, errors.Join(o.send.Close(), o.receive.Close()))
		_, err = acceptOn(kind, receive, send)
		require.ErrorIs(t, err, ErrGone)
		require.NoError(t, send.Close())
		for _, path := range o.offer.cleanup {
			require.NoFileExists(t, path)
			require.NoDirExists(t, path)
		}
	})
}

// The host ends when it is connected and has not cleaned up yet.
func TestPluginLeavesNothingOnceItsHostIsConnected(t *testing.T) {
	eachListening(t, func(t *testing.T, kind string) {
		m := meet(t, kind)
		host, err := m.offer.Connect(t.Context())
		require.NoError(t, err)
		plugin := <-m.accepted
		for _, path := range m.offer.offer.cleanup {
			require.NoFileExists(t, path)
			require.NoDirExists(t, path)
		}
		require.NoError(t, errors.Join(host.Close(), plugin.Close()))
	})
}

// Nothing but the transport and the numbers is for all to see, and no two keys
// are the same.
func TestEnvironmentHoldsNoSecret(t *testing.T) {
	eachListening(t, func(t *testing.T, kind string) {
		keys := map[secret]bool{{}: true}
		for range 3 {
			o, err := NewOffer(Way{Transport: kind, Directory: shortDir(t)})
			require.NoError(t, err)
			require.Equal(t, []string{"PINGO_TRANSPORT=" + kind, "PINGO_FILES=3,4"}, o.Env([]uintptr{3, 4}))
			require.False(t, keys[o.offer.key], "a key of all zeros, or one that was there before")
			keys[o.offer.key] = true
			o.Close()
		}
	})
}

func TestDirectoryWhoseNameDoesNotFitAnOffer(t *testing.T) {
	dir := shortDir(t)
	root := dir
	for len(dir) < maxOffer/2 {
		dir += "/" + strings.Repeat("d", 200)
	}
	if listening(t)[0] != "unix" || os.MkdirAll(dir, 0o700) != nil {
		t.Skip("this system has no unix sockets, or no such names")
	}
	_, err := NewOffer(Way{Transport: "unix", Directory: dir})
	require.ErrorContains(t, err, "set SocketDirectory to a shorter one")
	files, err := filepath.Glob(dir + "/*")
	require.NoError(t, err)
	require.Empty(t, files)
	require.NoError(t, os.RemoveAll(root))
}

func TestPluginThatCannotListenSaysWhy(t *testing.T) {
	if listening(t)[0] != "unix" {
		t.Skip("this system has no unix sockets")
	}
	o, err := NewOffer(Way{Transport: "unix", Directory: shortDir(t)})
	require.NoError(t, err)
	defer o.Close()
	receive, send := o.child[0], o.child[1]
	require.NoError(t, os.Remove(o.offer.cleanup[1]))
	failed := make(chan error)
	go func() {
		_, err := acceptOn("unix", receive, send)
		failed <- err
	}()
	_, err = o.Connect(t.Context())
	require.ErrorAs(t, err, new(*ListenError))
	require.ErrorContains(t, err, "listen unix")
	require.Error(t, <-failed)
}

func TestOfferThatIsNotTaken(t *testing.T) {
	eachListening(t, func(t *testing.T, kind string) {
		o, err := NewOffer(Way{Transport: kind, Directory: shortDir(t)})
		require.NoError(t, err)
		o.Close()
		for _, path := range o.offer.cleanup {
			require.NoDirExists(t, path)
		}
	})
}
