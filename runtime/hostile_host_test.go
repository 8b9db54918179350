package pingo_test

import (
	"context"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	pingo "github.com/pingogen/pingogen/runtime"
	"github.com/pingogen/pingogen/runtime/internal/frame"
	"github.com/pingogen/pingogen/runtime/internal/handshake"
	"github.com/pingogen/pingogen/runtime/internal/process"
	"github.com/pingogen/pingogen/runtime/internal/soak"
	"github.com/pingogen/pingogen/runtime/internal/transport"
)

// Hosts that speak the protocol wrongly on purpose, once the plugin is ready. The plugin is a process of its own,
// which ends and says why, or goes on.

// abuse is what a hostile host does.
type abuse struct {
	name   string
	commit func(r *rogue)
	end    string // words of why the plugin has ended; it goes on, and ends in order, if there are none
	shared bool   // they share memory
	memory uint64 // how much the plugin may need for it, in MiB
	heavy  bool   // see skipHeavy
}

const (
	greet = "\x10Greeter.SayHello\x03you"
	meet  = "\x0cGreeter.Meet\x03you" // which waits for the end of its context
)

var abuses = []abuse{
	{name: "half a frame, and gone", end: "the host is gone", commit: func(r *rogue) {
		_, _ = r.Write(make([]byte, 7))
		_ = r.Close()
	}},
	{name: "gone in a call", end: "the host is gone", commit: func(r *rogue) {
		r.say(frame.Call, 0, 1, meet)
		_ = r.Close()
	}},
	{name: "a call, a byte at a time", commit: func(r *rogue) {
		for _, b := range bytesOf(frame.Header{Kind: frame.Call, ID: 1}, greet) {
			_, _ = r.Write([]byte{b})
			time.Sleep(time.Millisecond)
		}
	}},
	{name: "a frame beyond the limit", end: "Call frame of 32769 bytes, the limit is 32768", commit: func(r *rogue) {
		r.say(frame.Call, 0, 1, strings.Repeat("x", frame.MaxPlain+1))
	}},
	{name: "a message beyond the limit", end: "Call of 1099511627776 bytes, the limit is 67108864", commit: func(r *rogue) {
		r.say(frame.Call, frame.More, 1, eight(1<<40))
	}},
	{name: "the greatest message announced, and little sent", end: "the host is gone", memory: 64, commit: func(r *rogue) {
		r.say(frame.Call, frame.More, 1, eight(64<<20))
		r.say(frame.Chunk, frame.More, 1, "x")
		_ = r.Close()
	}},
	{name: "two calls with one number", end: "second call with id 1", commit: func(r *rogue) {
		for range 2 {
			r.say(frame.Call, 0, 1, meet)
		}
	}},
	{name: "an answer to a call never made", end: "reply to call 7, which was never made", commit: func(r *rogue) {
		r.say(frame.Reply, 0, 7, hello)
	}},
	{name: "a large message inside another", end: "starts a large message inside another", commit: func(r *rogue) {
		r.say(frame.Call, frame.More, 1, eight(1<<20))
		r.say(frame.Chunk, frame.More, 1, "x")
		r.say(frame.Call, frame.More, 2, eight(1<<20))
	}},
	{name: "a chunk of another message", end: "chunk of a message that was not announced, call 9", commit: func(r *rogue) {
		r.say(frame.Call, frame.More, 1, eight(1<<20))
		r.say(frame.Chunk, frame.More, 9, "x")
	}},
	{name: "a call that is garbage", end: "call with a malformed head", commit: func(r *rogue) {
		r.say(frame.Call, 0, 1, "\xff\xff\xff\xff")
	}},
	{name: "arguments that are garbage", commit: func(r *rogue) {
		r.say(frame.Call, 0, 1, greet[:17]+"\xff\xff\xff\xff")
	}},
	{name: "gob of eight million levels", memory: 64, commit: func(r *rogue) {
		r.large(frame.Call, frame.Gob, 1, "\x0bStore.Chain"+deepChain())
	}},
	{name: "gob of a map with 8 billion entries", commit: func(r *rogue) {
		r.say(frame.Call, frame.Gob, 1, "\x09Store.Map"+greatMap())
	}},
	{name: "a call of a reference never issued", commit: func(r *rogue) {
		r.say(frame.Call, frame.Target, 1, "\x63\x04Next")
	}},
	{name: "release of a reference never issued", end: "release of 99, which was never given", commit: func(r *rogue) {
		r.say(frame.Release, 0, 99, "")
	}},
	{name: "data for a stream never opened", end: "bytes for 99, which takes none", commit: func(r *rogue) {
		r.say(frame.Data, 0, 99, "x")
	}},
	{name: "data beyond the credit", end: "bytes for stream 1, which has room for 0", commit: func(r *rogue) {
		r.say(frame.Call, frame.Refs, 1, mentioning("\x0dWorker.Length\x01\x01", 1)) // with a reader
		r.hear(frame.Call)                                                           // of its Read, with an inbox
		data := bytesOf(frame.Header{Kind: frame.Data, ID: 1}, strings.Repeat("x", frame.MaxPlain))
		r.repeat(2*pingo.DefaultStreamCredit/frame.MaxPlain, func(uint64) []byte { return data })
	}},
	{name: "more credit than was agreed on", end: "room for 4294967295 bytes more of stream 1", commit: func(r *rogue) {
		r.say(frame.Credit, 0, 1, "\xff\xff\xff\xff")
	}},
	{name: "credit again and again, and nothing read", end: "the host is gone", commit: func(r *rogue) {
		r.say(frame.Call, 0, 1, "\x0cWorker.Count\xfe\xff\xff\xff\x0f")
		r.hear(frame.Reply)
		r.say(frame.Call, frame.Target|frame.Refs, 2, mentioning("\x01\x05Range\x01\x01", 1))
		credit := bytesOf(frame.Header{Kind: frame.Credit, ID: 1}, "\x00\x00\x08\x00")
		r.repeat(100_000, func(uint64) []byte { return credit })
		_ = r.Close()
	}},
	{name: "arguments that mention a million streams", memory: 128, commit: func(r *rogue) {
		r.large(frame.Call, frame.Refs, 1, mentioning(greet, numbers(1e6)...))
	}},
	{name: "calls with references to let go of, and nothing read", heavy: true, memory: 768, end: "has not read 64 MiB", commit: func(r *rogue) {
		call := mentioning("\x04None", numbers(4000)...)
		r.repeat(1e4, func(i uint64) []byte {
			return bytesOf(frame.Header{Kind: frame.Call, Flags: frame.Refs, ID: i + 1}, call)
		})
	}},
	{name: "a million calls that wait", memory: 1536, heavy: true, end: "more than 131072 calls at once", commit: func(r *rogue) {
		r.repeat(1e6, func(i uint64) []byte { return bytesOf(frame.Header{Kind: frame.Call, ID: i + 1}, meet) })
	}},
}

// placid is a worker that does not hurry.
type placid struct{ worker }

// Length reads a little, and then nothing.
func (placid) Length(ctx context.Context, r io.Reader) (int64, error) {
	n, _ := r.Read(make([]byte, 1))
	<-ctx.Done()
	return int64(n), ctx.Err()
}

// mute is a greeter that does not print.
type mute struct{ greeter }

func (mute) Meet(ctx context.Context, _ string) (string, error) {
	<-ctx.Done()
	return "", ctx.Err()
}

// victim-plugin is the plugin of a hostile host.
var _ = helper("victim-plugin", func() {
	pingo.SetGoneTime(patience)
	registerGreeter(mute{})
	soak.RegisterWorker(placid{})
	pingo.Register(new(Store))
	before := taken()
	var v verdict
	if err := pingo.Serve(context.Background()); err != nil {
		v.End = err.Error()
	}
	v.tell(before)
	os.Exit(0)
})

// mapRing maps memory that is shared, and returns what precedes the bytes of the ring from host to plugin.
var mapRing func(t *testing.T, memory *os.File) []atomic.Uint64

// capture starts a plugin as a host does, and returns the connection to it, and its output, which is there
// when it has ended.
func capture(t *testing.T, name string, shared bool) (c *rogue, output func() []byte) {
	way := handshake.Way{Transport: "auto"}
	if runtime.GOOS == "windows" {
		way.Transport = "tcp"
	}
	if shared || pingo.SharesMemory {
		way.Memory = pingo.DefaultSharedMemory
	}
	offer, err := handshake.NewOffer(way)
	require.NoError(t, err)
	defer offer.Close()
	var ring []atomic.Uint64
	if shared {
		ring = mapRing(t, offer.Files()[1])
	}
	var mu sync.Mutex
	var lines []byte
	exe, arg := program(t, name)
	p, err := process.Start(process.Config{
		Path: exe, Args: []string{arg}, Env: append(os.Environ(), noRaceSleep), Pass: offer.Files(), Refs: offer.Env,
		Line: func(line process.Line) {
			mu.Lock()
			defer mu.Unlock()
			lines = fmt.Appendln(lines, line.Text)
		},
	})
	require.NoError(t, err)
	t.Cleanup(p.Kill)
	offer.Started()
	nc, err := offer.Connect(t.Context())
	require.NoError(t, err)
	peer, err := handshake.Greet(t.Context(), nc, handshake.Hello{})
	require.NoError(t, err)
	require.NoError(t, handshake.Share(nc, peer))
	c = newRogue(transport.FromConn(nc))
	c.ring = ring
	return c, func() []byte {
		wait(t, "the plugin", p.Exited())
		p.Flush(patience)
		p.Deliver(patience)
		mu.Lock()
		defer mu.Unlock()
		return lines
	}
}

func TestHostileHost(t *testing.T) {
	for _, a := range abuses {
		t.Run(a.name, func(t *testing.T) {
			if a.heavy {
				skipHeavy(t)
			}
			r, output := capture(t, "victim-plugin", a.shared)
			defer r.Close()
			a.commit(r)
			if a.end == "" { // it goes on
				const id = 1 << 40
				r.say(frame.Call, 0, id, greet)
				within(t, "the answer", func() {
					for r.hear(frame.Reply) != id {
					}
				})
				r.say(frame.Drain, 0, 0, "")
				within(t, "the end", func() { r.hear(frame.DrainAck) })
				_ = r.Close()
			}
			v := heard(t, output())
			t.Log(v.Grown, "MiB")
			requireText(t, a.end, v.End, "the end")
			require.LessOrEqual(t, v.Grown, nothing+a.memory, "MiB")
		})
	}
}
