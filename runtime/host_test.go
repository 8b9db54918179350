package pingo_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	pingo "github.com/pingogen/pingogen/runtime"
	"github.com/pingogen/pingogen/runtime/codec"
)

// guideContract is what the hosts of this test binary serve. It has a name of its own: what a host serves, its plugins
// take it to call by the same contract, and other tests call Greeter by others.
var guideContract = codec.Contract{Name: "Guide", Package: greeterContract.Package, Methods: greeterContract.Methods}

// asker is a Greeter that asks its host's Guide.
type asker struct{ greeter }

func (asker) SayHello(ctx context.Context, name string) (string, error) {
	msg, err := newGreeterClientOf(pingo.Host(), &guideContract).Meet(ctx, name)
	if err != nil && !strings.Contains(err.Error(), "nobody") {
		return err.Error(), nil // the words are what the test is about
	}
	return msg, err
}

var _ = helper("asker", func() {
	_, err := newGreeterClientOf(pingo.Host(), &guideContract).Meet(context.Background(), "too early")
	if err == nil || pingo.FateOf(err) != pingo.NotDelivered {
		panic("there was no host yet")
	}
	registerGreeter(asker{})
	fail(pingo.Run())
})

// service is what the hosts of this test binary serve: one registry for all.
type service struct{ met chan string }

func (s *service) Meet(ctx context.Context, name string) (string, error) {
	switch name {
	case "":
		return "", errors.New("nobody to meet")
	case "wait":
		s.met <- name
		<-ctx.Done()
		s.met <- ctx.Err().Error()
		return "", ctx.Err()
	}
	return "the host has met " + name, nil
}

func (*service) SayHello(context.Context, string) (string, error) { panic("not called") }

var hosted = sync.OnceValue(func() *service {
	s := &service{met: make(chan string)}
	registerGreeterAs(&guideContract, s)
	return s
})

func TestPluginCallsItsHost(t *testing.T) {
	s := hosted()
	eachTransport(t, func(t *testing.T, transport string) {
		cfg, _ := setup(t, "asker")
		use(&cfg, transport)
		g := newGreeterClient(start(t, cfg))
		msg, err := g.SayHello(t.Context(), "you")
		require.NoError(t, err)
		require.Equal(t, "the host has met you", msg)
		_, err = g.SayHello(t.Context(), "")
		require.EqualError(t, err, "nobody to meet", "an error of the host's comes back through the plugin")
	})
	t.Run("cancelled", func(t *testing.T) {
		cfg, _ := setup(t, "asker")
		g := newGreeterClient(start(t, cfg))
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() {
			_, err := g.SayHello(ctx, "wait")
			ended <- err
		}()
		require.Equal(t, "wait", <-s.met)
		cancel()
		require.ErrorIs(t, <-ended, context.Canceled)
		require.Equal(t, context.Canceled.Error(), <-s.met, "the end of the context goes through the plugin to the host")
	})
}
