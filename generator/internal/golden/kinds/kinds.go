// Package kinds has a contract with every kind of type that travels.
package kinds

import (
	"context"
	"math/big"
	"net/netip"
	"net/url"
	"sync"
	"time"

	"github.com/pingogen/pingogen/generator/internal/golden/other"
)

// Kinds passes values of every kind.
//
//pingo:plugin
type Kinds interface {
	Basics(ctx context.Context, v Basics) (Basics, error)
	Named(ctx context.Context, v Named) (Named, error)
	Composite(ctx context.Context, v Composite) (Composite, error)
	Marshaled(ctx context.Context, v Marshaled) (Marshaled, error)
	Branches(ctx context.Context, b Branch) (Many[Branch], error)
	Recursive(ctx context.Context, node *Node, tree Tree, tables Tables) (*Node, Tree, Tables, error)
	Generic(ctx context.Context, p Pair[string, int], l []Pair[Level, *Basics]) (Pair[string, int], []Pair[Level, *Basics], error)
	Partial(ctx context.Context, v *Locked, w Skipping, x Empty) (*Locked, Skipping, Empty, error)
	Anonymous(ctx context.Context, v struct {
		A int `json:"a"`
		b []string
	}) (w struct{ Point other.Point }, err error)
	Errors(ctx context.Context, errs []error) (map[string]error, error)
	Arrays(ctx context.Context, v [3]int, w [2][]Level, x [16]byte, y [0]string, z [2][2]other.Point) ([3]int, [2][]Level, [16]byte, [0]string, [2][2]other.Point, error)
}

// Basics has a field of each basic type.
type Basics struct {
	Bool       bool
	Int        int
	Int8       int8
	Int16      int16
	Int32      int32
	Int64      int64
	Uint       uint
	Uint8      uint8
	Uint16     uint16
	Uint32     uint32
	Uint64     uint64
	Float32    float32
	Float64    float64
	Complex64  complex64
	Complex128 complex128
	String     string
	Byte       byte
	Rune       rune
	Bytes      []byte
	Error      error
	Time       time.Time
	Duration   time.Duration
}

type (
	// Level is a named integer.
	Level int
	// Flag is a named bool.
	Flag bool
	// Text is a named string.
	Text string
	// Blob is a named byte slice.
	Blob []byte
	// Hash is a named byte array.
	Hash [32]byte
	// Levels is a named slice of a named type.
	Levels []Level
	// Index is a named map.
	Index map[Text]Levels
	// Ref is a named pointer.
	Ref *Level
	// Grid is a named array.
	Grid [2]Levels
	// Alias is an alias of a struct.
	Alias = Basics
	// Set is a generic alias.
	Set[T comparable] = map[T]Flag
	// Octets is a slice of a named byte.
	Octets []Octet
	// Octet is a named byte.
	Octet byte
)

// Named has a field of each named type.
type Named struct {
	Level  Level
	Flag   Flag
	Text   Text
	Blob   Blob
	Hash   Hash
	Levels Levels
	Index  Index
	Ref    Ref
	Grid   Grid
	Alias  Alias
	Set    Set[Text]
	Octets Octets
	Other  other.Level
	Tags   other.Tags
	Point  other.Point
}

// Composite has fields of types that are written by their structure.
type Composite struct {
	Names     []string
	Matrix    [][]float64
	Blobs     [][]byte
	Hashes    []Hash
	Counts    map[string]int
	Nested    map[Text]map[int][]Level
	Pointer   *string
	Pointers  []**int
	Points    map[other.Point]*other.Point
	ByTime    map[string]time.Time
	ByArray   map[[2]int]struct{}
	Structs   []struct{ X, Y int }
	Durations []time.Duration
	Flags     []Flag
	Alias     []Alias
	Inner
	*Level
}

// Inner is embedded.
type Inner struct {
	Depth int
	name  string
}

// Marshaled has fields whose types travel through their own methods.
type Marshaled struct {
	Token  other.Token
	Tokens []other.Token
	URL    *url.URL
	Addr   netip.Addr
	ByAddr map[netip.Addr]string
	Big    *big.Int
	Amount big.Int
	Gob    Gob
}

// Gob travels by its gob methods.
type Gob struct{ text string }

// GobEncode returns the text.
func (g Gob) GobEncode() ([]byte, error) { return []byte(g.text), nil }

// GobDecode sets the text.
func (g *Gob) GobDecode(b []byte) error {
	g.text = string(b)
	return nil
}

// Node contains itself through a pointer, a slice and a map.
type Node struct {
	Value    string
	Next     *Node
	Children []Node
	ByName   map[string]*Node
}

// Branch contains itself through an instance of a generic type.
type Branch struct {
	Name   string
	Leaves Many[Branch]
	Parent *Pair[string, *Branch]
}

// Many is a generic slice.
type Many[T any] []T

// Tree contains itself without a struct.
type Tree []Tree

// Tables contains itself through a map.
type Tables map[string]Tables

// Pair is generic.
type Pair[A, B any] struct {
	First  A
	Second B
}

// Locked must not be copied.
type Locked struct {
	Mu    Guard
	Name  string
	Inner LockedInner
}

// LockedInner must not be copied either.
type LockedInner struct {
	mu    sync.Mutex `pingo:"-"`
	Count int
}

// Guard has a lock that stays behind, and nothing else.
type Guard struct {
	mu sync.Mutex `pingo:"-"`
}

// Skipping has fields that stay behind.
type Skipping struct {
	Kept    string
	Skipped func() `pingo:"-"`
	_       int
	Last    int
}

// Empty has no fields.
type Empty struct{}
