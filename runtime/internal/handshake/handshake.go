// Package handshake is what both sides say before the first call: how the
// plugin finds its host, who is allowed to connect, and what each side offers.
//
// With the transport auto the plugin inherits one end of a connected socket, and memory that it may have in common with its host.
// With unix and tcp it inherits two pipes, the control stream: the host sends an
// offer, the plugin listens and answers with an announcement, and the host
// connects and proves that it is the one which made the offer. Secrets travel on
// these pipes and nowhere else. On the connection, each side then says Hello.
package handshake

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"time"

	"github.com/pingogen/pingogen/runtime/codec"
	"github.com/pingogen/pingogen/runtime/internal/transport"
)

// Version is that of the protocol. Sides with different versions do not talk.
const Version = 1

// VersionText is Version in decimal digits.
const VersionText = "1"

// maxMessage bounds what is read before the other side is known to be sane.
const maxMessage = 4 << 20

// Hello is what each side says first on a connection.
type Hello struct {
	MaxMessage   int // the largest message that this side takes
	StreamCredit int // how many bytes of a stream may be on the way
	Objects      []string
	Contracts    []codec.Contract
	Memory       bool // of a plugin: it goes on through the shared memory that it was given
	Leaves       bool // this side knows the flags with which the other takes its leave; see leaving
}

// leaving stands among the contracts of who Leaves, without methods: whoever does not know it passes over it.
const leaving = "PingoLeave"

// magic stands before a Hello, with the version behind it.
const magic = "pingo"

// sizeLength is how many bytes the size of a message takes.
const sizeLength = 4

// InvalidError says that the other side does not speak the protocol.
type InvalidError struct{ Err error }

func (e *InvalidError) Error() string { return e.Err.Error() }

// Unwrap returns Err.
func (e *InvalidError) Unwrap() error { return e.Err }

// Encode implements codec.Message.
func (h *Hello) Encode(e *codec.Encoder) {
	e.Int(h.MaxMessage)
	e.Int(h.StreamCredit)
	codec.EncodeSlice(e, h.Objects, (*codec.Encoder).String)
	codec.EncodeSlice(e, h.announced(), func(e *codec.Encoder, c codec.Contract) { c.Encode(e) })
	e.Bool(h.Memory)
}

// Decode implements codec.Message.
func (h *Hello) Decode(d *codec.Decoder) {
	h.MaxMessage = d.Int()
	h.StreamCredit = d.Int()
	h.Objects = codec.DecodeSlice(d, (*codec.Decoder).String)
	h.Contracts = codec.DecodeSlice(d, func(d *codec.Decoder) (c codec.Contract) {
		c.Decode(d)
		return c
	})
	if i := slices.IndexFunc(h.Contracts, func(c codec.Contract) bool { return c.Name == leaving }); i >= 0 {
		h.Leaves, h.Contracts = true, slices.Delete(h.Contracts, i, i+1)
	}
	h.Memory = d.Bool()
}

// announced are the contracts as the other side gets them.
func (h *Hello) announced() []codec.Contract {
	if !h.Leaves {
		return h.Contracts
	}
	return append(slices.Clip(h.Contracts), codec.Contract{Name: leaving})
}

// Greet is the host's half of the exchange: it speaks first.
func Greet(ctx context.Context, c net.Conn, h Hello) (peer Hello, err error) {
	err = bounded(ctx, c, func() error {
		if err := writeHello(c, &h); err != nil {
			return err
		}
		return readHello(c, &peer)
	})
	return peer, err
}

// Share has c, a connection of an Offer, go on through shared memory if the plugin has said that it
// does. It follows Greet.
func Share(c net.Conn, plugin Hello) error {
	if !plugin.Memory {
		return nil
	}
	s, ok := c.(*transport.Sharing)
	if !ok {
		return &InvalidError{errors.New("the plugin goes on through shared memory that it was not given")}
	}
	return s.Share()
}

// Welcome is the other half of Greet, for who is not a plugin with an Attachment.
func Welcome(c net.Conn, h Hello) (peer Hello, err error) {
	if err := readHello(c, &peer); err != nil {
		return peer, err
	}
	return peer, writeHello(c, &h)
}

// bounded runs f, and interrupts what it does on c when ctx ends.
func bounded(ctx context.Context, c net.Conn, f func() error) error {
	interrupted := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		_ = c.SetDeadline(time.Unix(1, 0)) // a closed connection needs no interruption
		close(interrupted)
	})
	err := f()
	if !stop() {
		<-interrupted
	}
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	return err
}

func writeHello(w io.Writer, h *Hello) error {
	return writeMessage(w, append([]byte(magic), Version), h)
}

func readHello(r io.Reader, h *Hello) error {
	var start [len(magic) + 1 + sizeLength]byte
	n, err := io.ReadAtLeast(r, start[:], len(magic)+1)
	if err != nil {
		return err
	}
	if string(start[:len(magic)]) != magic {
		return &InvalidError{errors.New("the other side does not speak pingo's protocol")}
	}
	if v := start[len(magic)]; v != Version {
		return &InvalidError{fmt.Errorf("the other side speaks version %d of the protocol, this side version %d", v, Version)}
	}
	if _, err := io.ReadFull(r, start[n:]); err != nil {
		return noEOF(err)
	}
	if err := readBody(r, start[len(magic)+1:], h); err != nil {
		return err
	}
	return h.check()
}

// MaxStreamCredit bounds Hello.StreamCredit.
const MaxStreamCredit = 1 << 30

// maxContracts bounds the contracts in a Hello.
const maxContracts = 1000

// check refuses what the other side cannot mean.
func (h *Hello) check() error {
	if len(h.Contracts) > maxContracts {
		return &InvalidError{fmt.Errorf("the other side has %d contracts; at most %d are taken", len(h.Contracts), maxContracts)}
	}
	if h.StreamCredit < 0 || h.StreamCredit > MaxStreamCredit {
		return &InvalidError{fmt.Errorf("the other side sends %d bytes of a stream at once; at most %d are allowed", h.StreamCredit, MaxStreamCredit)}
	}
	seen := make(map[string]bool, len(h.Contracts))
	for i := range h.Contracts {
		name := h.Contracts[i].Name
		if seen[name] {
			return &InvalidError{fmt.Errorf("the other side describes the contract %q twice", name)}
		}
		seen[name] = true
	}
	return nil
}

// writeMessage writes prefix, the length of m and m.
func writeMessage(w io.Writer, prefix []byte, m codec.Message) error {
	var e codec.Encoder
	head := len(prefix)
	e.Reset(append(prefix, make([]byte, sizeLength)...))
	e.Message(m)
	if err := e.Err(); err != nil {
		return err
	}
	b := e.Buffer()
	size := len(b) - head - sizeLength
	if size > maxMessage {
		return fmt.Errorf("a handshake of %d bytes is larger than %d; register fewer contracts", size, maxMessage)
	}
	binary.LittleEndian.PutUint32(b[head:], uint32(size))
	_, err := w.Write(b)
	return err
}

func readMessage(r io.Reader, m codec.Message) error {
	var head [sizeLength]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return err
	}
	return readBody(r, head[:], m)
}

// readBody reads what follows the size of a message.
func readBody(r io.Reader, head []byte, m codec.Message) error {
	size := binary.LittleEndian.Uint32(head)
	if size > maxMessage {
		return &InvalidError{fmt.Errorf("a handshake of %d bytes was announced; at most %d are taken", size, maxMessage)}
	}
	b := make([]byte, size)
	if _, err := io.ReadFull(r, b); err != nil {
		return noEOF(err)
	}
	var d codec.Decoder
	d.Reset(b, true)
	if err := d.Message(m); err != nil {
		return &InvalidError{fmt.Errorf("the handshake cannot be decoded: %w", err)}
	}
	return nil
}

// noEOF is err, unless that says that there is nothing where something was announced.
func noEOF(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}
