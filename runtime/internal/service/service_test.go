package service

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pingogen/pingogen/runtime/codec"
)

// Arith obeys the rules of net/rpc in some of its methods.
type Arith struct{}

type Args struct{ A, B int }

type hidden struct{}

func (*Arith) Add(args Args, sum *int) error               { *sum = args.A + args.B; return nil }
func (*Arith) AddPointer(args *Args, sum *int) error       { *sum = args.A + args.B; return nil }
func (*Arith) Digits(n int, m *map[int]bool) error         { (*m)[n] = true; return nil }
func (*Arith) Tens(n int, s *[]int) error                  { *s = append(*s, n*10); return nil }
func (*Arith) Anything(args struct{ N int }, r *any) error { return nil }

func (*Arith) NoPointer(args Args, sum int) error       { return nil }
func (*Arith) OneArgument(args Args) error              { return nil }
func (*Arith) NoError(args Args, sum *int)              {}
func (*Arith) NotAnError(args Args, sum *int) string    { return "" }
func (*Arith) HiddenArgument(args hidden, i *int) error { return nil }
func (*Arith) HiddenReply(args int, i *hidden) error    { return nil }
func (*Arith) unexported(args Args, sum *int) error     { return nil }

func TestNetRPCMethods(t *testing.T) {
	(*Arith).unexported(nil, Args{}, nil)
	var r Registry
	require.NoError(t, r.Register(new(Arith)))
	require.Equal(t, []string{"Arith"}, r.Objects())
	require.Empty(t, r.Contracts())
	require.Equal(t, []string{
		"Arith.Add(args service.Args, reply *int) error",
		"Arith.AddPointer(args *service.Args, reply *int) error",
		"Arith.Anything(args struct { N int }, reply *interface {}) error",
		"Arith.Digits(args int, reply *map[int]bool) error",
		"Arith.Tens(args int, reply *[]int) error",
	}, r.Methods("Arith"), "exactly what net/rpc would export")
}

// Value has its method on the value.
type Value int

func (v Value) Get(_ int, r *int) error { *r = int(v); return nil }

func TestValuesAndPointersHaveOneName(t *testing.T) {
	for _, obj := range []any{Value(3), new(Value)} {
		var r Registry
		require.NoError(t, r.Register(obj))
		require.Equal(t, []string{"Value"}, r.Objects())
	}
}

type NoMethods struct{}

func TestRefusedObjects(t *testing.T) {
	pointer := new(Arith)
	for want, obj := range map[string]any{
		"cannot register nil": nil,
		"cannot register a service.NoMethods: it has no exported method of the form":                      NoMethods{},
		"cannot register a service.Arith: its methods have pointer receivers; register a pointer to it":   Arith{},
		"cannot register a *service.hidden: its type is not exported; write hidden with a capital letter": new(hidden),
		"cannot register a struct {}: its type has no name; declare one":                                  struct{}{},
		"cannot register a **service.Arith: its type has no name; declare one":                            &pointer,
		"a codec.Service needs a contract with a name":                                                    (*codec.Service)(nil),
		"service Greeter has 0 handlers for 1 methods; run go generate":                                   &codec.Service{Contract: &greeter},
		"service Greeter has no handler for SayHello; run go generate":                                    &codec.Service{Contract: &greeter, Handlers: []codec.Handler{nil}},
	} {
		var r Registry
		require.ErrorContains(t, r.Register(obj), want)
		require.Empty(t, r.Objects(), "nothing of it is registered")
	}
}

var greeter = codec.Contract{
	Name:    "Greeter",
	Methods: []codec.Method{{Name: "SayHello", Signature: "(name string) (string)"}},
}

func greet(context.Context, *codec.Decoder, *codec.Encoder) error { return nil }

func TestGeneratedService(t *testing.T) {
	var r Registry
	require.NoError(t, r.Register(&codec.Service{Contract: &greeter, Handlers: []codec.Handler{greet}}))
	require.Equal(t, []string{"Greeter"}, r.Objects())
	require.Equal(t, []*codec.Contract{&greeter}, r.Contracts())
	require.Equal(t, []string{"Greeter.SayHello(name string) (string)"}, r.Methods("Greeter"))

	var told Registry
	text := "contract Greeter \"p\"\nmethod 0x0 SayHello(name string) (string)\ngo (ctx context.Context, name string) (string, error)\ndoc SayHello greets.\n"
	require.NoError(t, told.Register((&codec.Service{Contract: &greeter, Handlers: []codec.Handler{greet}}).WithText(text)))
	require.Equal(t, []string{"Greeter.SayHello(ctx context.Context, name string) (string, error)"}, told.Methods("Greeter"))

	h, err := r.Lookup("Greeter.SayHello", false)
	require.NoError(t, err)
	require.NotNil(t, h)
}

func TestDuplicatesAreRefused(t *testing.T) {
	var r Registry
	require.NoError(t, r.Register(new(Arith)))
	require.EqualError(t, r.Register(new(Arith)), "an object named Arith is registered already")
	require.Equal(t, []string{"Arith"}, r.Objects())
}

func TestMissingImplementationIsRefused(t *testing.T) {
	var r Registry
	s := (&codec.Service{Contract: &greeter, Handlers: []codec.Handler{greet}}).WithHealth(nil)
	require.EqualError(t, r.RegisterService(s), "the implementation of Greeter is nil")
	require.Empty(t, r.Objects())
	require.NoError(t, r.RegisterService(s.WithHealth(new(Arith))))
}

func TestLookupSaysWhatIsThere(t *testing.T) {
	var r Registry
	require.NoError(t, r.Register(Value(0)))
	require.NoError(t, r.Register(&codec.Service{Contract: &greeter, Handlers: []codec.Handler{greet}}))
	for _, test := range []struct {
		name string
		gob  bool
		want string
	}{
		{"Value.Get", false, "not implemented: Value.Get is a method of a net/rpc-style object, which generated code cannot call; call it with plain Go values"},
		{"Greeter.SayHello", true, "not implemented: Greeter.SayHello is served by generated code; call it through the generated client, not with plain Go values"},
		{"Greeter.SayBye", false, "not implemented: Greeter has no method SayBye; it has SayHello"},
		{"Other.Get", true, "not implemented: there is no object Other; registered are: Value, Greeter"},
		{"Get", true, `not implemented: "Get" is not of the form Object.Method`},
	} {
		_, err := r.Lookup(test.name, test.gob)
		require.EqualError(t, err, test.want)
		require.ErrorIs(t, err, ErrUnimplemented)
	}
}
