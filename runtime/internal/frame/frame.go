// Package frame is bytes to frames and back: pure functions, no io.
// docs/protocol.md has the same tables in words.
package frame

import (
	"encoding/binary"
	"fmt"
)

// HeaderSize is the length of a frame's header in bytes.
const HeaderSize = 16

const (
	// MaxPlain bounds the payload of a frame that holds a whole message. A larger
	// message travels in chunks.
	MaxPlain = 32 << 10
	// MaxChunk bounds the payload of a frame that holds a part of a message, or of a stream.
	MaxChunk = 256 << 10
	// SizeLength is the payload of a Call or Reply with More: the message's size.
	SizeLength = 8
	// CreditLength is the payload of a Credit: how many bytes more.
	CreditLength = 4
	// HomeLength is the payload of a Release, if it has one: how often the number was sent home.
	HomeLength = 8
)

// Kind says what a frame is.
type Kind uint8

const (
	Call     Kind = iota + 1 // starts a call: head and arguments
	Reply                    // ends a call: results, error, or both
	Chunk                    // the next part of the large message that is under way
	Cancel                   // the caller no longer waits for the call
	Drain                    // the sender starts no more calls, and asks the same of the peer
	DrainAck                 // the answer to Drain: every call that was started before it has been sent
	Describe                 // a contract, or a part of one, by which calls that follow are made
	Release                  // the sender no longer needs what the receiver keeps under the number, once it has come home as often as it says
	Data                     // bytes for what the receiver keeps under the number
	Credit                   // the sender keeps something under the number that takes more bytes
	Stop                     // the sender keeps something under the number that takes no bytes any more
	Ping                     // the sender wants to know whether the receiver lives
	Pong                     // the answer to Ping
)

var kindNames = [...]string{Call: "Call", Reply: "Reply", Chunk: "Chunk", Cancel: "Cancel", Drain: "Drain", DrainAck: "DrainAck", Describe: "Describe",
	Release: "Release", Data: "Data", Credit: "Credit", Stop: "Stop", Ping: "Ping", Pong: "Pong"}

func (k Kind) known() bool { return k >= Call && k <= Pong }

func (k Kind) String() string {
	if k.known() {
		return kindNames[k]
	}
	return fmt.Sprintf("Kind(%d)", uint8(k))
}

// Flags refine a kind.
type Flags uint8

const (
	More     Flags = 1 << iota // Call, Reply: the payload is the message's size, its bytes follow in Chunks. Chunk, Describe: more follow
	Abort                      // Chunk: the message is given up; no payload
	Gob                        // Call: the arguments are gob
	Deadline                   // Call: the head has the time that is left. Cancel: because no time is left
	Metadata                   // Call: the head has metadata
	WithErr                    // Reply: an error stands behind the results
	Refused                    // Reply: the call was not executed; the payload is an error
	Failed                     // Reply: the call was executed but has no results; the payload is an error
)

// Flags of one kind that share a bit with flags of others.
const (
	Target Flags = 1 << 5 // Call: the head begins with the number of what is called, which the receiver keeps
	Refs   Flags = 1 << 6 // Call: behind the message stand the numbers that it mentions
	// RepliedRefs is Refs of a Reply.
	RepliedRefs Flags = 1 << 2
	// Files: Call, Reply: descriptors come along; the last byte of the payload is their count.
	Files Flags = 1 << 1
	// Final: Drain, DrainAck: nothing of the sender is in flight, nor will it be.
	Final Flags = 1 << 0
	// Leaving: Cancel: the call is given up because the sender takes its leave; it waits for the reply all the same.
	Leaving Flags = 1 << 0
)

// Panicked marks the Reply of a handler that panicked: the payload is the panic's text and stack.
const Panicked = Failed | WithErr

// allowed holds the flags that a kind may carry. Others are a protocol error, so
// that a later version can give them a meaning.
var allowed = [...]Flags{
	Call:     More | Gob | Deadline | Metadata | Target | Refs | Files,
	Reply:    More | WithErr | Refused | Failed | RepliedRefs | Files,
	Chunk:    More | Abort,
	Cancel:   Deadline | Leaving,
	Drain:    Final,
	DrainAck: Final,
	Describe: More,
	Pong:     0,
}

// Header is what stands before every payload.
type Header struct {
	Length uint32 // of the payload in bytes
	Kind   Kind
	Flags  Flags
	CPU    uint16 // the processor that the sender ran on plus one, 0 if it does not say: a hint
	ID     uint64 // the call, chosen by the side that makes it, from 1 up; or what the frame is about; of a Ping, from 1 up; 0 for nothing
}

// Put writes h into the first HeaderSize bytes of b.
func (h Header) Put(b []byte) {
	_ = b[HeaderSize-1]
	binary.LittleEndian.PutUint32(b[0:], h.Length)
	b[4] = byte(h.Kind)
	b[5] = byte(h.Flags)
	binary.LittleEndian.PutUint16(b[6:], h.CPU)
	binary.LittleEndian.PutUint64(b[8:], h.ID)
}

// Peek reads a header from the first HeaderSize bytes of b as it stands there.
func Peek(b []byte) Header {
	_ = b[HeaderSize-1]
	return Header{
		Length: binary.LittleEndian.Uint32(b[0:]),
		Kind:   Kind(b[4]),
		Flags:  Flags(b[5]),
		CPU:    binary.LittleEndian.Uint16(b[6:]),
		ID:     binary.LittleEndian.Uint64(b[8:]),
	}
}

// Parse is Peek, and checks all that can be checked without knowing the connection's state.
func Parse(b []byte) (Header, error) {
	h := Peek(b)
	if h.Kind == Call && h.common() || h.IsCommonReply() {
		return h, nil
	}
	return h, h.check()
}

// IsCommonReply tells whether h is the correct header of a reply without anything particular, as most are.
func (h Header) IsCommonReply() bool { return h.Kind == Reply && h.common() }

func (h Header) common() bool { return h.Flags == 0 && h.Length <= MaxPlain && h.ID != 0 }

func (h Header) check() error {
	if !h.Kind.known() {
		return fmt.Errorf("frame of unknown kind %d", uint8(h.Kind))
	}
	if extra := h.Flags &^ allowed[h.Kind]; extra != 0 {
		return fmt.Errorf("%v frame with unknown flags %#x", h.Kind, uint8(extra))
	}
	if h.Kind == Reply && h.Flags&Refused != 0 && h.Flags&Panicked != 0 {
		return fmt.Errorf("%v frame of a call that was refused and executed, flags %#x", h.Kind, uint8(h.Flags))
	}
	if limit := h.maxLength(); h.Length > limit {
		return fmt.Errorf("%v frame of %d bytes, the limit is %d", h.Kind, h.Length, limit)
	}
	if (h.ID == 0) != (h.Kind >= Drain && h.Kind <= Describe) {
		return fmt.Errorf("%v frame with call id %d", h.Kind, h.ID)
	}
	return nil
}

// longest is the payload of a kind in bytes, at most, unless flags say otherwise.
var longest = [...]uint32{
	Call:     MaxPlain,
	Reply:    MaxPlain,
	Chunk:    MaxChunk,
	Describe: MaxPlain,
	Release:  HomeLength,
	Data:     MaxChunk,
	Credit:   CreditLength,
	Pong:     0,
}

func (h Header) maxLength() uint32 {
	limit := longest[h.Kind]
	switch {
	case h.Flags&(More|Abort|Files) == 0: // most frames
	case h.Kind == Chunk && h.Flags&Abort != 0:
		return 0
	case h.Kind == Call || h.Kind == Reply:
		if h.Announces() {
			limit = SizeLength
		}
		if h.Flags&Files != 0 {
			limit++ // for their count
		}
	}
	return limit
}

// Announces tells whether a frame announces a large message, of which its payload is the size.
func (h Header) Announces() bool {
	return h.Flags&More != 0 && (h.Kind == Call || h.Kind == Reply)
}
