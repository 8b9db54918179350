package codec

import (
	"context"
	"io"
	"slices"
	"strings"
	"time"
)

// Message is what a call carries: generated argument and reply types implement it.
type Message interface {
	Encode(*Encoder)
	Decode(*Decoder)
}

// Handler serves one method in the plugin. It decodes the arguments from dec,
// calls the implementation, encodes the results into enc, and returns the
// implementation's error. A handler that cannot decode returns dec's error.
type Handler func(ctx context.Context, dec *Decoder, enc *Encoder) error

// Service is what generated adapters hand to pingo.Register.
type Service struct {
	Contract *Contract
	Handlers []Handler // one for each of Contract.Methods, in their order
	Writer   io.Writer // takes what the other side writes, if that may; see WriteHandler

	has, lacks []string // of the optional methods; see Optional
	health     Opinion  // or nil; see WithHealth
	missing    bool     // there is no implementation; see WithHealth
	text       string   // see WithText
}

// WithText keeps the contract's text in the program (see package description), where
// tools find it that read the binary and do not run it. It returns s.
func (s *Service) WithText(text string) *Service {
	s.text = text
	return s
}

// Declared returns the signature of a method as the interface has it, with context and error, if the
// contract's text tells that, and else what of it travels.
func (s *Service) Declared(m Method) string {
	_, line, found := strings.Cut(s.text, " "+m.Name+m.Signature+"\ngo ")
	if !found {
		return m.Signature
	}
	line, _, _ = strings.Cut(line, "\n")
	return line
}

// Handler returns the handler of a method, nil if there is none.
func (s *Service) Handler(method []byte) Handler {
	i, ok := s.index(method)
	if !ok {
		return nil
	}
	return s.Handlers[i]
}

func (s *Service) index(method []byte) (int, bool) {
	return slices.BinarySearchFunc(s.Contract.Methods, method, func(m Method, name []byte) int {
		return strings.Compare(m.Name, string(name))
	})
}

// Contract describes an interface to the other side of a connection. Both
// sides exchange their contracts once, before the first call.
type Contract struct {
	Name    string   // the interface's name: "Greeter"
	Package string   // its import path
	Methods []Method // sorted by name
	Types   []Type   // what the methods' signatures refer to, sorted by name
}

// MethodsNamed returns methods of which the other side needs to know no more.
func MethodsNamed(names ...string) []Method {
	list := make([]Method, len(names))
	for i, name := range names {
		list[i].Name = name
	}
	return list
}

// Method describes one method of a Contract.
type Method struct {
	Name        string // "SayHello"
	Signature   string // Go syntax, without context and the final error: "(name string) (string)"
	Fingerprint uint64 // of the signature and all types that it reaches; equal means the same bytes

	// How calls are made: the caller's business, which the other side is not told.

	Idempotent bool          // a call that may have run is repeated
	Timeout    time.Duration // of a call whose context has no deadline; 0 for none
	Oneway     bool          // a call returns when it is written; there are no results
}

// Type describes one named type of a Contract by its structure.
type Type struct {
	Name       string // "Item", or "other.Item" for another package's
	Definition string // Go syntax: "struct{Key string; Value []byte}"
}
