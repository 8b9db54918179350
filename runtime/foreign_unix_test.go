//go:build unix

package pingo_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	pingo "github.com/pingogen/pingogen/runtime"
)

// Programs that are no plugins, or others than they should be, find the
// connection at descriptor 3.
func TestWhatIsNoPluginSaysSomethingElse(t *testing.T) {
	needsSocket(t)
	check := nothingRemains(t)
	for script, want := range map[string]string{
		`printf 'HTTP/1.1 200 OK\r\n\r\n' >&3`:   "it does not speak this version of the protocol: the other side does not speak pingo's protocol",
		`printf 'pingo\002' >&3`:                 "it does not speak this version of the protocol: the other side speaks version 2 of the protocol, this side version 1",
		`printf 'pingo\001\377\377\377\377' >&3`: "it does not speak this version of the protocol: a handshake of 4294967295 bytes was announced",
		`exec 3>&-`:                              "it does not speak this version of the protocol: the plugin closed the connection before it was ready, and lives on",
	} {
		rec := newRecorder(t)
		p := pingo.New(pingo.Config{Path: "/bin/sh", Args: []string{"-c", script + "; exec sleep 1000"}, StartTimeout: patience, ErrorHandler: rec})
		p.Start()
		for range 2 {
			err := p.Call("Lab.Echo", "x", nil)
			_, ok := err.(pingo.ErrInvalidMessage)
			require.True(t, ok, "%T: %v", err, err)
			require.ErrorContains(t, err, want)
			require.Equal(t, pingo.NotDelivered, pingo.FateOf(err))
		}
		wait(t, "the end", p.Done())
		require.ErrorAs(t, p.Err(), new(pingo.ErrInvalidMessage))
	}
	check()
}

// What speaks as a plugin does, and then does not, ends nobody but itself.
func TestPluginThatBreaksTheProtocol(t *testing.T) {
	needsSocket(t)
	// It waits for the host's Hello, which could not be written otherwise.
	const hello = `dd bs=64k count=1 <&3 >/dev/null 2>&1; printf 'pingo\001\004\000\000\000\000\000\000\000' >&3; ` // of no objects and contracts
	check := nothingRemains(t)
	for script, want := range map[string]string{
		"head -c 1000 /dev/zero >&3": "the connection to the plugin was lost: frame of unknown kind 0",
		"exec 3>&-":                  "the connection to the plugin was lost: unexpected EOF",
	} {
		rec := newRecorder(t)
		p := pingo.New(pingo.Config{Path: "/bin/sh", Args: []string{"-c", hello + script + "; exec sleep 1000"}, StartTimeout: patience, ErrorHandler: rec})
		p.Start()
		require.ErrorAs(t, p.Call("Lab.Echo", "x", nil), new(*pingo.CrashError))
		wait(t, "the end", p.Done())
		require.EqualError(t, p.Err(), want)
	}
	check()
}
