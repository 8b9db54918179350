package codec

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"math/big"
	"net"
	"net/netip"
	"net/url"
	"os"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// sent is v on the other side.
func sent(v any) (any, error) {
	var e Encoder
	e.Any(v)
	if e.Err() != nil {
		return nil, e.Err()
	}
	return received(e.Buffer())
}

func received(msg []byte) (any, error) {
	var d Decoder
	d.Reset(msg, false)
	got := d.Any()
	if d.Err() == nil && d.Remaining() > 0 {
		return nil, errLeftOver
	}
	return got, d.Err()
}

func requireSame(t *testing.T, v any) {
	t.Helper()
	got, err := sent(v)
	require.NoError(t, err)
	require.Equal(t, v, got)
	require.Equal(t, reflect.TypeOf(v), reflect.TypeOf(got))
	requireSkipped(t, v)
}

// requireSkipped goes over a value without a look at it.
func requireSkipped(t *testing.T, v any) {
	t.Helper()
	var e Encoder
	e.Any(v)
	var d Decoder
	d.Reset(append(e.Buffer(), 42), false)
	d.SkipAny()
	require.NoError(t, d.Err())
	require.Equal(t, []byte{42}, d.Rest())
}

func TestAnyPredeclared(t *testing.T) {
	for _, v := range []any{
		nil, true, false, 1, -1, math.MinInt, int8(-8), int16(-16), int32(math.MinInt32), int64(math.MaxInt64),
		uint(1), uint8(255), uint16(16), uint32(32), uint64(math.MaxUint64), float32(1.5), math.Inf(-1), complex64(1i), complex128(2 - 1i),
		"", "text", []byte(nil), []byte{}, []byte("bytes"), time.Time{}, time.Unix(1e9, 1).UTC(), time.Duration(0), time.Hour,
		[]any(nil), []any{}, []any{nil, 1, int32(1), []any{"x"}}, map[string]any(nil), map[string]any{},
		map[string]any{"a": 1, "b": map[string]any{"": nil}, "c": []any{true}},
	} {
		requireSame(t, v)
	}
	got, err := sent(math.NaN())
	require.NoError(t, err)
	require.True(t, math.IsNaN(got.(float64)))
}

// An int of 64 bits does not fit where an int has 32: this side stands for that one with an int8.
func TestAnyOverflow(t *testing.T) {
	var e Encoder
	e.Any(1000)
	msg := e.Buffer()
	msg[0] = anyInt8
	_, err := received(msg)
	require.ErrorContains(t, err, "1000 does not fit int8")
}

func TestAnyError(t *testing.T) {
	got, err := sent([]any{io.EOF, fmt.Errorf("x: %w", fs.ErrExist), &fs.PathError{Op: "open", Path: "p", Err: io.EOF}, errors.New("new")})
	require.NoError(t, err)
	list := got.([]any)
	require.Equal(t, io.EOF, list[0])
	require.ErrorIs(t, list[1].(error), fs.ErrExist)
	require.Equal(t, &fs.PathError{Op: "open", Path: "p", Err: io.EOF}, list[2])
	require.EqualError(t, list[3].(error), "new")
}

type (
	plain struct {
		Name   string
		Count  int
		Nested *plain
		Any    any
		Err    error
		hidden int `pingo:"-"`
		_      int
	}
	number         int
	text           string
	blob           []byte
	hash           [3]byte
	octet          byte
	tree           []tree
	selfish        map[string]*selfish
	link           *link
	pair[A, B any] struct {
		First  A
		Second B
	}
	everything struct {
		Bool    bool
		Ints    [2]int16
		Uints   map[uint8]uint64
		Floats  []float32
		Complex complex64
		Wide    complex128
		Double  float64
		Text    text
		Blob    blob
		Hash    hash
		Octets  []octet
		None    [0]int
		Empty   struct{}
		Inner   struct{ A, B number }
		Time    time.Time
		Keys    map[pair[int, string]]*string
		ByTime  map[time.Time]bool
		ByAddr  map[netip.Addr]netip.Prefix
		URL     *url.URL
		Big     big.Int
		Wrapped failure
		List    []any
		Own     stamp
		Nobody  struct{ time.Time }
	}
	failure interface{ error }
)

// stamp embeds a type with methods that carry it, and has its own.
type stamp struct {
	time.Time
	Note string
}

func (s stamp) MarshalText() ([]byte, error) { return []byte(s.Note + "!"), nil }

func (s *stamp) UnmarshalText(b []byte) error {
	s.Note = strings.TrimSuffix(string(b), "!")
	return nil
}

// event would lose its name by the methods of the type that it embeds.
type event struct {
	time.Time
	Name string
}

// promoting has all of its methods from what it embeds.
type promoting struct {
	*big.Int
	Name string
}

// picky has methods that fail.
type picky struct{ S string }

func (p picky) MarshalBinary() ([]byte, error) {
	if p.S == "bad" {
		return nil, errors.New("picky sender")
	}
	return []byte(p.S), nil
}

func (p *picky) UnmarshalBinary(b []byte) error {
	if p.S = string(b); p.S == "worse" {
		return errors.New("picky receiver")
	}
	return nil
}

// coded is an error that is registered.
type coded struct{ Code int }

func (c *coded) Error() string { return fmt.Sprint("code ", c.Code) }

func init() {
	RegisterType[plain]()
	RegisterType[*plain]()
	RegisterType[number]()
	RegisterType[text]()
	RegisterType[blob]()
	RegisterType[hash]()
	RegisterType[[]octet]()
	RegisterType[tree]()
	RegisterType[selfish]()
	RegisterType[link]()
	RegisterType[pair[int, string]]()
	RegisterType[pair[*plain, []any]]()
	RegisterType[everything]()
	RegisterType[stamp]()
	RegisterType[event]()
	RegisterType[promoting]()
	RegisterType[picky]()
	RegisterType[*coded]()
	RegisterType[[]string]()
	RegisterType[map[string]string]()
	RegisterType[*int]()
	RegisterType[**int]()
	RegisterType[json.RawMessage]()
	RegisterType[struct{ X, Y int }]()
}

func TestAnyRegistered(t *testing.T) {
	n := 7
	p := &n
	for _, v := range []any{
		plain{}, plain{Name: "a", Count: -1, Nested: &plain{Any: plain{Name: "b"}}, Any: []any{1, plain{}}, Err: io.EOF},
		&plain{Name: "p"}, (*plain)(nil), number(3), text("t"), blob(nil), blob{}, blob("b"), hash{1, 2, 3}, []octet{1}, tree{nil, {}, {{}}},
		selfish{"a": nil, "b": &selfish{}}, link(nil), pair[int, string]{1, "x"}, pair[*plain, []any]{&plain{}, []any{p}},
		event{time.Unix(1, 0).UTC(), "name"}, picky{"s"}, &coded{3}, []string{"a"}, map[string]string{"k": "v"}, p, &p, (**int)(nil),
		json.RawMessage(`{}`), struct{ X, Y int }{1, 2}, []any{plain{}, &plain{}, number(1)}, promoting{big.NewInt(5), "five"},
		everything{},
	} {
		requireSame(t, v)
	}
}

// hidden keeps fields that stay behind from being unused.
func (p plain) used() int { return p.hidden }

func TestAnyEverything(t *testing.T) {
	s := "s"
	u, err := url.Parse("https://example.com/a?b=c")
	require.NoError(t, err)
	in := everything{
		Bool: true, Ints: [2]int16{-1, 2}, Uints: map[uint8]uint64{1: math.MaxUint64}, Floats: []float32{1, 2}, Complex: 1i, Wide: 2i, Double: 0.1,
		Text: "t", Blob: blob{1}, Hash: hash{9}, Octets: []octet{7}, Inner: struct{ A, B number }{1, 2}, Time: time.Unix(5, 6).UTC(),
		Keys: map[pair[int, string]]*string{{1, "k"}: &s, {2, "n"}: nil}, ByTime: map[time.Time]bool{time.Unix(1, 0).UTC(): true},
		ByAddr: map[netip.Addr]netip.Prefix{netip.MustParseAddr("::1"): netip.MustParsePrefix("10.0.0.0/8")}, URL: u, Big: *big.NewInt(99),
		Wrapped: io.EOF, List: []any{number(1)},
	}
	in.Nobody.Time = time.Unix(8, 0).UTC()
	in.Own = stamp{Time: time.Unix(9, 0), Note: "n"}
	got, err := sent(in)
	require.NoError(t, err)
	in.Own.Time = time.Time{} // its own methods leave it behind
	require.Equal(t, in, got)
	_, err = sent(plain{hidden: 1}.used())
	require.NoError(t, err)
	got, err = sent(plain{hidden: 1})
	require.NoError(t, err)
	require.Equal(t, plain{}, got)
}

type stranger struct{ A int }

func (stranger) method() {}

func TestAnyUnregistered(t *testing.T) {
	for _, c := range []struct {
		v    any
		want string
	}{
		{stranger{}, "a value of type codec.stranger in an any cannot be sent, because the type is not registered: " +
			"call pingo.RegisterType[codec.stranger]() in both the host and the plugin"},
		{[]any{map[string]any{"a": &stranger{}}}, "call pingo.RegisterType[*codec.stranger]()"},
		{plain{Any: []int{1}}, "call pingo.RegisterType[[]int]()"},
		{uintptr(1), "a value of type uintptr in an any cannot be sent: it is an address"},
		{func() {}, "a value of type func() in an any cannot be sent: functions can only be sent where the contract says"},
		{make(chan int), "a value of type chan int in an any cannot be sent: channels can only be sent where"},
		{picky{"bad"}, "picky sender"},
	} {
		_, err := sent(c.v)
		require.ErrorContains(t, err, c.want)
	}
	stranger{}.method()
}

// A receiver that does not know a type, or knows another one under the name.
func TestAnyUnknown(t *testing.T) {
	var e Encoder
	e.Any(pair[int, string]{})
	msg := string(e.Buffer())
	name := fullName(reflect.TypeFor[pair[int, string]]())
	_, err := received([]byte(strings.Replace(msg, ".pair", ".peer", 1)))
	require.ErrorContains(t, err, "a value of type github.com/pingogen/pingogen/runtime/codec.peer[int,string] in an any: "+
		"the type is not registered here: call pingo.RegisterType for it in both the host and the plugin")

	var other Encoder
	other.Uint8(anyRegistered)
	other.String(name)
	other.Uint64(1)
	other.buf = append(other.buf, 0, 0, 0, 0)
	_, err = received(other.Buffer())
	require.ErrorContains(t, err, "a value of type "+name+" in an any: the type has another structure on the other side")

	_, err = sent(picky{"worse"})
	require.ErrorContains(t, err, "a value of type github.com/pingogen/pingogen/runtime/codec.picky in an any: at byte")
	require.ErrorContains(t, err, "picky receiver")

	_, err = received([]byte(strings.Replace(msg, "\x02\x00\x00\x00\x00\x00", "\x03\x00\x00\x00\x00\x00\x00", 1)))
	require.ErrorContains(t, err, "3 bytes were written, and 2 were read")
	_, err = received([]byte{99})
	require.ErrorContains(t, err, "unknown kind of value 99 in an any")
	_, err = received([]byte{anyError, 0})
	require.ErrorContains(t, err, "error in an any that is nil")
}

func TestAnyCycles(t *testing.T) {
	list := []any{nil, nil}
	list[0], list[1] = list, list
	table := map[string]any{}
	table["a"] = table
	node := &plain{}
	node.Any = node
	chain := &plain{}
	chain.Nested = chain
	own := tree{nil, nil}
	own[0], own[1] = own, own
	var p link
	p = &p
	for _, v := range []any{list, table, node, chain, own, p} {
		_, err := sent(v)
		require.ErrorIs(t, err, errDepth)
	}
	deep := any(nil)
	for range maxDepth {
		deep = []any{deep}
	}
	requireSame(t, deep)
	_, err := sent([]any{deep})
	require.ErrorIs(t, err, errDepth)
	_, err = received(append(bytesOf(anyList, 2, 1001), anyNil))
	require.ErrorIs(t, err, errDepth)
}

func bytesOf(a, b byte, n int) (list []byte) {
	for range n {
		list = append(list, a, b)
	}
	return list
}

func TestRegisterTypeRefuses(t *testing.T) {
	type local struct{ A int }
	RegisterType[local]()
	another := func() {
		type local struct{ B int }
		RegisterType[local]()
	}
	for _, c := range []struct {
		register func()
		want     string
	}{
		{RegisterType[any], "pingo.RegisterType[interface {}]: no value has an interface as its type: register the types of what it holds"},
		{RegisterType[io.Reader], "no value has an interface as its type"},
		{RegisterType[func()], "pingo.RegisterType[func()]: functions can only be sent"},
		{RegisterType[[]struct{ A struct{ C chan int } }], "field A: field C: channels can only be sent"},
		{RegisterType[struct{ R io.Reader }], "field R: io.Reader is an interface with methods, which can only be sent where the contract says that there is one"},
		{RegisterType[struct{ P *struct{ U uintptr } }], "field P: field U: it is an address"},
		{RegisterType[unexported], "pingo.RegisterType[codec.unexported]: field unexported.a: it is not exported, and a registered type is read from outside: " +
			"export it, leave it out with the tag `pingo:\"-\"`, or give codec.unexported MarshalBinary and UnmarshalBinary methods"},
		{RegisterType[struct{ M sync.Mutex }], "field M: field Mutex."},
		{RegisterType[*os.File], "pingo.RegisterType[*os.File]: a *os.File can only be sent where the contract says that there is one: leave it out with the tag `pingo:\"-\"`"},
		{RegisterType[struct{ L []*net.TCPListener }], "field L: a *net.TCPListener can only be sent where the contract says that there is one"},
		{RegisterType[map[*int]int], "key: *int cannot be a key"},
		{RegisterType[map[any]int], "key: interface {} cannot be a key: what arrives need not be equal to what was sent"},
		{RegisterType[map[[1]struct{ E error }]int], "key: error cannot be a key"},
		{another, "pingo.RegisterType[codec.local]: another type is called github.com/pingogen/pingogen/runtime/codec.local, too"},
	} {
		require.PanicsWithValue(t, panicContaining{c.want}, func() {
			defer func() {
				p := fmt.Sprint(recover())
				require.Contains(t, p, c.want)
				panic(panicContaining{c.want})
			}()
			c.register()
		})
	}
	RegisterType[local]() // again
	RegisterType[int]()   // needless
	RegisterType[[]any]()
}

type panicContaining struct{ text string }

type unexported struct {
	a int
	B int
}

// The structure is what makes a difference, not the names of what it is made of.
func TestAnyFingerprint(t *testing.T) {
	of := func(t reflect.Type) uint64 {
		_, fingerprint, err := build(t)
		if err != nil {
			panic(err)
		}
		return fingerprint
	}
	require.NotZero(t, unexported{a: 1}.a)
	same := of(reflect.TypeFor[struct{ A number }]())
	require.Equal(t, same, of(reflect.TypeFor[struct{ A int }]()))
	require.Equal(t, same, of(reflect.TypeFor[struct {
		A int    `json:"a"`
		b func() `pingo:"-"`
	}]()))
	require.Equal(t, of(reflect.TypeFor[tree]()), of(reflect.TypeFor[tree]()))
	others := map[uint64]string{same: "A"}
	for _, other := range []reflect.Type{
		reflect.TypeFor[struct{ A int64 }](), reflect.TypeFor[struct{ B int }](), reflect.TypeFor[struct{ A *int }](), reflect.TypeFor[struct{ A, B int }](),
		reflect.TypeFor[struct{ B, A int }](), reflect.TypeFor[[]int](), reflect.TypeFor[[2]int](), reflect.TypeFor[[3]int](), reflect.TypeFor[map[int]int](),
		reflect.TypeFor[tree](), reflect.TypeFor[selfish](), reflect.TypeFor[picky](), reflect.TypeFor[stamp](), reflect.TypeFor[struct{ A any }](),
		reflect.TypeFor[struct{ A error }](), reflect.TypeFor[time.Time](), reflect.TypeFor[[]byte](), reflect.TypeFor[[]octet](), reflect.TypeFor[[2]byte](),
	} {
		require.Empty(t, others[of(other)], "%v", other)
		others[of(other)] = other.String()
	}
}

// Any number of goroutines may register and send.
func TestAnyConcurrently(t *testing.T) {
	type fresh struct{ A []pair[int, string] }
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			RegisterType[fresh]()
			got, err := sent(fresh{[]pair[int, string]{{1, "x"}}})
			if err != nil || got.(fresh).A[0].Second != "x" {
				panic(fmt.Sprint(got, err))
			}
		})
	}
	all.Wait()
}
