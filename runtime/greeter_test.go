package pingo_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	pingo "github.com/pingogen/pingogen/runtime"
	"github.com/pingogen/pingogen/runtime/codec"
)

// Greeter is a contract with the client and the adapter that pingogen would
// write, so that the runtime's tests do not need the generator.
type Greeter interface {
	Meet(ctx context.Context, name string) (string, error)
	SayHello(ctx context.Context, name string) (string, error)
}

var greeterContract = codec.Contract{
	Name:    "Greeter",
	Package: "github.com/pingogen/pingogen/runtime_test",
	Methods: []codec.Method{
		{Name: "Meet", Signature: "(name string) (string)", Fingerprint: codec.Fingerprint("Meet", "(name string) (string)", nil)},
		{Name: "SayHello", Signature: "(name string) (string)", Fingerprint: codec.Fingerprint("SayHello", "(name string) (string)", nil)},
	},
}

type greeterClient struct {
	caller   pingo.Caller
	contract string
}

func newGreeterClient(c pingo.Caller) *greeterClient { return newGreeterClientOf(c, &greeterContract) }

// newGreeterClientOf is for a contract with the methods of greeterContract.
func newGreeterClientOf(c pingo.Caller, contract *codec.Contract) *greeterClient {
	return &greeterClient{pingo.Bind(c, contract), contract.Name}
}

func (c *greeterClient) Meet(ctx context.Context, name string) (string, error) {
	return c.call(ctx, "Meet", name)
}

func (c *greeterClient) SayHello(ctx context.Context, name string) (string, error) {
	return c.call(ctx, "SayHello", name)
}

func (c *greeterClient) call(ctx context.Context, method, name string) (string, error) {
	args := text{name}
	var reply text
	err := c.caller.CallContext(ctx, c.contract+"."+method, &args, &reply)
	return reply.s, err
}

// text is the message of one string.
type text struct{ s string }

func (m *text) Encode(e *codec.Encoder) { e.String(m.s) }
func (m *text) Decode(d *codec.Decoder) { m.s = d.String() }

func registerGreeter(impl Greeter) { registerGreeterAs(&greeterContract, impl) }

func registerGreeterAs(contract *codec.Contract, impl Greeter) {
	pingo.Register(&codec.Service{
		Contract: contract,
		Handlers: []codec.Handler{adapt(impl.Meet), adapt(impl.SayHello)},
	})
}

func adapt(method func(context.Context, string) (string, error)) codec.Handler {
	return func(ctx context.Context, dec *codec.Decoder, enc *codec.Encoder) error {
		var args text
		args.Decode(dec)
		if err := dec.End(); err != nil {
			return err
		}
		s, err := method(ctx, args.s)
		enc.Message(&text{s})
		return err
	}
}

var _ = helper("greeter", func() {
	registerGreeter(greeter{})
	fail(pingo.Run())
})

// fail is the end of a helper whose Run returned.
func fail(err error) {
	fmt.Fprintln(os.Stderr, "Run returned:", err)
	os.Exit(1)
}

// greeter does as its argument says.
type greeter struct{}

func (greeter) SayHello(ctx context.Context, name string) (string, error) {
	if text, ok := strings.CutPrefix(name, "fail:"); ok {
		return "half done", errors.New(text)
	}
	return "Hello, " + name, nil
}

// Meet waits for the end of its context and prints its steps.
func (greeter) Meet(ctx context.Context, name string) (string, error) {
	_, deadline := ctx.Deadline()
	fmt.Println("waiting", name, deadline)
	<-ctx.Done()
	fmt.Println("over", name, ctx.Err())
	return "", ctx.Err()
}
