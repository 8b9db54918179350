package handshake

import (
	"net"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pingogen/pingogen/runtime/internal/process"
)

// Where the plugin is another user, that one can neither enter what is the host's nor put
// something else in the place of its own.
func TestDirectoryOfAnotherUser(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root gives files away")
	}
	o, err := NewOffer(Way{Transport: "unix", Directory: shortDir(t), As: &process.Identity{User: 65533, Group: 65534}})
	require.NoError(t, err)
	inner := filepath.Dir(o.offer.address)
	requireDir(t, inner, 65533, 0o700)
	requireDir(t, filepath.Dir(inner), 0, 0o711)
	require.NoError(t, os.WriteFile(filepath.Join(inner, "left"), nil, 0o600))
	o.Close()
	require.NoDirExists(t, filepath.Dir(inner))
}

func TestDirectoryIsPrivate(t *testing.T) {
	o, err := NewOffer(Way{Transport: "unix", Directory: shortDir(t)})
	require.NoError(t, err)
	defer o.Close()
	requireDir(t, filepath.Dir(o.offer.address), uint32(os.Geteuid()), 0o700)
}

func requireDir(t *testing.T, path string, owner uint32, mode os.FileMode) {
	t.Helper()
	info, err := os.Stat(path)
	require.NoError(t, err)
	require.Equal(t, owner, info.Sys().(*syscall.Stat_t).Uid)
	require.Equal(t, mode, info.Mode().Perm())
}

// The kernel says who is at the other end: the right key does not help another user, even
// where the directory lets that one in.
func TestPeerOfAnotherUser(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root becomes somebody else")
	}
	m := meet(t, "unix")
	a, dial := m.announced(t)
	dir := filepath.Dir(m.offer.offer.address)
	require.NoError(t, os.Chmod(filepath.Dir(dir), 0o711))
	require.NoError(t, os.Chmod(dir, 0o711))
	require.NoError(t, os.Chmod(m.offer.offer.address, 0o777))
	dialed := make(chan net.Conn)
	go func() {
		runtime.LockOSThread() // and never unlocked: the thread ends with its user
		_, _, errno := syscall.RawSyscall(syscall.SYS_SETRESUID, ^uintptr(0), 65533, ^uintptr(0))
		if errno != 0 {
			t.Error(errno)
		}
		c, err := net.Dial("unix", m.offer.offer.address)
		if err != nil {
			t.Error(err)
		}
		dialed <- c
	}()
	other := <-dialed
	require.NotNil(t, other)
	_, _ = other.Write(m.offer.offer.key[:]) // it may have been sent away already
	requireSentAway(t, other)

	host := dial()
	defer host.Close()
	require.NoError(t, m.offer.authenticate(host, a.key))
	require.NoError(t, (<-m.accepted).Close())
}

// Nor does the host talk to who listens in the place of the plugin.
func TestListenerOfAnotherUser(t *testing.T) {
	m := meet(t, "unix")
	a, dial := m.announced(t)
	m.offer.as = &process.Identity{User: uint32(os.Geteuid()) + 1}
	c := dial()
	defer c.Close()
	err := m.offer.authenticate(c, a.key)
	require.ErrorIs(t, err, errImpostor)
	require.ErrorContains(t, err, "it runs as user")
	require.NoError(t, m.offer.send.Close())
	require.ErrorIs(t, <-m.failed, ErrGone)
}
