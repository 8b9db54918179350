package pingo

import (
	"context"
	"errors"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pingogen/pingogen/runtime/codec"
	"github.com/pingogen/pingogen/runtime/internal/conn"
	"github.com/pingogen/pingogen/runtime/internal/schema"
	"github.com/pingogen/pingogen/runtime/internal/transport"
)

// fn is a function that travels by reference.
type fn func() error

var fnContract = codec.Contract{Name: "fn", Methods: codec.MethodsNamed("Call")}

func (f fn) encode(e *codec.Encoder) {
	codec.EncodeFunc(e, f == nil, f, func() *codec.Service {
		return &codec.Service{Contract: &fnContract, Handlers: []codec.Handler{
			func(context.Context, *codec.Decoder, *codec.Encoder) error { return f() },
		}}
	})
}

func (f *fn) decode(d *codec.Decoder) {
	*f = codec.DecodeInterface(d, func(r *codec.Reference) fn {
		return func() error { return r.CallContext(r.Context(), "Call", &codec.Nothing{}, &codec.Nothing{}) }
	})
}

// olderMessage and newerMessage are two versions of a message: the fields have
// another order, one is gone, and one is wider.
type olderMessage struct {
	a, b fn
	n    uint8
}

func (m *olderMessage) Encode(e *codec.Encoder) {
	m.a.encode(e)
	m.b.encode(e)
	e.Uint8(m.n)
}

func (m *olderMessage) Decode(d *codec.Decoder) { panic("not read by anybody") }

type newerMessage struct {
	n    int
	b, c fn
}

func (m *newerMessage) Encode(*codec.Encoder) { panic("not written by anybody") }

func (m *newerMessage) Decode(d *codec.Decoder) {
	m.n = d.Int()
	m.b.decode(d)
	m.c.decode(d)
}

// References of another version's message are called, and those that this
// version does not know are let go, in both directions.
func TestReferencesAreConverted(t *testing.T) {
	const older, newer = "(a func() error, b func() error, n uint8)", "(n int, b func() error, c func() error)"
	describe := func(params, results string, fingerprint uint64) *codec.Contract {
		return &codec.Contract{Name: "C", Methods: []codec.Method{{Name: "M", Signature: params + " " + results, Fingerprint: fingerprint}}}
	}
	caller, callee := describe(older, newer, 1), describe(newer, older, 2)
	errB := errors.New("b")
	message := olderMessage{a: func() error { return nil }, b: func() error { return errB }, n: 7}
	check := func(m *newerMessage) {
		require.Equal(t, 7, m.n)
		require.EqualError(t, m.b(), "b")
		require.Nil(t, m.c)
	}

	handler, err := newCallers([]codec.Contract{*caller}, 1000, hostName).adapt(func(_ context.Context, dec *codec.Decoder, enc *codec.Encoder) error {
		var m newerMessage
		if err := dec.Message(&m); err != nil {
			return err
		}
		check(&m)
		enc.Message(&message)
		return nil
	}, callee, "C.M")
	require.NoError(t, err)
	plan, mismatches := schema.Results(schema.New(callee, ""), schema.New(caller, ""), "M")
	require.Empty(t, mismatches)

	a, b := transport.Pipe()
	host := conn.New(a, conn.Config{})
	plugin := conn.New(b, conn.Config{Lookup: func(string, bool) (codec.Handler, error) { return handler, nil }})
	defer host.Close(nil)
	defer plugin.Close(nil)
	func() {
		var reply newerMessage
		_, err = host.Call(t.Context(), "C.M", false, &message, &converted{&reply, plan, 1000})
		require.NoError(t, err)
		check(&reply)
	}()
	for kept := 1; kept > 0; runtime.Gosched() { // until the collector has found what check has seen
		runtime.GC()
		exported, imported := host.References()
		kept = exported + imported
	}
}
