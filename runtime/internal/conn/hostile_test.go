package conn

import (
	"bytes"
	"context"
	"encoding/binary"
	"io"
	"net"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pingogen/pingogen/runtime/internal/frame"
	"github.com/pingogen/pingogen/runtime/internal/transport"
)

// frames is a script of a peer: headers with their payloads.
type frames []byte

func (f frames) add(h frame.Header, payload string) frames {
	h.Length = uint32(len(payload))
	var b [frame.HeaderSize]byte
	h.Put(b[:])
	return append(append(f, b[:]...), payload...)
}

func size(n uint64) string { return string(binary.LittleEndian.AppendUint64(nil, n)) }

// echoCall is the message of a call of echo.
const echoCall = "\x04echo\x02hi"

func TestPeerThatBreaksTheProtocol(t *testing.T) {
	call := func(id uint64) frame.Header { return frame.Header{Kind: frame.Call, ID: id} }
	large := frame.Header{Kind: frame.Call, ID: 1, Flags: frame.More}
	chunk := func(flags frame.Flags) frame.Header { return frame.Header{Kind: frame.Chunk, ID: 1, Flags: flags} }
	for want, script := range map[string]frames{
		"frame of unknown kind 99":                             frames{}.add(frame.Header{Kind: 99, ID: 1}, ""),
		"Cancel frame with unknown flags":                      frames{}.add(frame.Header{Kind: frame.Cancel, ID: 1, Flags: frame.Gob}, ""),
		"reply to call 7, which was never made":                frames{}.add(frame.Header{Kind: frame.Reply, ID: 7}, ""),
		"malformed head":                                       frames{}.add(call(1), "\xff"),
		"chunk of a message that was not announced":            frames{}.add(chunk(0), "x"),
		"inside another":                                       frames{}.add(large, size(9)).add(large, size(9)),
		"reply to call 1 given up half-way":                    frames{}.add(frame.Header{Kind: frame.Reply, ID: 1, Flags: frame.More}, size(9)).add(chunk(frame.Abort), ""),
		"in 3 bytes instead of 8":                              frames{}.add(large, "abc"),
		"Call of 1099511627776 bytes, the limit is":            frames{}.add(large, size(1<<40)),
		"Call of 0 bytes":                                      frames{}.add(large, size(0)),
		"chunk of 3 bytes where at most 2 remain":              frames{}.add(large, size(2)).add(chunk(0), "abc"),
		"chunks of a message do not add up to its size of 9":   frames{}.add(large, size(9)).add(chunk(0), "abc"),
		"chunk of 0 bytes":                                     frames{}.add(large, size(9)).add(chunk(frame.More), ""),
		"chunks of a message do not add up to its size of 3 b": frames{}.add(large, size(3)).add(chunk(frame.More), "abc"),
		"the description of a contract cannot be decoded":      frames{}.add(frame.Header{Kind: frame.Describe}, "\x05Greet"),
		"bytes of them were described on one connection":       bytes.Repeat(frames{}.add(frame.Header{Kind: frame.Describe, Flags: frame.More}, string(make([]byte, frame.MaxPlain))), maxDescribed/frame.MaxPlain),
		"release of 1, which was never given":                  frames{}.add(frame.Header{Kind: frame.Release, ID: 1}, ""),
		"release of 1 with a count of 3 bytes":                 frames{}.add(frame.Header{Kind: frame.Release, ID: 1}, "abc"),
		"bytes for 1, which takes none":                        frames{}.add(frame.Header{Kind: frame.Data, ID: 1}, "x"),
		"room for 4294967295 bytes more of stream 1":           frames{}.add(frame.Header{Kind: frame.Credit, ID: 1}, "\xff\xff\xff\xff"),
		"answer to Ping 1 of 0, after that to 0":               frames{}.add(frame.Header{Kind: frame.Pong, ID: 1}, ""),
		"malformed numbers behind it":                          frames{}.add(frame.Header{Kind: frame.Call, ID: 1, Flags: frame.Refs}, "\x04echo\x02hi\x09\x00\x00\x00"),
		"more than 1000 contracts or":                          bytes.Repeat(frames{}.add(frame.Header{Kind: frame.Describe}, "\x01C\x00\x00\x00"), maxDescriptions+1),
	} {
		t.Run(want, func(t *testing.T) {
			a, b := net.Pipe()
			c := New(transport.FromConn(a), Config{Lookup: echo.lookup})
			go func() { _, _ = io.Copy(io.Discard, b) }()
			_, _ = b.Write(script) // the connection may end before it has read all
			<-c.Done()
			require.ErrorContains(t, c.Err(), want)
			c.Close(nil)
			_ = b.Close()
		})
	}
}

func TestSecondCallWithOneNumber(t *testing.T) {
	blocked := newBlocker()
	a, b := net.Pipe()
	c := New(transport.FromConn(a), Config{Lookup: methods{"block": blocked.handle}.lookup})
	go func() { _, _ = io.Copy(io.Discard, b) }()
	script := frames{}.add(frame.Header{Kind: frame.Call, ID: 1}, "\x05block\x00")
	_, err := b.Write(script)
	require.NoError(t, err)
	<-blocked.running
	_, _ = b.Write(script)
	<-c.Done()
	require.ErrorContains(t, c.Err(), "second call with id 1")
	c.Close(nil)
	_ = b.Close()
}

// A large message that its sender gives up is forgotten, and the next one is taken.
// A call has its reply, although what has come with that is the end of the connection. The first one has
// somebody else read for it, others read for themselves.
func TestReplyBesideWhatIsWrong(t *testing.T) {
	for last := range uint64(5) {
		a, b := net.Pipe()
		c := New(transport.FromConn(a), Config{})
		go func() {
			for id := range last + 1 {
				reply := frame.Header{Kind: frame.Reply, ID: id + 1}
				script := frames{}.add(reply, "\x02ho")
				if id == last {
					script = script.add(reply, "\x02ha")
				}
				_, _ = io.ReadFull(b, make([]byte, frame.HeaderSize+len(echoCall)))
				_, _ = b.Write(script)
			}
		}()
		for range last + 1 {
			got, fate, err := invoke(c, t.Context(), "echo", "hi")
			require.NoError(t, err)
			require.Equal(t, Executed, fate)
			require.Equal(t, "ho", got)
		}
		<-c.Done()
		require.ErrorContains(t, c.Err(), "second reply to call")
		c.Close(nil)
		_ = b.Close()
	}
}

func TestAbortedMessage(t *testing.T) {
	a, b := net.Pipe()
	c := New(transport.FromConn(a), Config{Lookup: echo.lookup})
	large := frame.Header{Kind: frame.Call, ID: 1, Flags: frame.More}
	script := frames{}.
		add(large, size(1<<20)).add(frame.Header{Kind: frame.Chunk, ID: 1, Flags: frame.More}, "abc").
		add(frame.Header{Kind: frame.Chunk, ID: 1, Flags: frame.Abort}, "").
		add(large, size(uint64(len(echoCall)))).add(frame.Header{Kind: frame.Chunk, ID: 1}, echoCall)
	go func() { _, _ = b.Write(script) }()
	reply := make([]byte, frame.HeaderSize+3)
	_, err := io.ReadFull(b, reply)
	require.NoError(t, err)
	h, err := frame.Parse(reply)
	require.NoError(t, err)
	h.CPU = 0 // wherever it ran
	require.Equal(t, frame.Header{Kind: frame.Reply, ID: 1, Length: 3}, h)
	require.Equal(t, "\x02hi", string(reply[frame.HeaderSize:]))
	c.Close(nil)
	_ = b.Close()
}

// FuzzPeer feeds a connection with anything: it ends without a panic, and leaves nothing.
func FuzzPeer(f *testing.F) {
	f.Add([]byte(frames{}.add(frame.Header{Kind: frame.Call, ID: 1}, echoCall)))
	f.Add([]byte(frames{}.add(frame.Header{Kind: frame.Drain}, "").add(frame.Header{Kind: frame.Cancel, ID: 3}, "")))
	f.Add([]byte(frames{}.add(frame.Header{Kind: frame.Call, ID: 1, Flags: frame.Deadline | frame.Metadata}, "\x04echo\x05\x01\x01a\x01b\x02hi")))
	f.Add([]byte(frames{}.add(frame.Header{Kind: frame.Call, ID: 1, Flags: frame.More}, size(8)).add(frame.Header{Kind: frame.Chunk, ID: 1}, echoCall)))
	f.Add([]byte(frames{}.add(frame.Header{Kind: frame.Describe, Flags: frame.More}, "\x01C\x00").add(frame.Header{Kind: frame.Describe}, "\x00\x00")))
	f.Add([]byte(frames{}.add(frame.Header{Kind: frame.Call, ID: 1, Flags: frame.Target | frame.Refs}, "\x01\x04Read\x01\x07\x07\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00")))
	f.Add([]byte(frames{}.add(frame.Header{Kind: frame.Call, ID: 1, Flags: frame.Refs}, "\x04Home\x02\x02\x01\x01\x00\x00\x00\x00\x00\x00\x80\x01\x00\x00\x00").add(frame.Header{Kind: frame.Release, ID: 1}, size(1))))
	f.Add([]byte(frames{}.add(frame.Header{Kind: frame.Data, ID: 1}, "abc").add(frame.Header{Kind: frame.Credit, ID: 1}, "\x01\x00\x00\x00").add(frame.Header{Kind: frame.Stop, ID: 1}, "")))
	f.Add([]byte(frames{}.add(frame.Header{Kind: frame.Data, ID: 1}, string(make([]byte, frame.MaxPlain+1))).add(frame.Header{Kind: frame.Data, ID: 1}, string(make([]byte, 2*smallData))).add(frame.Header{Kind: frame.Data, ID: 2}, "abc")))
	f.Fuzz(func(t *testing.T, script []byte) {
		before := runtime.NumGoroutine()
		a, b := net.Pipe()
		c := New(transport.FromConn(a), Config{Lookup: echo.lookup, MaxMessage: 1 << 20})
		_, inbox := c.ExportInbox()
		read := make(chan struct{})
		go func() {
			defer close(read)
			buf := make([]byte, minGoal)
			for {
				if _, err := inbox.Next(context.Background(), buf); err != nil {
					return
				}
			}
		}()
		drained := make(chan struct{})
		go func() {
			defer close(drained)
			_, _ = io.Copy(io.Discard, b)
		}()
		_, _ = b.Write(script)
		_ = b.Close()
		<-c.Done()
		c.Close(nil)
		<-drained
		inbox.Close(io.EOF)
		<-read
		requireGoroutines(t, before)
	})
}

// Whoever sends more than there is room for ends the connection.
func TestMoreThanThereIsRoomFor(t *testing.T) {
	a, b := net.Pipe()
	c := New(transport.FromConn(a), Config{})
	id, inbox := c.ExportInbox()
	go func() { _, _ = io.Copy(io.Discard, b) }()
	data := frames{}.add(frame.Header{Kind: frame.Data, ID: id}, string(make([]byte, frame.MaxPlain)))
	_, err := b.Write(bytes.Repeat(data, DefaultWindow/frame.MaxPlain))
	require.NoError(t, err)
	require.NoError(t, c.Err())
	_, _ = b.Write(data)
	<-c.Done()
	require.ErrorContains(t, c.Err(), "32768 bytes for stream 1, which has room for 0")
	for range DefaultWindow / frame.MaxPlain {
		p, err := inbox.Next(t.Context(), nil)
		require.NoError(t, err, "what has arrived is there")
		require.Len(t, p, frame.MaxPlain)
	}
	<-inbox.Over()
	inbox.Close(c.Err()) // as who reads does when its call has failed
	_, err = inbox.Next(t.Context(), nil)
	require.Equal(t, c.Err(), err)
	c.Close(nil)
	require.NoError(t, b.Close())
}

// A peer that refuses or fails a call and gives no reason does not make it succeed.
func TestReplyWithoutItsReason(t *testing.T) {
	for flags, fate := range map[frame.Flags]Fate{frame.Refused: NotDelivered, frame.Failed: Executed} {
		a, b := net.Pipe()
		c := New(transport.FromConn(a), Config{})
		go func() {
			_, _ = io.ReadFull(b, make([]byte, frame.HeaderSize+len(echoCall)))
			_, _ = b.Write(frames{}.add(frame.Header{Kind: frame.Reply, ID: 1, Flags: flags}, "\x00"))
		}()
		_, got, err := invoke(c, t.Context(), "echo", "hi")
		require.EqualError(t, err, "the other side does not say why")
		require.Equal(t, fate, got)
		c.Close(nil)
		_ = b.Close()
	}
}

// What is sent to a peer that asks for it, and that nobody waits for, does not pile up if it does not read.
func TestPeerThatDoesNotReadWhatItAsksFor(t *testing.T) {
	a, b := net.Pipe()
	c := New(transport.FromConn(a), Config{})
	for range 2 * maxUnread >> 20 {
		c.out.post(make([]byte, 1<<20))
	}
	c.out.mu.Lock()
	require.LessOrEqual(t, len(c.out.waiting), maxUnread+1<<20)
	c.out.mu.Unlock()
	<-c.Done()
	require.ErrorIs(t, c.Err(), errUnread)
	c.Close(nil)
	require.NoError(t, b.Close())
}
