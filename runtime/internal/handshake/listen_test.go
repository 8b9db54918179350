package handshake

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func FuzzInvitation(f *testing.F) {
	in := invitation{pid: 7, kind: "tcp", address: "127.0.0.1:1", host: newSecret(), plugin: newSecret()}
	f.Add(in.String())
	f.Add("pingo attach 1\n\n\n\n\n\n")
	f.Fuzz(func(t *testing.T, text string) {
		in, err := parseInvitation(text)
		if err != nil {
			return
		}
		again, err := parseInvitation(in.String())
		require.NoError(t, err)
		require.Equal(t, in, again)
	})
}

func TestListenerTakesHostAfterHost(t *testing.T) {
	l, err := NewListener()
	require.NoError(t, err)
	for range 2 {
		ready, accepted := make(chan struct{}), make(chan error, 1)
		go func() {
			c, err := l.Accept(func() { close(ready) })
			if err == nil {
				defer c.Close()
				_, err = Welcome(c, Hello{Objects: []string{"x"}})
			}
			accepted <- err
		}()
		<-ready
		c, pid, err := Dial(t.Context(), l.File)
		require.NoError(t, err)
		require.Equal(t, os.Getpid(), pid)
		peer, err := Greet(t.Context(), c, Hello{})
		require.NoError(t, err)
		require.Equal(t, []string{"x"}, peer.Objects)
		require.NoError(t, <-accepted)
		require.NoError(t, c.Close())
	}
	l.Close()
	_, _, err = Dial(t.Context(), l.File)
	require.ErrorIs(t, err, os.ErrNotExist)
}

func TestDialGoesNowhereElse(t *testing.T) {
	in := invitation{kind: "tcp", address: "192.0.2.1:1"}
	_, err := in.dial(context.Background())
	require.EqualError(t, err, "192.0.2.1:1 is not on this machine")
}

// A host that reads the file while the next host is waited for finds a whole one.
func TestInvitationIsWholeAtAnyTime(t *testing.T) {
	file := filepath.Join(t.TempDir(), "host")
	in := &invitation{pid: os.Getpid(), kind: "unix", address: "/s", host: newSecret(), plugin: newSecret()}
	require.NoError(t, in.write(file))
	over := make(chan struct{})
	written := make(chan error, 1)
	go func() {
		for {
			select {
			case <-over:
				written <- nil
				return
			default:
			}
			in := &invitation{pid: os.Getpid(), kind: "unix", address: "/s", host: newSecret(), plugin: newSecret()}
			if err := in.write(file); err != nil {
				written <- err
				return
			}
		}
	}()
	for range 1000 {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		_, err = parseInvitation(string(text))
		require.NoError(t, err)
	}
	close(over)
	require.NoError(t, <-written)
	require.NoError(t, (&invitation{kind: "tcp"}).write(file)) // which is shorter
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, (&invitation{kind: "tcp"}).String(), string(text))
}
