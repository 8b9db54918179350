package pingo_test

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pingogen/pingogen/runtime/codec"
	"github.com/pingogen/pingogen/runtime/internal/frame"
	"github.com/pingogen/pingogen/runtime/internal/transport"
)

// rogue is a side of a connection that speaks the protocol by hand, frame by frame, and wrongly. What it
// writes may be lost: the other side may have ended the connection by then.
type rogue struct {
	transport.Stream
	in   *bufio.Reader
	ring []atomic.Uint64 // what precedes the bytes of the ring that it writes to; nil unless memory is shared
}

func newRogue(s transport.Stream) *rogue { return &rogue{Stream: s, in: bufio.NewReader(s)} }

// bytesOf is a frame.
func bytesOf(h frame.Header, payload string) []byte {
	h.Length = uint32(len(payload))
	b := make([]byte, frame.HeaderSize, frame.HeaderSize+len(payload))
	h.Put(b)
	return append(b, payload...)
}

// silence is what a rogue keeps until it is ended. A program in which nobody waits for anything that
// may come, as in select {}, is taken for a deadlock.
func silence() { time.Sleep(time.Hour) }

// say writes a frame.
func (r *rogue) say(kind frame.Kind, flags frame.Flags, id uint64, payload string) {
	_, _ = r.Write(bytesOf(frame.Header{Kind: kind, Flags: flags, ID: id}, payload))
}

// repeat writes frames over and over, many at once, until it has written n or nobody takes them.
func (r *rogue) repeat(n int, next func(i uint64) []byte) {
	w := bufio.NewWriterSize(r, 1<<20)
	for i := range uint64(n) {
		if _, err := w.Write(next(i)); err != nil {
			return
		}
	}
	_ = w.Flush()
}

// next reads a frame, and leaves its payload aside.
func (r *rogue) next() (frame.Header, error) {
	head := make([]byte, frame.HeaderSize)
	if _, err := io.ReadFull(r.in, head); err != nil {
		return frame.Header{}, err
	}
	h, err := frame.Parse(head)
	if err == nil {
		_, err = io.CopyN(io.Discard, r.in, int64(h.Length))
	}
	h.CPU = 0
	return h, err
}

// hear returns the number of the next frame of a kind, and 0 at the end. It answers Pings.
func (r *rogue) hear(kind frame.Kind) uint64 {
	for {
		h, err := r.next()
		if err != nil {
			return 0
		}
		switch h.Kind {
		case kind:
			return h.ID
		case frame.Ping:
			r.say(frame.Pong, 0, h.ID, "")
		case frame.Drain:
			r.say(frame.DrainAck, 0, 0, "")
		}
	}
}

// hearAll reads to the end.
func (r *rogue) hearAll() { r.hear(0) }

// eight is a number of 64 bits, as the wire has it.
func eight(n uint64) string { return string(binary.LittleEndian.AppendUint64(nil, n)) }

// mentioning is a message that mentions what is kept under these numbers.
func mentioning(message string, numbers ...uint64) string {
	var b strings.Builder
	b.WriteString(message)
	for _, n := range numbers {
		b.WriteString(eight(n))
	}
	b.Write(binary.LittleEndian.AppendUint32(nil, uint32(len(numbers))))
	return b.String()
}

// large writes a message in chunks.
func (r *rogue) large(kind frame.Kind, flags frame.Flags, id uint64, message string) {
	r.say(kind, flags|frame.More, id, eight(uint64(len(message))))
	for len(message) > frame.MaxChunk {
		r.say(frame.Chunk, frame.More, id, message[:frame.MaxChunk])
		message = message[frame.MaxChunk:]
	}
	r.say(frame.Chunk, 0, id, message)
}

// logCall is a call of what every host serves: it waits until those with a smaller sequence have come.
func logCall(seq uint64, records ...[]byte) string {
	var e codec.Encoder
	e.String("PingoLog.Handle")
	e.Uint64(seq)
	e.Int(0)
	codec.EncodeSlice(&e, records, (*codec.Encoder).Bytes)
	return string(e.Buffer())
}

// numbers are those from 1 to n.
func numbers(n uint64) (all []uint64) {
	for i := range n {
		all = append(all, i+1)
	}
	return all
}

// verdict is what a victim has to tell about what a rogue did to it.
type verdict struct {
	Call  string // the error of its call
	End   string // why the connection ended, if it did
	Grown uint64 // the memory that it got from the system since, in MiB
}

// taken is the memory that this process has ever got from the system, without that of the race detector.
func taken() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.Sys
}

// tell prints a verdict where the test finds it.
func (v verdict) tell(before uint64) {
	v.Grown = (taken() - before) >> 20
	line, _ := json.Marshal(v)
	fmt.Printf("verdict %s\n", line)
}

// heard finds the verdict in what a victim has printed.
func heard(t *testing.T, output []byte) (v verdict) {
	t.Helper()
	_, line, ok := bytes.Cut(output, []byte("verdict "))
	require.True(t, ok, "%s", output)
	line, _, _ = bytes.Cut(line, []byte("\n"))
	require.NoError(t, json.Unmarshal(line, &v))
	return v
}

// requireText requires that got has the words, or is empty if there are none.
func requireText(t *testing.T, words, got, what string) {
	t.Helper()
	if words == "" {
		require.Empty(t, got, what)
	}
	require.Contains(t, got, words, what)
}

// skipHeavy leaves out what takes several times its memory and its time with the race detector, and time on
// emulators of Windows.
func skipHeavy(t *testing.T) {
	info, _ := debug.ReadBuildInfo()
	race := info != nil && slices.Contains(info.Settings, debug.BuildSetting{Key: "-race", Value: "true"})
	if race || runtime.GOOS == "windows" {
		t.Skip("it is done elsewhere")
	}
}
