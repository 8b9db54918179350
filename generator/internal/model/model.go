// Package model is the plain data between reading a package and writing code
// for it. It knows neither syntax trees nor flags, so that emitters depend on
// nothing else; what stands in a model has passed check and can be emitted.
package model

import (
	"go/token"
	"slices"
	"time"
)

// Package is one Go package with its contracts.
type Package struct {
	Path       string // import path
	Name       string // package clause
	Dir        string // absolute directory, where the output goes
	Constraint string // build constraint expression for the output, "" for none
	Contracts  []*Contract
	ErrorVars  []string     // exported variables Err* that are errors; sorted
	ErrorTypes []*ErrorType // exported types of errors that can travel; sorted by name
	Mains      []*Main      // constructors with //pingo:plugin
	Scope      []string     // every identifier declared in the package's scope; sorted
	Imports    []string     // the names that its files' imports declare, dot imports' names included; sorted
}

// ErrorType is a type whose values are errors, or pointers to them.
type ErrorType struct {
	Type    *Type
	Pointer bool // only a pointer to it is an error
}

// Contract is one interface for which code is generated.
type Contract struct {
	Name    string  // of the type declaration that carries the directive: "Greeter"
	Doc     string  // its doc comment as text, without directives
	Failure Failure // what methods without an error result do when a call fails
	Own     bool    // the strings of arguments and results do not share copies
	Variant string  // what its other directives change, as in Type
	Methods []*Method
}

// Failure says what a method without an error result does when its call fails.
type Failure int

const (
	FailureNone  Failure = iota // every method has an error result, or would be refused
	FailurePanic                // panics with the call's error
	FailureZero                 // returns zero values
)

// Method is one method of a contract, embedded and optional ones included, sorted by name.
type Method struct {
	Name     string
	Doc      string    // text, "Deprecated:" paragraphs included, without directives
	Context  bool      // the first parameter is a context.Context; it is not in Params
	CtxName  string    // its name in the source, "" if unnamed or blank
	Params   []*Param  // the rest
	Variadic bool      // the last of Params is variadic; its Type is the slice
	Results  []*Param  // without the final error
	Error    bool      // the last result is an error
	ErrName  string    // its name in the source, "" if unnamed or blank
	Special  Special   // it is not an ordinary call
	Calling  Calling   // how it is called, as its directives say
	Optional *Optional // what a value has to implement to have the method; nil if every value has it
}

// Optional is an interface of the package that declares another one, which it
// embeds: values of the other may implement it, too.
type Optional struct {
	Type  *Type // the optional one, which is only written
	Plain *Type // the other one, likewise
	// Fallback says that for each method that the optional one adds, its package has a function of the
	// same name that does the same for a plain value.
	Fallback bool
}

// Returned is what travels back: the results, and the parameters that the callee fills.
func (m *Method) Returned() []*Param { return slices.Concat(m.Results, m.Filled()) }

// Filled are the parameters that the callee fills.
func (m *Method) Filled() []*Param {
	return slices.DeleteFunc(slices.Clone(m.Params), func(p *Param) bool { return p.InOut == NotFilled })
}

// Calling is how a method is called.
type Calling struct {
	Idempotent bool          // a call that may have run is repeated; of a contract's methods
	Timeout    time.Duration // of calls whose context has no deadline, 0 for none
	Oneway     bool          // a call returns when it is written
}

// Special says which method of package io, Close included, a method is. Their
// arguments are filled by the callee, or their bytes are streamed.
type Special int

const (
	Ordinary   Special = iota
	Read               // Read(p []byte) (int, error): a call that fills p
	ReadAt             // ReadAt(p []byte, off int64) (int, error): calls that fill p
	ReadStream         // Read, of a value that is passed by reference: it is read ahead
	Write              // Write(p []byte) (int, error), of such a value: it is written behind
	Seek               // Seek(offset int64, whence int) (int64, error), beside a ReadStream
	Sys                // Sys() any of an fs.FileInfo, which may return nil and does: it is not called
	Close              // Close() error or Close(ctx) error: an ordinary call, but a proxy's releases the value
)

// Param is a parameter or result as the source names it.
type Param struct {
	Name string // "" if unnamed or blank
	Type *Type
	// InOut says that the callee fills the parameter: what it left there travels back with the results.
	InOut InOut
}

// InOut says how what the callee filled is copied back.
type InOut int

const (
	NotFilled   InOut = iota
	FillSlice         // over the elements
	FillMap           // as the new entries
	FillPointer       // to what the pointer points to
)

// Main is a plugin main to be generated from a constructor.
type Main struct {
	Constructor string // "New"
	Pos         token.Position
	Doc         string
	Context     bool           // takes a context.Context first
	Config      *Config        // the config struct it takes, or nil
	Error       bool           // returns an error last
	Result      string         // Go syntax of the first result, for messages: "*Hello"
	Type        token.Position // where that is declared, or where the constructor mentions it
	Serves      []Serves       // the contracts that its result implements
	Lacks       []Lack         // those that it does not, beginning with the one of which it has most
	Constraint  string         // the build constraint of its file, "" if there is none
}

// Lack says why a constructor's result does not implement a contract.
type Lack struct {
	Contract string
	Has      int    // methods that have the right name
	Text     string // "*Hello lacks the method ..."
}

// Serves names a contract that a constructor's result implements.
type Serves struct {
	Package     string // import path of the contract
	PackageName string
	Contract    string
	Constraint  string // the build constraint of its file, "" if there is none
}

// Config is a constructor's configuration struct.
type Config struct {
	Name    string // type name in the package
	Pointer bool   // the constructor takes a pointer to it
	Fields  []ConfigField
}

// ConfigField is a field that flags and environment fill.
type ConfigField struct {
	Name string
	Flag string // "cache-size"
	Env  string // "CACHE_SIZE"
	Doc  string
	Kind string // "string", "bool", "int", "int64", "uint", "uint64", "float64", "duration", or "text" (encoding.TextUnmarshaler)
	Type *Type
}

// Kind is how a type travels.
type Kind int

const (
	Invalid   Kind = iota
	Bool           // the basic kinds: Basic names the predeclared type
	Integer        // int .. int64, uint .. uint64 (never uintptr)
	Float          // float32, float64
	Complex        // complex64, complex128
	String         //
	Bytes          // a slice of bytes: []byte or a type whose underlying type is one
	ByteArray      // an array of bytes, Len long
	Slice          // Elem
	Array          // Elem, Len
	Map            // Key, Elem
	Pointer        // Elem
	Struct         // Fields
	Time           // time.Time
	Error          // the predeclared error interface
	Any            // an interface without methods, whose values travel with their types
	Slog           // a type of log/slog that has no marshaler: Basic names it, Record, Attr or Value
	Marshaler      // a type that travels through its own methods: Marshal says which
	Handle         // os.File, or a connection or listener of package net: a Pointer to it is a descriptor, which is duplicated
	Interface      // an interface with Methods, whose values are passed by reference
	Snapshot       // an interface with Methods without parameters, which are asked once, and whose results travel
	Func           // a function, which is passed by reference: Methods has one, Call
	Receiver       // <-chan Elem, which is streamed
	Sender         // chan<- Elem, which is streamed
	Chan           // chan Elem, which does not travel and may only be mentioned
	Seq            // iter.Seq[Elem] by its structure, which is streamed
	Seq2           // iter.Seq2[Key, Elem] by its structure, which is streamed
)

// Marshal says by which methods a Marshaler travels.
type Marshal int

const (
	MarshalNone   Marshal = iota
	MarshalProto          // google.golang.org/protobuf/proto.Marshal; on the message type, NoCopy, which a Pointer leads to
	MarshalBinary         // MarshalBinary, UnmarshalBinary
	MarshalGob            // GobEncode, GobDecode
	MarshalText           // MarshalText, UnmarshalText
	MarshalPair           // the functions of Pair
)

// Pair is two functions of the contract's package that carry a type.
type Pair struct {
	Encode, Decode string
	Pointer        bool // they take and return a pointer to the type
}

// Type is a type as it is written and as it travels. Types are shared: the same
// Go type is the same *Type within a Package, and recursive types are cycles.
type Type struct {
	// How it is written. A named type or an alias has Name, and its package unless
	// it is predeclared; any other type is written by its structure.
	Name        string // "Item", "string"; "" for a type literal
	Package     string // import path; "" if predeclared or a literal
	PackageName string
	Args        []*Type // type arguments of an instance

	// How it travels, by its underlying structure.
	Kind      Kind
	Basic     string // for basic kinds, the predeclared name of the underlying type: "int32", "string"
	Elem, Key *Type
	Len       int64
	Fields    []*Field // all of a Struct's fields, in order
	Marshal   Marshal
	Pair      *Pair     // of MarshalPair
	Methods   []*Method // of an Interface, optional ones included, or a Snapshot, sorted by name, or of a Func
	// Socket says of an Interface that what is behind it may be a socket, which is then duplicated.
	Socket bool
	// Failure is what methods without an error result do, of this type or of one that it mentions. It is
	// that of the contract which mentions the type; FailureNone if it makes no difference.
	Failure Failure
	// Variant is what else the contract's directives change in the type or what it mentions, "" for nothing.
	Variant string
	// PointerMethods says that the marshal methods need a pointer receiver on the type as written.
	PointerMethods bool
	// NoCopy says that go vet's copylocks would refuse copies; such a type is only reached through pointers.
	NoCopy bool
	// Recursive says that the type can contain itself, so that its functions count depth.
	Recursive bool
}

// Field is a struct field.
type Field struct {
	Name     string
	Type     *Type // nil if it does not travel
	Embedded bool
	Travels  bool   // false for fields tagged pingo:"-", and blank ones
	Tag      string // the struct tag, unquoted; it is part of an unnamed struct's identity
	Source   string // Go syntax of the type with package-name qualifiers, for messages
}
