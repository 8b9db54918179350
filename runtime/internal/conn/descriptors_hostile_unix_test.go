//go:build unix

package conn

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pingogen/pingogen/runtime/internal/frame"
)

// piece is bytes, and how many descriptors go along with them.
type piece struct {
	bytes frames
	files int
}

func send(c *net.UnixConn, p piece) error {
	null, err := os.Open(os.DevNull)
	if err != nil {
		return err
	}
	defer null.Close()
	var fds []int
	for range p.files {
		fds = append(fds, int(null.Fd()))
	}
	_, _, err = c.WriteMsgUnix(p.bytes, syscall.UnixRights(fds...), nil)
	return err
}

var (
	callWithFiles  = frame.Header{Kind: frame.Call, ID: 1, Flags: frame.Files}
	largeWithFiles = frame.Header{Kind: frame.Call, ID: 1, Flags: frame.More | frame.Files}
)

// Whatever a peer sends, no descriptor is left open.
func TestPeerThatBreaksTheRulesOfDescriptors(t *testing.T) {
	whole := frames{}.add(callWithFiles, echoCall+"\x01")
	chunk := frame.Header{Kind: frame.Chunk, ID: 1, Flags: frame.More}
	half := frames{}.add(chunk, "abcdef")[:frame.HeaderSize+3]
	refs := frame.Header{Kind: frame.Call, ID: 1, Flags: frame.Files | frame.Refs}
	for want, script := range map[string][]piece{
		"Call frame with 1 descriptors, which did not come":                 {{whole, 0}},
		"Call frame with 1 descriptors, but 2 came":                         {{whole, 2}},
		"Call frame with 2 descriptors, but 1 came":                         {{frames{}.add(callWithFiles, echoCall+"\x02"), 1}},
		"Call frame with 0 descriptors, of which there are 1 to 64":         {{frames{}.add(callWithFiles, echoCall+"\x00"), 1}},
		"Call frame with 65 descriptors, of which there are 1 to 64":        {{frames{}.add(callWithFiles, echoCall+"\x41"), 1}},
		"Call frame that does not say how many descriptors it has":          {{frames{}.add(callWithFiles, ""), 1}},
		"Data frame with unknown flags 0x2":                                 {{frames{}.add(frame.Header{Kind: frame.Data, ID: 1, Flags: frame.Files}, "x\x01"), 1}},
		"descriptors came that no frame announces":                          {{frames{}.add(frame.Header{Kind: frame.Cancel, ID: 1}, ""), 1}},
		"descriptors came that no frame announces (in a chunk)":             {{frames{}.add(largeWithFiles, size(9)+"\x01"), 1}, {half, 0}, {frames("d"), 1}},
		"descriptors came that no frame announces (twice in a frame)":       {{whole[:4], 1}, {whole[4:8], 1}},
		"descriptors came that no frame announces (with one that has some)": {{whole[:4], 1}, {append(whole[4:8:8], whole[8:]...), 1}},
		"reply to call 7, which was never made":                             {{frames{}.add(frame.Header{Kind: frame.Reply, ID: 7, Flags: frame.Files}, "\x01"), 1}},
		"malformed head":                                                    {{frames{}.add(callWithFiles, "\xff\x01"), 1}},
		"malformed numbers behind it":                                       {{frames{}.add(refs, "\x04echo\x02hi\x09\x00\x00\x00\x01"), 1}},
		"inside another":                                                    {{frames{}.add(largeWithFiles, size(9)+"\x01"), 1}, {frames{}.add(largeWithFiles, size(9)+"\x01"), 1}},
		"in 3 bytes instead of 8":                                           {{frames{}.add(largeWithFiles, "abc\x01"), 1}},
		"of 10 bytes, the limit is 9":                                       {{frames{}.add(largeWithFiles, size(9)+"\x01\x01"), 1}},
		"EOF":                                                               {{whole[:len(whole)-1], 1}},
		"EOF (in a large message)":                                          {{frames{}.add(largeWithFiles, size(9)+"\x01").add(chunk, "abc"), 1}, {whole[:4], 1}},
	} {
		t.Run(want, func(t *testing.T) {
			before := countOpen(t)
			stream, peer := sockets(t)
			c := New(stream, Config{Lookup: echo.lookup})
			for i, p := range script {
				err := send(peer, p)
				require.True(t, err == nil || i > 0, "%v", err) // the connection may have ended
			}
			require.NoError(t, peer.CloseWrite())
			<-c.Done()
			for cut := range want {
				if want[cut] == '(' {
					want = want[:cut-1]
					break
				}
			}
			require.ErrorContains(t, c.Err(), want)
			c.Close(nil)
			require.NoError(t, peer.Close())
			requireOpen(t, before)
		})
	}
}

// What comes along with what nobody decodes is closed, and nothing ends.
func TestDescriptorsThatNobodyGets(t *testing.T) {
	nothing := frame.Header{Kind: frame.Call, ID: 2, Flags: frame.Files}
	for name, script := range map[string]piece{
		"not among the arguments":  {frames{}.add(nothing, echoCall+"\x02"), 2},
		"method that is not there": {frames{}.add(nothing, "\x01x\x01"), 1},
		"large message that is given up": {frames{}.add(largeWithFiles, size(9)+"\x01").
			add(frame.Header{Kind: frame.Chunk, ID: 1, Flags: frame.Abort}, "").
			add(frame.Header{Kind: frame.Call, ID: 2}, echoCall), 1},
		"large message": {frames{}.add(frame.Header{Kind: frame.Call, ID: 2, Flags: frame.Files | frame.More}, size(uint64(len(echoCall)))+"\x01").
			add(frame.Header{Kind: frame.Chunk, ID: 2}, echoCall), 1},
	} {
		t.Run(name, func(t *testing.T) {
			before := countOpen(t)
			stream, peer := sockets(t)
			c := New(stream, Config{Lookup: echo.lookup})
			require.NoError(t, send(peer, script))
			var reply [frame.HeaderSize]byte
			_, err := io.ReadFull(peer, reply[:])
			require.NoError(t, err)
			h, err := frame.Parse(reply[:])
			require.NoError(t, err)
			require.EqualValues(t, 2, h.ID)
			requireOpen(t, before+2)
			c.Close(nil)
			require.NoError(t, peer.Close())
			requireOpen(t, before)
		})
	}
}

// They are closed once the arguments are decoded, not when the call is over.
func TestDescriptorsThatAreNotDecodedAreClosedAtOnce(t *testing.T) {
	before := countOpen(t)
	stream, peer := sockets(t)
	blocked := newBlocker()
	c := New(stream, Config{Lookup: methods{"block": blocked.handle}.lookup})
	require.NoError(t, send(peer, piece{frames{}.add(callWithFiles, "\x05block\x00\x01"), 1}))
	<-blocked.running
	requireOpen(t, before+2)
	close(blocked.release)
	c.Close(nil)
	require.NoError(t, peer.Close())
}

// FuzzDescriptors feeds a connection with anything, and descriptors in between.
func FuzzDescriptors(f *testing.F) {
	f.Add([]byte(frames{}.add(callWithFiles, "\x04same\x02\x04\x00\x00\x01")), []byte{40, 1})
	f.Add([]byte(frames{}.add(callWithFiles, "\x04same\x03\x04\x00\x00\x04\x01\x00\x02")), []byte{3, 2, 30, 0})
	f.Add([]byte(frames{}.add(largeWithFiles, size(9)+"\x01").add(frame.Header{Kind: frame.Chunk, ID: 1}, "\x04same\x02\x04\x00\x00")), []byte{20, 1, 5, 0})
	f.Fuzz(func(t *testing.T, script, cuts []byte) {
		before := countOpen(t)
		stream, peer := sockets(t)
		c := New(stream, Config{Lookup: filed.lookup, MaxMessage: 1 << 20})
		drained := make(chan struct{})
		go func() {
			defer close(drained)
			_, _ = io.Copy(io.Discard, peer) // what comes with it is dropped
		}()
		for len(script) > 0 {
			p := piece{bytes: script}
			if len(cuts) > 1 {
				p = piece{script[:min(len(script), 1+int(cuts[0]))], int(cuts[1]) % 8}
				cuts = cuts[2:]
			}
			script = script[len(p.bytes):]
			if err := send(peer, p); err != nil {
				require.True(t, errors.Is(err, syscall.EPIPE) || errors.Is(err, syscall.ECONNRESET), fmt.Sprint(err))
				break
			}
		}
		_ = peer.CloseWrite()
		<-c.Done()
		c.Close(nil)
		<-drained
		require.NoError(t, peer.Close())
		requireOpen(t, before)
	})
}
