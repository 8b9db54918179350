package emit

import (
	"testing"

	"github.com/dave/jennifer/jen"
	"github.com/stretchr/testify/require"

	"github.com/pingogen/pingogen/generator/internal/model"
	"github.com/pingogen/pingogen/runtime/codec"
)

var (
	param  = func(name string, t *model.Type) *model.Param { return &model.Param{Name: name, Type: t} }
	reader = &model.Method{Name: "Read", Params: []*model.Param{param("p", bytesType)}, Results: []*model.Param{param("", intType)}, Error: true}
	closer = &model.Method{Name: "Close", Error: true, Special: model.Close}
)

// special returns a method as another one.
func special(m *model.Method, s model.Special) *model.Method {
	other := *m
	other.Special = s
	return &other
}

func TestReference(t *testing.T) {
	f := newFile(greeter())
	file := &model.Type{Name: "File", Package: "io/fs", PackageName: "fs", Kind: model.Interface, Methods: []*model.Method{
		closer, {Name: "Name", Results: []*model.Param{param("", stringType)}}, special(reader, model.ReadStream),
	}, Failure: model.FailureZero}
	s := f.referenceTo(file)
	equal(t, f, f.proxyType(s), `
// fsFileProxy is the other side's fs.File.
type fsFileProxy struct {
	ref *codec.Reference
}`)
	equal(t, f, f.callerMethod(s.proxyCaller(), s.methods[0]), `
func (p fsFileProxy) Close() error {
	return p.ref.Close(p.ref.Context())
}`)
	equal(t, f, f.callerMethod(s.proxyCaller(), s.methods[1]), `
func (p fsFileProxy) Name() string {
	var reply fsFileNameReply
	if err := p.ref.CallContext(p.ref.Context(), "Name", &codec.Nothing{}, &reply); err != nil {
		reply = fsFileNameReply{}
	}
	return reply.r0
}`)
	equal(t, f, f.callerMethod(s.proxyCaller(), s.methods[2]), `
func (p2 fsFileProxy) Read(p []byte) (int, error) {
	return p2.ref.Read(p)
}`)
	equal(t, f, f.service(s), `
func (a fsFileAdapter) service() *codec.Service {
	return &codec.Service{
		Contract: &fsFileContract,
		Handlers: []codec.Handler{
			a.close,
			a.name,
			codec.ReadHandler(a.impl),
		},
	}
}`)
	equal(t, f, f.methodNames(s), `
// fsFileContract names the methods that the other side may call.
var fsFileContract = codec.Contract{Name: "fs.File", Methods: codec.MethodsNamed("Close", "Name", "Read")}`)
	fn := f.functionFor(file)
	equal(t, f, f.encodeFunction(fn), `
func encodeFsFile(e *codec.Encoder, v fs.File) {
	codec.EncodeInterface(e, v == nil, v, referenceOf(v), fsFileAdapter{impl: v}.service)
}`)
	equal(t, f, f.decodeFunction(fn), `
func decodeFsFile(d *codec.Decoder) fs.File {
	return codec.DecodeInterface(d, func(r *codec.Reference) fs.File {
		return fsFileProxy{ref: r}
	})
}`)
	equal(t, f, f.referenceOf(), `
// referenceOf returns what is behind a proxy, nil if v is none.
func referenceOf(v any) (ref *codec.Reference) {
	switch p := v.(type) {
	case fsFileProxy:
		ref = p.ref
	}
	return ref
}`)
}

func TestFunctionReference(t *testing.T) {
	f := newFile(greeter())
	progress := &model.Type{Kind: model.Func, Methods: []*model.Method{
		{Name: "Call", Context: true, Params: []*model.Param{param("", intType), param("more", &model.Type{Kind: model.Slice, Elem: itemType})}, Variadic: true, Error: true},
	}}
	s := f.referenceTo(progress)
	equal(t, f, f.adapterType(s), `
// intItemSliceFuncAdapter serves calls of func(int, ...Item) error.
type intItemSliceFuncAdapter struct {
	impl func(context.Context, int, ...Item) error
}`)
	equal(t, f, f.handler(s, s.methods[0]), `
func (a intItemSliceFuncAdapter) call(ctx context.Context, dec *codec.Decoder, enc *codec.Encoder) error {
	var args intItemSliceFuncCallArgs
	args.Decode(dec)
	if err := dec.End(); err != nil {
		return err
	}
	err := a.impl(ctx, args.p0, args.more...)
	enc.Message(&codec.Nothing{})
	return err
}`)
	fn := f.functionFor(progress)
	equal(t, f, f.encodeFunction(fn), `
func encodeIntItemSliceFunc(e *codec.Encoder, v func(context.Context, int, ...Item) error) {
	codec.EncodeFunc(e, v == nil, v, intItemSliceFuncAdapter{impl: v}.service)
}`)
	equal(t, f, f.decodeFunction(fn), `
func decodeIntItemSliceFunc(d *codec.Decoder) func(context.Context, int, ...Item) error {
	return codec.DecodeInterface(d, func(r *codec.Reference) func(context.Context, int, ...Item) error {
		return intItemSliceFuncProxy{ref: r}.Call
	})
}`)
}

// A contract's own interface has adapter and messages already.
func TestReferenceToContract(t *testing.T) {
	p := greeter()
	f, c := newFile(p), p.Contracts[0]
	contract := f.symbolsOf(c)
	self := &model.Type{Name: c.Name, Package: p.Path, PackageName: p.Name, Kind: model.Interface, Methods: c.Methods}
	s := f.referenceTo(self)
	if s != contract || s.proxy != "greeterProxy" {
		t.Fatalf("another %s with proxy %s", s.name, s.proxy)
	}
	other := *self
	other.Failure = model.FailurePanic
	if s := f.referenceTo(&other); s == contract || s.proxy != "greeterProxy2" {
		t.Fatalf("the same as with another failure policy: %s", s.proxy)
	}
}

func TestSpecialCalls(t *testing.T) {
	f := newFile(greeter())
	body := func(c *caller, m *model.Method) *jen.Statement {
		named := &method{Method: m}
		return f.specialCall(c, named, f.callerNames(c, named))
	}
	client, proxy := (&symbols{client: "RClient", name: "R"}).clientCaller(), (&symbols{proxy: "rProxy"}).proxyCaller()
	equal(t, f, body(client, special(reader, model.Read)), `codec.ReadCall(context.Background(), c.caller, "R.Read", p)`)
	equal(t, f, body(proxy, special(reader, model.Read)), `codec.ReadCall(p2.ref.Context(), p2.ref, "Read", p)`)
	equal(t, f, body(proxy, special(reader, model.ReadStream)), `p2.ref.Read(p)`)
	if body(client, closer) != nil {
		t.Fatal("a client's Close is an ordinary call")
	}
}

func TestStreams(t *testing.T) {
	const encoder = `func(e *codec.Encoder, v Item) {
	encodeItem(e, &v)
}`
	const decoder = `func(d *codec.Decoder) (v Item) {
	decodeItem(d, &v)
	return v
}`
	f := newFile(greeter())
	seq := &model.Type{Name: "Seq2", Package: "iter", PackageName: "iter", Kind: model.Seq2, Key: itemType, Elem: &model.Type{Name: "error", Kind: model.Error}}
	equal(t, f, f.encode(seq, jen.Id("x")), `codec.EncodeSeq2(e, x, `+encoder+`, (*codec.Encoder).Error)`)
	equal(t, f, f.decode(seq, jen.Id("x")), `x = codec.DecodeSeq2(d, `+decoder+`, (*codec.Decoder).Error, codec.FailZero)`)
	own := &model.Type{Name: "Items", Package: "example.com/greeter", Kind: model.Seq, Elem: itemType, Failure: model.FailurePanic}
	equal(t, f, f.encode(own, jen.Id("x")), `codec.EncodeSeq(e, iter.Seq[Item](x), `+encoder+`)`)
	equal(t, f, f.decode(own, jen.Id("x")), `x = Items(codec.DecodeSeq(d, `+decoder+`, codec.FailPanic))`)
	in, out := &model.Type{Kind: model.Receiver, Elem: intType}, &model.Type{Kind: model.Sender, Elem: intType}
	equal(t, f, f.encode(in, jen.Id("x")), `codec.EncodeReceiver(e, x, (*codec.Encoder).Int)`)
	equal(t, f, f.decode(in, jen.Id("x")), `x = codec.DecodeReceiver(d, (*codec.Decoder).Int)`)
	equal(t, f, f.encode(out, jen.Id("x")), `codec.EncodeSender(e, x, (*codec.Decoder).Int)`)
	equal(t, f, f.decode(out, jen.Id("x")), `x = codec.DecodeSender(d, (*codec.Encoder).Int)`)
}

func TestLiterals(t *testing.T) {
	f := newFile(greeter())
	in := &model.Type{Kind: model.Receiver, Elem: intType}
	for _, c := range []struct {
		t    *model.Type
		want string
	}{
		{in, "<-chan int"},
		{&model.Type{Kind: model.Sender, Elem: in}, "chan<- <-chan int"},
		{&model.Type{Kind: model.Chan, Elem: in}, "chan (<-chan int)"},
		{&model.Type{Kind: model.Seq, Elem: intType}, "func(func(int) bool)"},
		{&model.Type{Kind: model.Seq2, Key: intType, Elem: stringType}, "func(func(int, string) bool)"},
		{&model.Type{Kind: model.Interface}, "interface{}"},
		{&model.Type{Kind: model.Interface, Methods: []*model.Method{closer, reader}}, "interface {\n\tClose() error\n\tRead([]byte) (int, error)\n}"},
	} {
		equal(t, f, jen.Var().Id("x").Add(f.typ(c.t)), "var x "+c.want)
	}
}

func TestDescribeReferences(t *testing.T) {
	sys := &model.Method{Name: "Sys", Special: model.Sys, Results: []*model.Param{param("", &model.Type{Name: "any", Kind: model.Interface})}}
	info := &model.Type{Name: "Info", Package: "example.com/greeter", Kind: model.Interface, Methods: []*model.Method{closer, reader, sys}}
	visit := &model.Type{Kind: model.Func, Methods: []*model.Method{{Name: "Call", Context: true, Params: []*model.Param{param("info", info)}}}}
	seq := &model.Type{Name: "Seq", Package: "iter", PackageName: "iter", Args: []*model.Type{itemType}, Kind: model.Seq, Elem: itemType}
	d := describe("example.com/greeter", &model.Contract{Methods: []*model.Method{
		{Name: "M", Params: []*model.Param{param("visit", visit), param("", seq)}}, special(reader, model.Read),
	}})
	require.Equal(t, "(visit func(Info), iter.Seq[Item]) ()", d.Methods[0].Signature)
	require.Equal(t, "(size int, offset int64) ([]byte)", d.Methods[1].Signature)
	require.Equal(t, []codec.Type{
		{Name: "Info", Definition: "interface{Close() error; Read([]byte) (int, error)}"},
		{Name: "Item", Definition: "struct{Key string; Value []byte}"},
		{Name: "iter.Seq[Item]", Definition: "func(func(Item) bool)"},
	}, d.Types)
}
