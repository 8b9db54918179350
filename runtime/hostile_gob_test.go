package pingo_test

import (
	"strings"

	pingo "github.com/pingogen/pingogen/runtime"
	"github.com/pingogen/pingogen/runtime/codec"
)

// What package gob does not survive: internal/service refuses it.

// Chain is a recursive type.
type Chain struct{ Next *Chain }

// Store takes what gob decodes.
type Store struct{}

func (*Store) Chain(c *Chain, r *Chain) error          { *r = *c; return nil }
func (*Store) Map(m map[int]int, r *map[int]int) error { *r = m; return nil }

// marshaled is how arguments and results travel that are gob.
func marshaled(stream string) string {
	var e codec.Encoder
	e.Marshaled([]byte(stream), nil)
	return string(e.Buffer())
}

// deepChain is a Chain of eight million.
func deepChain() string {
	const depth = 8_000_000
	definition := "\x19\xff\x83\x03\x01\x01\x01T\x01\xff\x84\x00\x01\x01\x01\x04Next\x01\xff\x84\x00\x00\x00"
	length := depth + 2
	head := string([]byte{0xfc, byte(length >> 24), byte(length >> 16), byte(length >> 8), byte(length)})
	return marshaled(definition + head + "\xff\x84" + strings.Repeat("\x01", depth))
}

// greatMap says that it has two to the power of 33 entries.
func greatMap() string {
	return marshaled("\x0e\xff\x83\x04\x01\x02\xff\x84\x00\x01\x04\x01\x04\x00\x00" + "\x09\xff\x84\x00\xfb\x02\x00\x00\x00\x00")
}

func askForChain(p *pingo.Plugin) error { return p.Call("Store.Chain", Chain{}, new(Chain)) }

func askForMap(p *pingo.Plugin) error { return p.Call("Store.Map", map[int]int{}, new(map[int]int)) }
