// Package logs takes the records of log/slog from a plugin to its host.
//
//   - handler.go: a plugin logs to a Handler, which writes each record down at once, as record.go has it;
//   - sender.go: a Sender sends what was written down, and drops it where the host does not keep up;
//   - receiver.go: a Receiver hands records to a handler of the host's, in the order in which they were logged.
//
// Sender and Receiver meet in a contract that the host serves beside its own: the plugin calls it
// with records, and the host's answer is the lowest level that it takes.
package logs

import "github.com/pingogen/pingogen/runtime/codec"

// Contract is what a host serves that takes records.
var Contract = codec.Contract{Name: "PingoLog", Methods: codec.MethodsNamed("Handle")}

var method = Contract.Name + ".Handle"

// batch is what the plugin sends.
type batch struct {
	seq     uint64   // counts the calls, so that records keep their order
	dropped int      // records that are missing before these
	records [][]byte // as encode wrote them
}

func (b *batch) Encode(e *codec.Encoder) {
	e.Uint64(b.seq)
	e.Int(b.dropped)
	codec.EncodeSlice(e, b.records, (*codec.Encoder).Bytes)
}

func (b *batch) Decode(d *codec.Decoder) {
	b.seq = d.Uint64()
	b.dropped = d.Int()
	b.records = codec.DecodeSlice(d, (*codec.Decoder).Bytes)
}

// answer is the host's.
type answer struct{ lowest int64 } // level that it takes

func (a *answer) Encode(e *codec.Encoder) { e.Int64(a.lowest) }
func (a *answer) Decode(d *codec.Decoder) { a.lowest = d.Int64() }
