package pingo_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	pingo "github.com/pingogen/pingogen/runtime"
	"github.com/pingogen/pingogen/runtime/internal/frame"
	"github.com/pingogen/pingogen/runtime/internal/soak"
)

// Plugins that speak the protocol wrongly on purpose, once they are ready: each can end its own connection,
// and never its host. The host is a process of its own, whose memory is measured.

// crime is what a hostile plugin does.
type crime struct {
	name   string
	commit func(r *rogue)
	victim func(p *pingo.Plugin) error // the call that the host makes; nil for one of Greeter.SayHello
	call   string                      // words of its error; it succeeds if there are none
	end    string                      // words of why the host has ended the plugin; it lives on if there are none
	probed bool                        // the host asks for signs of life
	shared bool                        // they share memory
	limits pingo.Limits                // of the plugin
	heavy  bool                        // see skipHeavy
	memory uint64                      // how much the host may need for it, in MiB; 0 for next to nothing
}

// nothing is what a host may need in any case.
const nothing = 32

// hello is the result of Greeter.SayHello.
const hello = "\x05hello"

var crimes = []crime{
	{name: "half a frame, and an exit", call: "exited by itself with status 0", end: "exited by itself with status 0", commit: func(r *rogue) {
		r.hear(frame.Call)
		_, _ = r.Write(make([]byte, 7))
		os.Exit(0)
	}},
	{name: "half a frame, and silence", probed: true, call: "no sign of life", end: "no sign of life", commit: func(r *rogue) {
		_, _ = r.Write(make([]byte, 7))
		silence()
	}},
	{name: "silence", probed: true, call: "no sign of life", end: "no sign of life", commit: func(*rogue) { silence() }},
	{name: "the right answer, a byte at a time", commit: func(r *rogue) {
		for _, b := range bytesOf(frame.Header{Kind: frame.Reply, ID: r.hear(frame.Call)}, hello) {
			_, _ = r.Write([]byte{b})
			time.Sleep(time.Millisecond)
		}
	}},
	{name: "a frame beyond the limit", call: "Reply frame of 32769 bytes, the limit is 32768", end: "Reply frame of 32769 bytes", commit: func(r *rogue) {
		r.say(frame.Reply, 0, r.hear(frame.Call), strings.Repeat("x", frame.MaxPlain+1))
	}},
	{name: "a message beyond the limit", call: "Reply of 1099511627776 bytes, the limit is 67108864", end: "Reply of 1099511627776 bytes", commit: func(r *rogue) {
		r.say(frame.Reply, frame.More, r.hear(frame.Call), eight(1<<40))
	}},
	{name: "the greatest message announced, and little sent", probed: true, memory: 64, call: "no sign of life", end: "no sign of life", commit: func(r *rogue) {
		id := r.hear(frame.Call)
		r.say(frame.Reply, frame.More, id, eight(64<<20))
		r.say(frame.Chunk, frame.More, id, "x")
		silence()
	}},
	{name: "one answer twice", end: "second reply to call 1", commit: func(r *rogue) {
		id := r.hear(frame.Call)
		r.say(frame.Reply, 0, id, hello)
		r.say(frame.Reply, 0, id, hello)
	}},
	{name: "an answer to a call never made", call: "reply to call 7, which was never made", end: "reply to call 7", commit: func(r *rogue) {
		r.hear(frame.Call)
		r.say(frame.Reply, 0, 7, hello)
	}},
	{name: "a large message inside another", call: "starts a large message inside another", end: "inside another", commit: func(r *rogue) {
		id := r.hear(frame.Call)
		r.say(frame.Reply, frame.More, id, eight(1<<20))
		r.say(frame.Chunk, frame.More, id, "x")
		r.say(frame.Reply, frame.More, id, eight(1<<20))
	}},
	{name: "a chunk of another message", call: "chunk of a message that was not announced, call 9", end: "not announced", commit: func(r *rogue) {
		r.say(frame.Reply, frame.More, r.hear(frame.Call), eight(1<<20))
		r.say(frame.Chunk, frame.More, 9, "x")
	}},
	{name: "an answer that is garbage", call: "cannot decode the reply", commit: func(r *rogue) {
		r.say(frame.Reply, 0, r.hear(frame.Call), "\xff\xff\xff\xff")
	}},
	{name: "gob of eight million levels", victim: askForChain, memory: 64, call: "nested deeper than 10000 levels", commit: func(r *rogue) {
		r.large(frame.Reply, 0, r.hear(frame.Call), deepChain())
	}},
	{name: "gob of a map with 8 billion entries", victim: askForMap, call: "length 8589934592 where 0 bytes are left", commit: func(r *rogue) {
		r.say(frame.Reply, 0, r.hear(frame.Call), greatMap())
	}},
	{name: "two calls with one number", call: "second call with id 1", end: "second call with id 1", commit: func(r *rogue) {
		r.hear(frame.Call)
		for range 2 {
			r.say(frame.Call, 0, 1, logCall(1))
		}
	}},
	{name: "a call of a reference never issued", commit: func(r *rogue) {
		id := r.hear(frame.Call)
		r.say(frame.Call, frame.Target, 1, "\x63\x04Next")
		r.hear(frame.Reply)
		r.say(frame.Reply, 0, id, hello)
	}},
	{name: "an answer with a reference never issued that comes home", victim: openCounter, call: "cannot decode the reply", commit: func(r *rogue) {
		r.say(frame.Reply, frame.RepliedRefs, r.hear(frame.Call), mentioning("\x02\x63", 0x63|1<<63))
	}},
	{name: "release of a reference never issued", call: "release of 99, which was never given", end: "release of 99", commit: func(r *rogue) {
		r.hear(frame.Call)
		r.say(frame.Release, 0, 99, "")
	}},
	{name: "data for a stream never opened", call: "bytes for 99, which takes none", end: "bytes for 99", commit: func(r *rogue) {
		r.hear(frame.Call)
		r.say(frame.Data, 0, 99, "x")
	}},
	{name: "data beyond the credit", victim: readLittle, call: "bytes for stream 1, which has room for 0", end: "which has room for 0", commit: func(r *rogue) {
		r.say(frame.Reply, frame.RepliedRefs, r.hear(frame.Call), mentioning("\x01\x01", 1))                         // a sequence
		r.hear(frame.Call)                                                                                           // of its Range, with an inbox
		data := bytesOf(frame.Header{Kind: frame.Data, ID: 1}, strings.Repeat("\x02\x00\x00\x00", frame.MaxPlain/4)) // items, each a number and no error
		r.repeat(2*pingo.DefaultStreamCredit/frame.MaxPlain, func(uint64) []byte { return data })
	}},
	{name: "more credit than was agreed on", call: "room for 4294967295 bytes more of stream 1", end: "room for 4294967295 bytes", commit: func(r *rogue) {
		r.hear(frame.Call)
		r.say(frame.Credit, 0, 1, "\xff\xff\xff\xff")
	}},
	{name: "credit again and again, and nothing read", victim: sendZeros, probed: true, call: "no sign of life", end: "no sign of life", commit: func(r *rogue) {
		r.hear(frame.Call)                                                                   // with a reader
		r.say(frame.Call, frame.Target|frame.Refs, 1, mentioning("\x01\x04Read\x01\x01", 1)) // to an inbox
		credit := bytesOf(frame.Header{Kind: frame.Credit, ID: 1}, "\x00\x00\x08\x00")
		r.repeat(100_000, func(uint64) []byte { return credit })
		silence()
	}},
	{name: "an answer that mentions a million streams", memory: 128, call: "Limits.References", commit: func(r *rogue) {
		r.large(frame.Reply, frame.RepliedRefs, r.hear(frame.Call), mentioning(hello, numbers(1e6)...))
	}},
	{name: "calls with references to let go of, and nothing read", heavy: true, memory: 768, call: "has not read 64 MiB", end: "has not read 64 MiB", commit: func(r *rogue) {
		r.hear(frame.Call)
		call := mentioning("\x04None", numbers(4000)...)
		r.repeat(1e4, func(i uint64) []byte {
			return bytesOf(frame.Header{Kind: frame.Call, Flags: frame.Refs, ID: i + 1}, call)
		})
		silence()
	}},
	{name: "a million calls that cannot be served, and nothing read", probed: true, memory: 64, call: "no sign of life", end: "no sign of life", commit: func(r *rogue) {
		r.hear(frame.Call)
		r.repeat(1e6, func(i uint64) []byte { return bytesOf(frame.Header{Kind: frame.Call, ID: i + 1}, "\x04None") })
	}},
	{name: "a million calls that wait", heavy: true, memory: 1536, call: "more than 131072 calls at once", end: "more than 131072 calls at once", commit: func(r *rogue) {
		r.hear(frame.Call)
		r.repeat(1e6, func(i uint64) []byte { return bytesOf(frame.Header{Kind: frame.Call, ID: i + 1}, logCall(1)) })
	}},
	{name: "large calls that wait", memory: 768, limits: pingo.Limits{Arguments: 64 << 20}, commit: func(r *rogue) {
		id := r.hear(frame.Call)
		call := logCall(1, make([]byte, 32<<20))
		for i := range uint64(32) {
			r.large(frame.Call, 0, i+1, call)
		}
		r.say(frame.Reply, 0, id, hello)
	}},
	{name: "a flood of output", commit: func(r *rogue) {
		go func() {
			for {
				fmt.Println(strings.Repeat("flood ", 1000))
			}
		}()
		r.say(frame.Reply, 0, r.hear(frame.Call), hello)
	}},
}

func openCounter(p *pingo.Plugin) error {
	_, err := soak.NewWorkerClient(p).Open(context.Background(), 1)
	return err
}

// readLittle reads a first number, and the others once the plugin has ended.
func readLittle(p *pingo.Plugin) error {
	seq, err := soak.NewWorkerClient(p).Count(context.Background(), 1)
	if err != nil {
		return err
	}
	for _, err := range seq {
		if err != nil {
			return err
		}
		<-p.Done()
	}
	return nil
}

// zeros is a reader without end.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

func sendZeros(p *pingo.Plugin) error {
	_, err := soak.NewWorkerClient(p).Length(context.Background(), io.LimitReader(zeros{}, 1<<40))
	return err
}

func sayHello(p *pingo.Plugin) error {
	_, err := newGreeterClient(p).SayHello(context.Background(), "you")
	return err
}

// rogue-plugin commits a crime and then reads on until its host is gone.
var _ = helper("rogue-plugin", func() {
	registerGreeter(greeter{})
	soak.RegisterWorker(worker{})
	c, err := pingo.Greet()
	if err != nil {
		fail(err)
	}
	r := newRogue(c)
	committed(os.Args[1]).commit(r)
	r.hearAll()
})

func committed(name string) crime {
	for _, c := range crimes {
		if c.name == name {
			return c
		}
	}
	panic("no crime named " + name)
}

// victim-host is the host of a hostile plugin.
var _ = helper("victim-host", func() {
	c := committed(os.Args[1])
	cfg := pingo.Config{Path: os.Args[0], Args: []string{helperPrefix + "rogue-plugin", c.name}, StartTimeout: patience, GracePeriod: -1, ProbeInterval: -1, ErrorHandler: quiet{}, Env: []string{noRaceSleep}, Limits: c.limits}
	if c.shared {
		cfg.SharedMemory = pingo.DefaultSharedMemory
	}
	if c.probed {
		cfg.ProbeInterval = 100 * time.Millisecond
	}
	p := pingo.New(cfg)
	p.Start()
	if err := p.Ready(context.Background()); err != nil {
		fail(err)
	}
	before := taken()
	var v verdict
	call := c.victim
	if call == nil {
		call = sayHello
	}
	if err := call(p); err != nil {
		v.Call = err.Error()
	}
	if c.end != "" {
		<-p.Done()
		v.End = fmt.Sprint(p.Err())
	} else if p.Stop(); p.Err() != nil {
		v.End = p.Err().Error()
	}
	v.tell(before)
})

func TestHostilePlugin(t *testing.T) {
	program(t, "rogue-plugin")
	for _, c := range crimes {
		t.Run(c.name, func(t *testing.T) {
			if c.heavy {
				skipHeavy(t)
			}
			exe, arg := program(t, "victim-host")
			host := exec.Command(exe, arg, c.name)
			host.Env = append(os.Environ(), noRaceSleep)
			var out bytes.Buffer
			host.Stdout, host.Stderr = &out, &out
			require.NoError(t, host.Start())
			defer func() { _ = host.Process.Kill() }()
			within(t, "the host", func() { _ = host.Wait() })
			v := heard(t, out.Bytes())
			t.Log(v.Grown, "MiB")
			requireText(t, c.call, v.Call, "the call")
			requireText(t, c.end, v.End, "the end")
			require.LessOrEqual(t, v.Grown, nothing+c.memory, "MiB")
		})
	}
}
