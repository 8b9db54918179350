//go:build unix

package pingo_test

import (
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	pingo "github.com/pingogen/pingogen/runtime"
)

// Programs that are no plugins, or others than they should be, find the
// connection at descriptor 3.
func TestWhatIsNoPluginSaysSomethingElse(t *testing.T) {
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
	// It waits for the host's Hello, which could not be written otherwise.
	const hello = `dd bs=64k count=1 <&3 >/dev/null 2>&1; printf 'pingo\001\005\000\000\000\000\000\000\000\000' >&3; ` // of no objects and contracts, nor memory
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

// A plugin that says nothing of shared memory is called over the socket, and one cannot have what it was not given.
func TestPluginDecidesAboutMemory(t *testing.T) {
	const hello = `dd bs=64k count=1 <&3 >/dev/null 2>&1; printf 'pingo\001\005\000\000\000\000\000\000\000%b' "$0" >&3; exec sleep 1000`
	for _, test := range []struct {
		memory, answer string
		size           int
		want           string
	}{
		{"without", `\000`, pingo.DefaultSharedMemory, "it does not share memory with its host; going on without"},
		{"not given", `\001`, -1, "the plugin goes on through shared memory that it was not given"},
	} {
		t.Run(test.memory, func(t *testing.T) {
			if runtime.GOOS != "linux" && test.size > 0 {
				t.Skip("this system does not share memory")
			}
			rec := newRecorder(t)
			p := pingo.New(pingo.Config{
				Path: "/bin/sh", Args: []string{"-c", hello, test.answer}, StartTimeout: patience, GracePeriod: -1, ErrorHandler: rec, SharedMemory: test.size,
			})
			p.Start()
			err := p.Ready(t.Context())
			p.Stop()
			_, errs, _ := rec.snapshot()
			require.NotEmpty(t, errs)
			require.ErrorContains(t, errs[0], test.want)
			require.Equal(t, test.size > 0, err == nil, "%v", err)
		})
	}
}
