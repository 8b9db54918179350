// Package names has a contract whose names are those that generated code would
// like to use itself.
package names

import (
	"context"
	"net/url"

	"github.com/pingogen/pingogen/generator/internal/golden/args"
)

// Client has methods named like those of a client, and parameters named like
// everything else.
//
//pingo:plugin
type Client interface {
	Call(ctx context.Context, call string) (string, error)
	CallContext(context context.Context, ctx string) error
	Close() error
	Encode(Encode, Decode string) (string, error)
	Decode(Decode string, Encode string) (string, error)
	Impl(impl string) (string, error)
	Client(client string) error
	Type(string string, len int) (error error)
	Func(nil string, panic error) (any bool, err error)
	Select(c, a, e, d, v, m string) error
	Url(url *url.URL) (err error)
	URL(url *url.URL) (*url.URL, error)
	Args(args args.Value, reply args.Value) (result args.Value, err error)
	Err(err string, error string, dec, enc, codec, pingo int) (ctx string, e error)
	Context(context string) (r0 string, r1 error)
	Codec(codec string) error
	Pingo(pingo string) error
	P(_ int, p0 string, p02 int) error
	ClientCallArgs(clientCallArgs string, clientCallReply int) (int, error)
	Ünïcode(größe int, 日本 string) (résumé string, err error)
}

// ClientCall has methods whose names, put together, are those of Client's.
//
//pingo:plugin
type ClientCall interface {
	Context() error
	Args(n int) error
}

type (
	clientAdapter  struct{}
	clientCallArgs struct{}
	encodePoint    struct{}
	decodePoint    struct{ _ clientAdapter }
	// e and the others are what codec functions call their parameters.
	e struct{ V v }
	d int
	v []d
	m map[d]e
)

// Point has functions whose names are taken.
type Point struct {
	X, Y int
	_    clientCallArgs
	_    encodePoint
	_    decodePoint
}

// point differs from Point by one letter.
type point struct{ x d }

// Points uses the types with the short names.
//
//pingo:plugin
type Points interface {
	Short(e e, d d, v v, m m) (e, d, v, m, error)
	Long(p Point, q point) ([]point, error)
}
