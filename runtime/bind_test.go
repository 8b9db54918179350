package pingo_test

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	pingo "github.com/pingogen/pingogen/runtime"
	"github.com/pingogen/pingogen/runtime/codec"
)

// changed is greeterContract with another SayHello and another Meet, and a method of its own.
var changed = codec.Contract{
	Name: "Greeter",
	Methods: []codec.Method{
		{Name: "Meet", Signature: "(name string) (bool)", Fingerprint: 1},
		{Name: "SayHello", Signature: "(name []byte, loud bool) (string)", Fingerprint: 1},
		{Name: "Shout", Signature: "()", Fingerprint: 1},
	},
}

const differs = "plugin and host do not fit together; " + advice + `:
	contract Greeter: method Meet: result 1 is string in the plugin and bool in the host
	contract Greeter: method SayHello: parameter name is string in the plugin and []byte in the host`

func TestContractThatDiffersIsRefusedAtTheStart(t *testing.T) {
	eachTransport(t, func(t *testing.T, transport string) {
		cfg, rec := setup(t, "greeter")
		use(&cfg, transport)
		p := pingo.New(cfg)
		c := pingo.Bind(p, &changed)
		p.Start()
		defer p.Stop()
		err := p.Ready(t.Context())
		var contract *pingo.ContractError
		require.ErrorAs(t, err, &contract)
		require.Equal(t, []pingo.Mismatch{
			{Contract: "Greeter", Method: "Meet", Plugin: pingo.Part{Path: "result 1", Type: "string"}, Host: pingo.Part{Path: "result 1", Type: "bool"}},
			{Contract: "Greeter", Method: "SayHello", Plugin: pingo.Part{Path: "parameter name", Type: "string"}, Host: pingo.Part{Path: "parameter name", Type: "[]byte"}},
		}, contract.Mismatches)
		require.EqualError(t, err, "plugin "+p.String()+": "+differs)
		err = c.CallContext(t.Context(), "Greeter.Shout", &text{}, &text{})
		require.ErrorAs(t, err, &contract)
		require.Len(t, contract.Mismatches, 2)
		require.ErrorContains(t, err, "Greeter.Shout: not delivered: plugin and host do not fit together: "+
			"contract Greeter: method Meet: result 1 is string in the plugin and bool in the host (and 1 more, which Ready tells); "+advice)
		require.Equal(t, pingo.NotDelivered, pingo.FateOf(err))
		wait(t, "the end", p.Done())
		_, errs, _ := rec.snapshot()
		require.Len(t, errs, 1)
	})
}

func TestContractErrorSaysWhere(t *testing.T) {
	m := pingo.Mismatch{Contract: "Store", Method: "Put"}
	for want, place := range map[string]struct {
		plugin, host pingo.Part
		reason       string
	}{
		"parameter item: field Item.Size is int64 in the plugin and string in the host": {
			pingo.Part{"parameter item: field Item.Size", "int64"}, pingo.Part{"parameter item: field Item.Size", "string"}, ""},
		"parameter 1: field Thing.Size is int64 in the plugin, and parameter item: field Item.Size is string in the host": {
			pingo.Part{"parameter 1: field Thing.Size", "int64"}, pingo.Part{"parameter item: field Item.Size", "string"}, ""},
		"parameter f: item is int64 in the plugin and int in the host: a reason": {
			pingo.Part{"parameter f: item", "int64"}, pingo.Part{"parameter f: item", "int"}, "a reason"},
		"result m: key: field Point.Y is missing in the plugin and int in the host": {
			pingo.Part{"result m: key: field Point.Y", ""}, pingo.Part{"result m: key: field Point.Y", "int"}, ""},
		"parameter f is x.T on both sides: a reason": {pingo.Part{"parameter f", "x.T"}, pingo.Part{"parameter f", "x.T"}, "a reason"},
		"a reason": {pingo.Part{}, pingo.Part{}, "a reason"},
	} {
		m.Plugin, m.Host, m.Reason = place.plugin, place.host, place.reason
		err := &pingo.ContractError{Mismatches: []pingo.Mismatch{m}}
		require.EqualError(t, err, "contract Store: method Put: "+want+"; "+advice)
	}
}

func TestContractBoundLaterIsComparedAtTheFirstCall(t *testing.T) {
	cfg, _ := setup(t, "greeter")
	p := start(t, cfg)
	require.NoError(t, p.Ready(t.Context()))
	c := pingo.Bind(p, &changed)
	require.EqualError(t, p.Ready(t.Context()), "plugin "+p.String()+": "+differs)
	for range 2 {
		err := c.CallContext(t.Context(), "Greeter.SayHello", &text{}, &text{})
		require.ErrorAs(t, err, new(*pingo.ContractError))
		require.ErrorContains(t, err, "Greeter.SayHello: not delivered: plugin and host do not fit together: "+
			"contract Greeter: method SayHello: parameter name is string in the plugin and []byte in the host (and 1 more, which Ready tells); "+advice)
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
	require.ErrorContains(t, err, "the plugin does not register Greeter: its program has to call RegisterGreeter")
	require.NoError(t, p.Call("Lab.Echo", "x", nil))
}

// Ready tells of each contract once, whenever its clients were made, and of those that fit otherwise.
func TestReadyTellsOfMissingContracts(t *testing.T) {
	cfg, _ := setup(t, "both")
	p := pingo.New(cfg)
	newGreeterClient(p)
	newGreeterClientOf(p, &guideContract)
	newGreeterClientOf(p, &guideContract)
	p.Start()
	defer p.Stop()
	const guide = "the plugin does not register Guide: its program has to call RegisterGuide"
	err := p.Ready(t.Context())
	require.ErrorIs(t, err, pingo.ErrUnimplemented)
	require.EqualError(t, err, "plugin "+p.String()+": "+pingo.ErrUnimplemented.Error()+": "+guide)
	_, called := newGreeterClientOf(p, &guideContract).Meet(t.Context(), "you")
	require.ErrorContains(t, called, guide, "a call says the same")

	pingo.Bind(p, &wayContract)
	pingo.Bind(p, &changed)
	err = p.Ready(t.Context())
	require.ErrorIs(t, err, pingo.ErrUnimplemented)
	require.ErrorAs(t, err, new(*pingo.ContractError))
	require.EqualError(t, err, "plugin "+p.String()+": "+pingo.ErrUnimplemented.Error()+": "+guide+
		"\nplugin "+p.String()+": "+pingo.ErrUnimplemented.Error()+": the plugin does not register Way: its program has to call RegisterWay"+
		"\nplugin "+p.String()+": "+differs)

	msg, err := newGreeterClient(p).SayHello(t.Context(), "you")
	require.NoError(t, err, "what the plugin has can be called")
	require.Equal(t, "Hello, you", msg)
}

// loud is a Greeter whose SayHello is told, and tells, more than the plugin's.
var loud = codec.Contract{
	Name: "Greeter",
	Methods: []codec.Method{
		{Name: "SayHello", Signature: "(loud bool, name string) (text string, times int)", Fingerprint: 1},
	},
}

type loudArgs struct {
	loud bool
	name string
}

func (m *loudArgs) Encode(e *codec.Encoder) { e.Bool(m.loud); e.String(m.name) }
func (m *loudArgs) Decode(d *codec.Decoder) { m.loud = d.Bool(); m.name = d.String() }

type loudReply struct {
	text  string
	times int
}

func (m *loudReply) Encode(e *codec.Encoder) { e.String(m.text); e.Int(m.times) }
func (m *loudReply) Decode(d *codec.Decoder) { m.text = d.String(); m.times = d.Int() }

// sayLoud calls the plugin's SayHello by the contract loud.
func sayLoud(t *testing.T, c pingo.Caller, name string) (string, error) {
	reply := loudReply{times: 7}
	err := c.CallContext(t.Context(), "Greeter.SayHello", &loudArgs{true, name}, &reply)
	require.Zero(t, reply.times)
	return reply.text, err
}

func TestContractThatFitsIsConverted(t *testing.T) {
	for _, when := range []string{"before", "after"} {
		t.Run(when, func(t *testing.T) {
			eachTransport(t, func(t *testing.T, transport string) {
				cfg, _ := setup(t, "greeter")
				use(&cfg, transport)
				p := pingo.New(cfg)
				defer p.Stop()
				var c pingo.Caller
				if when == "before" {
					c = pingo.Bind(p, &loud)
				}
				p.Start()
				if when == "after" {
					require.NoError(t, p.Ready(t.Context()))
					c = pingo.Bind(p, &loud)
				}
				msg, err := sayLoud(t, c, "you")
				require.NoError(t, err)
				require.Equal(t, "Hello, you", msg)
				msg, err = sayLoud(t, c, "fail:no") // a result and an error
				require.EqualError(t, err, "no")
				require.Equal(t, "half done", msg)
				msg, err = sayLoud(t, pingo.Bind(p, &loud), strings.Repeat("you", 1<<20)) // another client, a large message
				require.NoError(t, err)
				require.Equal(t, "Hello, "+strings.Repeat("you", 1<<20), msg)
			})
		})
	}
}

// The plugin takes all calls of a contract for calls by the same version of it.
func TestTwoVersionsOfAContractOnOnePlugin(t *testing.T) {
	const refusal = "contract Greeter: a client with another version of SayHello calls this plugin already; give each version a Plugin of its own"
	for _, when := range []string{"before", "after"} {
		t.Run(when, func(t *testing.T) {
			cfg, _ := setup(t, "greeter")
			p := pingo.New(cfg)
			defer p.Stop()
			if when == "after" {
				p.Start()
				require.NoError(t, p.Ready(t.Context()))
			}
			first, second := pingo.Bind(p, &loud), newGreeterClient(p)
			if when == "before" {
				p.Start()
			}
			_, err := sayLoud(t, first, "you")
			require.NoError(t, err)
			_, err = second.SayHello(t.Context(), "you")
			require.ErrorContains(t, err, refusal)
			require.Equal(t, pingo.NotDelivered, pingo.FateOf(err))
			_, err = sayLoud(t, first, "you")
			require.NoError(t, err)
		})
	}
}

func TestConversionThatFails(t *testing.T) {
	cfg, _ := setup(t, "greeter")
	cfg.MaxMessage = 1000
	p := pingo.New(cfg)
	defer p.Stop()
	c := pingo.Bind(p, &codec.Contract{Name: "Greeter", Methods: []codec.Method{
		{Name: "SayHello", Signature: "(name string) (text string, more [999]byte)", Fingerprint: 1},
	}})
	p.Start()
	err := c.CallContext(t.Context(), "Greeter.SayHello", &text{"you"}, &text{})
	require.ErrorContains(t, err, "cannot decode the reply: at byte 0 of 11: it was written for another version of the contract, and cannot be converted: "+
		"at byte 11 of 11: the message becomes larger than the limit of 1000 bytes")
	require.Equal(t, pingo.Executed, pingo.FateOf(err))
	err = c.CallContext(t.Context(), "Greeter.SayHello", &codec.Nothing{}, &text{})
	require.ErrorContains(t, err, "cannot decode the arguments")
	require.Equal(t, pingo.NotDelivered, pingo.FateOf(err))
}

func TestImplements(t *testing.T) {
	cfg, _ := setup(t, "greeter")
	p := pingo.New(cfg)
	_, err := p.Implements(t.Context(), "Greeter.SayHello")
	require.ErrorIs(t, err, pingo.ErrNotStarted)
	p.Start()
	for method, want := range map[string]bool{
		"Greeter.SayHello": true, "Greeter.Meet": true, "Greeter.Shout": false, "Greeter": false, "Greeter.": false, "Other.SayHello": false, "": false,
	} {
		has, err := p.Implements(t.Context(), method)
		require.NoError(t, err)
		require.Equal(t, want, has, method)
	}
	p.Stop()
	_, err = p.Implements(t.Context(), "Greeter.SayHello")
	require.ErrorIs(t, err, pingo.ErrStopped)
}

// fake is some other Caller.
type fake struct{}

func (fake) CallContext(context.Context, string, any, any) error { return nil }

func TestBindLeavesOtherCallersAlone(t *testing.T) {
	require.Equal(t, fake{}, pingo.Bind(fake{}, &greeterContract))
}

// Whoever makes a client of nothing learns it there, and not at the first call.
func TestClientOfNothing(t *testing.T) {
	require.PanicsWithValue(t, "pingo: nil Caller: pass what is to be called, usually a *pingo.Plugin, to the function that makes a client",
		func() { newGreeterClient(nil) })
}
