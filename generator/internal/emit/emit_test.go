package emit

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/dave/jennifer/jen"
	"github.com/stretchr/testify/require"

	"github.com/pingogen/pingogen/generator/internal/model"
	"github.com/pingogen/pingogen/runtime/codec"
)

var (
	stringType = &model.Type{Name: "string", Kind: model.String, Basic: "string"}
	intType    = &model.Type{Name: "int", Kind: model.Integer, Basic: "int"}
	bytesType  = &model.Type{Kind: model.Bytes}
	itemType   = &model.Type{
		Name: "Item", Package: "example.com/greeter", PackageName: "greeter", Kind: model.Struct,
		Fields: []*model.Field{
			{Name: "Key", Type: stringType, Travels: true, Tag: `json:"key"`},
			{Name: "Value", Type: bytesType, Travels: true},
		},
	}
)

// greeter returns the model of the README's contract.
func greeter() *model.Package {
	return &model.Package{
		Path: "example.com/greeter",
		Name: "greeter",
		Contracts: []*model.Contract{{
			Name: "Greeter",
			Doc:  "Greeter greets people.\n",
			Methods: []*model.Method{{
				Name:    "SayHello",
				Doc:     "SayHello greets name.\n\nDeprecated: use Greet.\n",
				Context: true,
				CtxName: "ctx",
				Params:  []*model.Param{{Name: "name", Type: stringType}},
				Results: []*model.Param{{Type: stringType}},
				Error:   true,
			}},
		}},
		Scope: []string{"Greeter"},
	}
}

// equal compares a declaration with literal Go.
func equal(t *testing.T, f *file, got *jen.Statement, want string) {
	t.Helper()
	var out bytes.Buffer
	require.NoError(t, got.RenderWithFile(&out, f.File))
	require.Equal(t, strings.TrimSpace(want), strings.TrimSpace(out.String()))
}

func TestDeclarations(t *testing.T) {
	p := greeter()
	f, c := newFile(p), p.Contracts[0]
	s := f.symbolsOf(c)
	m := s.methods[0]
	equal(t, f, f.clientType(c, s), `
// GreeterClient calls a Greeter in a plugin. It is safe for concurrent use.
type GreeterClient struct {
	caller pingo.Caller
}`)
	equal(t, f, f.constructor(c, s), `
// NewGreeterClient returns a client that calls through c, usually a *pingo.Plugin.
func NewGreeterClient(c pingo.Caller) *GreeterClient {
	return &GreeterClient{caller: pingo.Bind(c, &greeterContract)}
}`)
	equal(t, f, f.callerMethod(s.clientCaller(), m), `
// SayHello greets name.
//
// Deprecated: use Greet.
func (c *GreeterClient) SayHello(ctx context.Context, name string) (string, error) {
	call := struct {
		args  greeterSayHelloArgs
		reply greeterSayHelloReply
	}{args: greeterSayHelloArgs{name: name}}
	err := c.caller.CallContext(ctx, "Greeter.SayHello", &call.args, &call.reply)
	return call.reply.r0, err
}`)
	equal(t, f, f.register(c, s), `
// RegisterGreeter makes impl available to the host. Call it before pingo.Run.
func RegisterGreeter(impl Greeter) {
	pingo.RegisterService(greeterAdapter{impl: impl}.service().WithHealth(impl).WithText(greeterText))
}`)
	equal(t, f, f.service(s), `
func (a greeterAdapter) service() *codec.Service {
	return &codec.Service{
		Contract: &greeterContract,
		Handlers: []codec.Handler{
			a.sayHello,
		},
	}
}`)
	equal(t, f, f.adapterType(s), `
// greeterAdapter serves calls of Greeter.
type greeterAdapter struct {
	impl Greeter
}`)
	equal(t, f, f.handler(s, m), `
func (a greeterAdapter) sayHello(ctx context.Context, dec *codec.Decoder, enc *codec.Encoder) error {
	var args greeterSayHelloArgs
	args.Decode(dec)
	if err := dec.End(); err != nil {
		return err
	}
	r0, err := a.impl.SayHello(ctx, args.name)
	enc.Message(&greeterSayHelloReply{r0: r0})
	return err
}`)
	equal(t, f, f.messageType(m.args, m.Params), `
type greeterSayHelloArgs struct {
	name string
}`)
	equal(t, f, f.messageEncode(m.args, m.Params), `
func (m *greeterSayHelloArgs) Encode(e *codec.Encoder) {
	e.String(m.name)
}`)
	equal(t, f, f.messageDecode(m.args, m.Params, false), `
func (m *greeterSayHelloArgs) Decode(d *codec.Decoder) {
	m.name = d.String()
}`)
	equal(t, f, f.messageDecode(m.args, m.Params, true), `
func (m *greeterSayHelloArgs) Decode(d *codec.Decoder) {
	d.OwnStrings()
	m.name = d.String()
}`)
	equal(t, f, f.description(c, s), `
// greeterContract describes Greeter to the other side.
var greeterContract = codec.Contract{
	Name:    "Greeter",
	Package: "example.com/greeter",
	Methods: []codec.Method{
		{Name: "SayHello", Signature: "(name string) (string)", Fingerprint: 0xcc1bb92f4d7a5dfb},
	},
}`)
	equal(t, f, f.formatGuard(), `
// This file and the runtime belong together.
const _ = codec.GeneratedFormat1_IfThisIsUndefined_UpdateTheRuntimeOrRunGoGenerate`)
	equal(t, f, f.contractGuard(c), `
// If this does not compile, Greeter has changed: run go generate.
var _ = func(changedRunGoGenerate func(Greeter)) {
	changedRunGoGenerate(&GreeterClient{})
}`)
}

func TestFunctions(t *testing.T) {
	f := newFile(greeter())
	fn := f.functionFor(itemType)
	equal(t, f, f.encodeFunction(fn), `
func encodeItem(e *codec.Encoder, v *Item) {
	e.String(v.Key)
	e.Bytes(v.Value)
}`)
	equal(t, f, f.decodeFunction(fn), `
func decodeItem(d *codec.Decoder, v *Item) {
	v.Key = d.String()
	v.Value = d.Bytes()
}`)
	equal(t, f, f.structGuard(itemType), `
// If this does not compile, Item has changed: run go generate.
var _ = func(changedRunGoGenerate *Item) {
	_ = (*struct {
		Key   string
		Value []byte
	})(changedRunGoGenerate)
}`)
}

func TestRuns(t *testing.T) {
	f := newFile(greeter())
	text := &model.Type{Kind: model.String, Basic: "string", Name: "string"}
	level := &model.Type{Kind: model.Integer, Basic: "int8", Name: "Level", Package: "example.com/greeter"}
	blob := &model.Type{Kind: model.Bytes, Name: "Blob", Package: "example.com/greeter"}
	var fields []*model.Field
	for i, typ := range []*model.Type{text, level, itemType, text, level, blob} {
		fields = append(fields, &model.Field{Name: string(rune('A' + i)), Type: typ, Travels: true})
	}
	fn := f.functionFor(&model.Type{Name: "Note", Package: "example.com/greeter", Kind: model.Struct, Fields: fields})
	equal(t, f, f.encodeFunction(fn), `
func encodeNote(e *codec.Encoder, v *Note) {
	e.String(v.A)
	e.Int8(int8(v.B))
	encodeItem(e, &v.C)
	e.Fields().
		String(v.D).
		Int8(int8(v.E)).
		Bytes(v.F).
		End()
}`)
	equal(t, f, f.decodeFunction(fn), `
func decodeNote(d *codec.Decoder, v *Note) {
	v.A = d.String()
	v.B = Level(d.Int8())
	decodeItem(d, &v.C)
	d.Fields().
		String(&v.D).
		Int8((*int8)(&v.E)).
		Bytes((*[]byte)(&v.F)).
		End()
}`)
}

func TestProto(t *testing.T) {
	f := newFile(greeter())
	message := &model.Type{
		Name: "Event", Package: "example.com/pb", PackageName: "pb",
		Kind: model.Marshaler, Marshal: model.MarshalProto, NoCopy: true,
	}
	pointer := &model.Type{Kind: model.Pointer, Elem: message}
	equal(t, f, f.encode(pointer, jen.Id("x")), `codec.EncodeReference(e, x, encodePbEvent)`)
	equal(t, f, f.decode(pointer, jen.Id("x")), `x = codec.DecodeReference(d, decodePbEvent)`)
	equal(t, f, f.encode(&model.Type{Kind: model.Slice, Elem: pointer}, jen.Id("x")), `codec.EncodeSlice(e, x, encodePbEventPointer)`)
	equal(t, f, f.encodeFunction(f.functionFor(message)), `
func encodePbEvent(e *codec.Encoder, v *pb.Event) {
	e.Marshaled(proto.Marshal(v))
}`)
	equal(t, f, f.decodeFunction(f.functionFor(message)), `
func decodePbEvent(d *codec.Decoder, v *pb.Event) {
	d.Unmarshal(func(b []byte) error {
		return proto.Unmarshal(b, v)
	})
}`)
}

// What an earlier contract needs must not take the name of a later one's client.
func TestClientsKeepTheirNames(t *testing.T) {
	p := greeter()
	p.Contracts = append(p.Contracts, &model.Contract{Name: "encode"})
	f := newFile(p)
	require.Equal(t, "encodeClient2", f.declare("encodeClient"))
	require.Equal(t, "encodeClient", f.symbolsOf(p.Contracts[1]).client)
}

func TestConstraint(t *testing.T) {
	p := greeter()
	p.Constraint = "linux && !cgo"
	src, err := File(p)
	require.NoError(t, err)
	require.True(t, strings.HasPrefix(string(src), Header+"\n\n//go:build linux && !cgo\n\npackage greeter\n"), "%s", src[:200])
}

func TestUnexported(t *testing.T) {
	for name, want := range map[string]string{
		"Greeter": "greeter", "KV": "kv", "KVStore": "kvStore", "HTTPServer": "httpServer", "already": "already",
		"X": "x", "Ünïcode": "ünïcode", "日本": "日本", "URL": "url", "A1": "a1",
	} {
		require.Equal(t, want, unexported(name))
	}
}

func TestScopePick(t *testing.T) {
	s := scope{}
	require.Equal(t, []string{"x", "x2", "x3", "type2", "_2"},
		[]string{s.pick("x"), s.pick("x"), s.pick("x"), s.pick("type"), s.pick("_")})
}

func TestComment(t *testing.T) {
	f := newFile(greeter())
	equal(t, f, comment("One.\n\n\tcode  \n*/ //go:embed x\n").Var().Id("x").Int(), `
// One.
//
//	code
// */ //go:embed x
var x int`)
	require.Equal(t, "\n\nDeprecated: gone.\nFor good.", deprecation("X is.\n\nDeprecated: gone.\nFor good.\n"))
	require.Empty(t, deprecation("Deprecated things are kept.\n"))
}

func TestText(t *testing.T) {
	p := greeter()
	f, c := newFile(p), p.Contracts[0]
	c.Methods[0].Doc = "SayHello greets name.\n"
	equal(t, f, f.text(c, f.symbolsOf(c)), `
// greeterText is Greeter for "pingogen inspect", in the binary of who registers it.
const greeterText = "pingogen contract 1 203 db53d945\n" +
	"contract Greeter \"example.com/greeter\"\n" +
	"doc Greeter greets people.\n" +
	"method 0xcc1bb92f4d7a5dfb SayHello(name string) (string)\n" +
	"go (ctx context.Context, name string) (string, error)\n" +
	"doc SayHello greets name.\n"`)
}

// A signature is written as Go is, whatever has a name in it.
func TestSource(t *testing.T) {
	d := &describer{path: "example.com/greeter", short: true}
	for want, m := range map[string]model.Method{
		"()":                                {},
		"(context.Context)":                 {Context: true},
		"(_ context.Context, a Item) error": {Context: true, Error: true, Params: []*model.Param{{Name: "a", Type: itemType}}},
		"(c context.Context, _ int) error":  {Context: true, CtxName: "c", Error: true, Params: []*model.Param{{Type: intType}}},
		"(int, ...string) (int, error)":     {Variadic: true, Error: true, Params: []*model.Param{{Type: intType}, {Type: &model.Type{Kind: model.Slice, Elem: stringType}}}, Results: []*model.Param{{Type: intType}}},
		"() (n int, _ error)":               {Error: true, Results: []*model.Param{{Name: "n", Type: intType}}},
		"() (n int)":                        {Results: []*model.Param{{Name: "n", Type: intType}}},
	} {
		require.Equal(t, want, d.source(&m))
	}
}

func TestDescribe(t *testing.T) {
	other := &model.Type{Name: "Item", Package: "example.com/b/store", PackageName: "store", Kind: model.Integer, Basic: "int8"}
	third := &model.Type{Name: "Item", Package: "example.com/a/store", PackageName: "store", Kind: model.Marshaler, Marshal: model.MarshalText}
	c := &model.Contract{Name: "C", Methods: []*model.Method{{
		Name:     "M",
		Variadic: true,
		Params: []*model.Param{
			{Name: "a", Type: itemType},
			{Type: &model.Type{Kind: model.Pointer, Elem: other}},
			{Name: "rest", Type: &model.Type{Kind: model.Slice, Elem: third}},
		},
	}}}
	d := describe("example.com/greeter", c)
	require.Equal(t, `(a Item, *"example.com/b/store".Item, rest ...store.Item) ()`, d.Methods[0].Signature)
	require.Len(t, d.Types, 3)
	require.Equal(t, `"example.com/b/store".Item int8`, d.Types[0].Name+" "+d.Types[0].Definition)
	require.Equal(t, "Item struct{Key string; Value []byte}", d.Types[1].Name+" "+d.Types[1].Definition)
	require.Equal(t, "store.Item encoding.TextMarshaler", d.Types[2].Name+" "+d.Types[2].Definition)
}

// A description can be read without the package: each name in it means one type.
func TestDescribeIsClear(t *testing.T) {
	const path = "example.com/greeter"
	moment := &model.Type{Name: "Time", Package: "time", PackageName: "time", Kind: model.Time}
	stamp := &model.Type{Name: "Stamp", Package: path, PackageName: "greeter", Kind: model.Time}
	text := &model.Type{Name: "string", Package: path, PackageName: "greeter", Kind: model.Struct, Fields: []*model.Field{
		{Name: "Item", Type: &model.Type{Kind: model.Pointer, Elem: itemType}, Travels: true, Embedded: true},
	}}
	d := describe(path, &model.Contract{Methods: []*model.Method{{Name: "M", Params: []*model.Param{
		{Type: moment}, {Type: stamp}, {Type: stringType}, {Type: text},
	}}}})
	value := &model.Type{Name: "Value", Package: "database/sql/driver", PackageName: "driver", Kind: model.Any}
	record := &model.Type{Name: "Record", Package: "log/slog", PackageName: "slog", Kind: model.Slog, Basic: "Record"}
	entry := &model.Type{Name: "Entry", Package: path, PackageName: "greeter", Kind: model.Slog, Basic: "Attr"}
	logging := describe(path, &model.Contract{Methods: []*model.Method{{Name: "M", Params: []*model.Param{
		{Type: &model.Type{Name: "any", Kind: model.Any}}, {Type: &model.Type{Kind: model.Any}}, {Type: value}, {Type: record}, {Type: entry},
	}}}})
	require.Equal(t, `(any, any, driver.Value, slog.Record, Entry) ()`, logging.Methods[0].Signature)
	require.Equal(t, []codec.Type{{Name: "Entry", Definition: "slog.Attr"}, {Name: "driver.Value", Definition: "any"}}, logging.Types)
	require.Equal(t, `(time.Time, Stamp, string, "example.com/greeter".string) ()`, d.Methods[0].Signature)
	require.Equal(t, []codec.Type{
		{Name: `"example.com/greeter".string`, Definition: "struct{Item *Item}"},
		{Name: "Item", Definition: "struct{Key string; Value []byte}"},
		{Name: "Stamp", Definition: "time.Time"},
	}, d.Types)
}

// TestFingerprintFollowsTypes fails when a change below a method's signature
// leaves its fingerprint alone, or a change elsewhere does not.
func TestFingerprintFollowsTypes(t *testing.T) {
	contract := func(field *model.Type) *model.Contract {
		item := *itemType
		item.Fields = []*model.Field{{Name: "Key", Type: field, Travels: true}, {Name: "mu"}}
		return &model.Contract{Name: "C", Methods: []*model.Method{
			{Name: "Get", Results: []*model.Param{{Type: &item}}},
			{Name: "Ping"},
		}}
	}
	a, b := describe("p", contract(stringType)), describe("p", contract(intType))
	require.NotEqual(t, a.Methods[0].Fingerprint, b.Methods[0].Fingerprint)
	require.Equal(t, a.Methods[1].Fingerprint, b.Methods[1].Fingerprint)
}

// BenchmarkFile emits a package of 100 contracts.
func BenchmarkFile(b *testing.B) {
	p := greeter()
	method := p.Contracts[0].Methods[0]
	p.Contracts = nil
	for i := range 100 {
		p.Contracts = append(p.Contracts, &model.Contract{Name: fmt.Sprint("Greeter", i), Methods: []*model.Method{method}})
	}
	for b.Loop() {
		if _, err := File(p); err != nil {
			b.Fatal(err)
		}
	}
}

func TestOneFunctionForEachNamedType(t *testing.T) {
	f, again := newFile(greeter()), *itemType
	require.Same(t, f.functionFor(itemType), f.functionFor(&again))
	again.Package, again.PackageName = "example.com/other/greeter", "greeter"
	require.Equal(t, "encodeGreeterItem", f.functionFor(&again).encode)
}
