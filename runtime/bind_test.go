package pingo_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	pingo "github.com/pingogen/pingogen/runtime"
	"github.com/pingogen/pingogen/runtime/codec"
)

// changed is greeterContract with another SayHello, and a method of its own.
var changed = codec.Contract{
	Name: "Greeter",
	Methods: []codec.Method{
		{Name: "Meet", Signature: "(name string) (string)", Fingerprint: codec.Fingerprint("Meet", "(name string) (string)", nil)},
		{Name: "SayHello", Signature: "(name string, loud bool) (string)", Fingerprint: 1},
	},
}

func TestContractThatDiffersIsRefusedAtTheStart(t *testing.T) {
	eachTransport(t, func(t *testing.T, transport string) {
		cfg, rec := setup(t, "greeter")
		cfg.Transport = transport
		p := pingo.New(cfg)
		c := pingo.Bind(p, &changed)
		p.Start()
		defer p.Stop()
		err := p.Ready(t.Context())
		var differs *pingo.ContractError
		require.ErrorAs(t, err, &differs)
		require.Equal(t, pingo.ContractError{Contract: "Greeter", Method: "SayHello", Plugin: "(name string) (string)", Host: "(name string, loud bool) (string)"}, *differs)
		require.EqualError(t, err, "contract Greeter: method SayHello is SayHello(name string) (string) in the plugin and SayHello(name string, loud bool) (string) here; rebuild plugin and host from the same interface")
		err = c.CallContext(t.Context(), "Greeter.Meet", &text{}, &text{})
		require.ErrorAs(t, err, &differs)
		require.Equal(t, pingo.NotDelivered, pingo.FateOf(err))
		wait(t, "the end", p.Done())
		_, errs, _ := rec.snapshot()
		require.Len(t, errs, 1)
	})
}

func TestTypesThatDiffer(t *testing.T) {
	err := &pingo.ContractError{Contract: "Store", Method: "Put", Plugin: "(item Item)", Host: "(item Item)"}
	require.EqualError(t, err, "contract Store: the types of Put(item Item) differ between plugin and host; rebuild both from the same package")
}

func TestContractBoundLaterIsComparedAtTheFirstCall(t *testing.T) {
	cfg, _ := setup(t, "greeter")
	p := start(t, cfg)
	require.NoError(t, p.Ready(t.Context()))
	c := pingo.Bind(p, &changed)
	for range 2 {
		err := c.CallContext(t.Context(), "Greeter.SayHello", &text{}, &text{})
		require.ErrorAs(t, err, new(*pingo.ContractError))
		require.Equal(t, pingo.NotDelivered, pingo.FateOf(err))
	}
	msg, err := newGreeterClient(p).SayHello(t.Context(), "you")
	require.NoError(t, err, "other clients are not concerned")
	require.Equal(t, "Hello, you", msg)
}

// newer is a Greeter that has learnt something.
var newer = codec.Contract{
	Name:    "Greeter",
	Methods: append([]codec.Method{{Name: "Apologize", Signature: "()", Fingerprint: 1}}, greeterContract.Methods...),
}

func TestMissingMethodFailsWhenItIsCalled(t *testing.T) {
	cfg, _ := setup(t, "greeter")
	p := pingo.New(cfg)
	c := pingo.Bind(p, &newer)
	p.Start()
	defer p.Stop()
	var reply text
	require.NoError(t, c.CallContext(t.Context(), "Greeter.SayHello", &text{"you"}, &reply))
	require.Equal(t, "Hello, you", reply.s)

	err := c.CallContext(t.Context(), "Greeter.Apologize", &text{}, &text{})
	require.ErrorIs(t, err, pingo.ErrUnimplemented)
	require.ErrorContains(t, err, "Greeter has no method Apologize in the plugin, which may be older than this program")
	require.Equal(t, pingo.NotDelivered, pingo.FateOf(err))
}

func TestMissingContractFailsWhenItIsCalled(t *testing.T) {
	cfg, _ := setup(t, "lab")
	p := pingo.New(cfg)
	g := newGreeterClient(p)
	p.Start()
	defer p.Stop()
	_, err := g.SayHello(t.Context(), "you")
	require.ErrorIs(t, err, pingo.ErrUnimplemented)
	require.ErrorContains(t, err, "the plugin does not register Greeter")
	require.NoError(t, p.Call("Lab.Echo", "x", nil))
}

// fake is some other Caller.
type fake struct{}

func (fake) CallContext(context.Context, string, any, any) error { return nil }

func TestBindLeavesOtherCallersAlone(t *testing.T) {
	require.Equal(t, fake{}, pingo.Bind(fake{}, &greeterContract))
}
