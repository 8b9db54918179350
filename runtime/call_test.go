package pingo_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	pingo "github.com/pingogen/pingogen/runtime"
	"github.com/pingogen/pingogen/runtime/codec"
)

func TestGeneratedCall(t *testing.T) {
	eachTransport(t, func(t *testing.T, transport string) {
		cfg, _ := setup(t, "greeter")
		use(&cfg, transport)
		p := pingo.New(cfg)
		g := newGreeterClient(p)
		p.Start()
		defer p.Stop()

		msg, err := g.SayHello(t.Context(), "Go developer")
		require.NoError(t, err)
		require.Equal(t, "Hello, Go developer", msg)

		objects, err := p.Objects()
		require.NoError(t, err)
		require.Equal(t, []string{"Greeter"}, objects)
	})
}

func TestResultsComeTogetherWithTheError(t *testing.T) {
	cfg, _ := setup(t, "greeter")
	g := newGreeterClient(start(t, cfg))
	msg, err := g.SayHello(t.Context(), "fail:no luck")
	require.Equal(t, "half done", msg)
	require.EqualError(t, err, "no luck", "the implementation's error as it is")
	require.Equal(t, pingo.Executed, pingo.FateOf(err))
	require.False(t, errors.As(err, new(*pingo.CallError)))
}

func TestManyCallsAtOnce(t *testing.T) {
	eachTransport(t, func(t *testing.T, transport string) {
		cfg, _ := setup(t, "greeter")
		use(&cfg, transport)
		g := newGreeterClient(start(t, cfg))
		var calls sync.WaitGroup
		for i := range 64 {
			calls.Go(func() {
				for j := range 20 {
					name := fmt.Sprint(i, " ", j)
					msg, err := g.SayHello(t.Context(), name)
					if err != nil || msg != "Hello, "+name {
						t.Errorf("%s: %q, %v", name, msg, err)
					}
				}
			})
		}
		calls.Wait()
	})
}

func TestCancellationReachesThePlugin(t *testing.T) {
	eachTransport(t, func(t *testing.T, transport string) {
		cfg, rec := setup(t, "greeter")
		use(&cfg, transport)
		g := newGreeterClient(start(t, cfg))
		ctx, cancel := context.WithCancel(t.Context())
		failed := make(chan error, 1)
		go func() {
			_, err := g.Meet(ctx, "cancel")
			failed <- err
		}()
		rec.await("waiting cancel false")
		cancel()
		err := <-failed
		require.ErrorIs(t, err, context.Canceled)
		require.Equal(t, pingo.MaybeExecuted, pingo.FateOf(err))
		rec.await("over cancel context canceled")
	})
}

func TestDeadlineReachesThePlugin(t *testing.T) {
	cfg, rec := setup(t, "greeter")
	g := newGreeterClient(start(t, cfg))
	_, err := g.SayHello(t.Context(), "warm up")
	require.NoError(t, err)
	for limit := 50 * time.Millisecond; ; limit *= 2 { // on a busy machine, it may be over before the call is sent
		ctx, cancel := context.WithTimeout(t.Context(), limit)
		_, err = g.Meet(ctx, "deadline")
		cancel()
		require.ErrorIs(t, err, context.DeadlineExceeded)
		if pingo.FateOf(err) != pingo.NotDelivered {
			break
		}
	}
	rec.awaitFunc(func(lines []string, _ []error) bool {
		return strings.Contains(strings.Join(lines, "\n"), "over deadline context")
	})
}

func TestCallsWaitForTheStartAndForTheirContextOnly(t *testing.T) {
	cfg, _ := setup(t, "idle")
	p := start(t, cfg)
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	err := p.CallContext(ctx, "Lab.Echo", "x", nil)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.Equal(t, pingo.NotDelivered, pingo.FateOf(err))
	require.ErrorIs(t, p.Ready(ctx), context.DeadlineExceeded)
	require.NoError(t, p.Err())
	kill(t, p)
}

// kill ends a plugin without grace.
func kill(t *testing.T, p *pingo.Plugin) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	within(t, "Shutdown", func() { _ = p.Shutdown(ctx) })
}

func TestCallBeforeStart(t *testing.T) {
	p := pingo.NewPlugin("auto", "plugins/hello")
	err := p.Call("Plugin.SayHello", "x", nil)
	require.ErrorIs(t, err, pingo.ErrNotStarted)
	require.EqualError(t, err, "plugin plugins/hello: Plugin.SayHello: not delivered: the plugin was not started; call Start first")
	require.Equal(t, pingo.NotDelivered, pingo.FateOf(err))
	_, err = p.Objects()
	require.ErrorIs(t, err, pingo.ErrNotStarted)
	require.ErrorIs(t, p.Ready(t.Context()), pingo.ErrNotStarted)
	_, err = newGreeterClient(p).SayHello(t.Context(), "x")
	require.ErrorIs(t, err, pingo.ErrNotStarted)
}

func TestUnimplemented(t *testing.T) {
	cfg, _ := setup(t, "lab")
	p := start(t, cfg)
	for method, want := range map[string]string{
		"Lab.Nothing": "not implemented: Lab has no method Nothing; it has ",
		"Bar.Echo":    "not implemented: there is no object Bar; registered are: Lab",
		"Echo":        `not implemented: "Echo" is not of the form Object.Method`,
	} {
		err := p.Call(method, 0, nil)
		require.ErrorIs(t, err, pingo.ErrUnimplemented)
		require.ErrorContains(t, err, want)
		require.Equal(t, pingo.NotDelivered, pingo.FateOf(err))
	}
}

func TestTheTwoEncodingsAreNotMixedUp(t *testing.T) {
	cfg, _ := setup(t, "greeter")
	var msg string
	err := start(t, cfg).Call("Greeter.SayHello", "x", &msg)
	require.ErrorIs(t, err, pingo.ErrUnimplemented)
	require.ErrorContains(t, err, "call it through the generated client, not with plain Go values")

	cfg, _ = setup(t, "lab")
	err = start(t, cfg).CallContext(t.Context(), "Lab.Echo", &text{"x"}, &text{})
	require.ErrorIs(t, err, pingo.ErrUnimplemented)
	require.ErrorContains(t, err, "call it with plain Go values")
}

func TestBadArguments(t *testing.T) {
	cfg, _ := setup(t, "lab")
	p := start(t, cfg)
	var notPointer string
	for want, err := range map[string]error{
		"the reply is a string; pass a pointer":  p.Call("Lab.Echo", "x", notPointer),
		"the reply is a *string; pass a pointer": p.Call("Lab.Echo", "x", (*string)(nil)),
		"cannot encode a nil value":              p.Call("Lab.Echo", nil, nil),
		"gob: cannot encode a nil":               p.Call("Lab.Swap", (*Pair)(nil), nil),
		"gob: type not registered":               p.Call("Lab.Echo", struct{ I any }{struct{ X int }{1}}, nil),
		"cannot decode the arguments":            p.Call("Lab.Echo", 42, nil),
	} {
		require.ErrorContains(t, err, want)
		require.Equal(t, pingo.NotDelivered, pingo.FateOf(err), "%v", err)
	}
	var wrong int
	err := p.Call("Lab.Echo", "x", &wrong)
	require.ErrorContains(t, err, "cannot decode the reply")
	require.Equal(t, pingo.Executed, pingo.FateOf(err))
	require.ErrorAs(t, err, new(*pingo.CallError))
}

func TestMaxMessage(t *testing.T) {
	cfg, _ := setup(t, "lab")
	cfg.MaxMessage = 100_000
	p := start(t, cfg)
	var reply string
	require.NoError(t, p.Call("Lab.Echo", strings.Repeat("x", 90_000), &reply))
	require.Len(t, reply, 90_000)

	err := p.Call("Lab.Echo", strings.Repeat("x", 100_000), &reply)
	require.ErrorContains(t, err, "the limit Config.MaxMessage of 100000 was exceeded: message of 1")
	require.Equal(t, pingo.NotDelivered, pingo.FateOf(err))

	err = p.Call("Lab.Repeat", 100_000, &reply)
	require.ErrorContains(t, err, "the limit Config.MaxMessage of 100000 was exceeded: message of 1")
	require.Equal(t, pingo.Executed, pingo.FateOf(err))
	require.ErrorAs(t, err, new(*pingo.CallError))

	require.NoError(t, p.Call("Lab.Echo", "still there", &reply))
}

// The plugin adopts the host's limit, also where it is above the default.
func TestMaxMessageRaised(t *testing.T) {
	cfg, _ := setup(t, "lab")
	cfg.MaxMessage = pingo.DefaultMaxMessage + 1<<20
	p := start(t, cfg)
	var reply string
	long := strings.Repeat("x", pingo.DefaultMaxMessage+1000)
	require.NoError(t, p.Call("Lab.Echo", long, &reply))
	require.True(t, reply == long)
}

func TestPanicBecomesAnError(t *testing.T) {
	eachTransport(t, func(t *testing.T, transport string) {
		cfg, _ := setup(t, "lab")
		use(&cfg, transport)
		p := start(t, cfg)
		err := p.Call("Lab.Panic", "oh no", nil)
		var panicked *pingo.PanicError
		require.ErrorAs(t, err, &panicked)
		require.Equal(t, "oh no", panicked.Value)
		require.Contains(t, panicked.Stack, "(*Lab).Panic", "the plugin's stack")
		require.Contains(t, panicked.Stack, "lab_test.go:")
		require.Regexp(t, `Lab\.Panic: executed: panic: oh no\n\tat .*/runtime_test\.\(\*Lab\)\.Panic \(.*lab_test\.go:\d+\)$`, err.Error())
		require.Equal(t, panicked.Error()+"\n\n"+panicked.Stack, fmt.Sprintf("%+v", panicked))
		require.Equal(t, panicked.Error(), fmt.Sprint(panicked))
		require.Contains(t, fmt.Sprintf("%#v", panicked), `Value:"oh no"`)
		require.Equal(t, pingo.Executed, pingo.FateOf(err))
		require.NoError(t, p.Call("Lab.Echo", "it lives", nil))
	})
}

func TestMetadataCrosses(t *testing.T) {
	cfg, _ := setup(t, "metadata")
	g := newGreeterClient(start(t, cfg))
	ctx := pingo.WithMetadata(t.Context(), "trace", "1")
	ctx = pingo.WithMetadata(ctx, "user", "a")
	ctx = pingo.WithMetadata(ctx, "trace", "2")
	msg, err := g.SayHello(ctx, "")
	require.NoError(t, err)
	require.Equal(t, "map[trace:2 user:a]", msg)

	msg, err = g.SayHello(t.Context(), "")
	require.NoError(t, err)
	require.Equal(t, "nothing", msg)
}

var _ = helper("metadata", func() {
	registerGreeter(metadataGreeter{})
	fail(pingo.Run())
})

// metadataGreeter says what came with the call.
type metadataGreeter struct{ greeter }

func (metadataGreeter) SayHello(ctx context.Context, _ string) (string, error) {
	m := pingo.Metadata(ctx)
	if m == nil {
		return "nothing", nil
	}
	return fmt.Sprint(m), nil
}

func TestSmallCallsPassABigOne(t *testing.T) {
	cfg, _ := setup(t, "lab")
	p := start(t, cfg)
	require.NoError(t, p.Ready(t.Context()))
	big := strings.Repeat("x", 16<<20)
	var calls sync.WaitGroup
	calls.Go(func() {
		var reply string
		if err := p.Call("Lab.Echo", big, &reply); err != nil || reply != big {
			t.Errorf("big: %d bytes, %v", len(reply), err)
		}
	})
	for range 64 {
		calls.Go(func() {
			for range 10 {
				var reply string
				if err := p.Call("Lab.Echo", "0123456789abcdef", &reply); err != nil || reply != "0123456789abcdef" {
					t.Errorf("small: %q, %v", reply, err)
				}
			}
		})
	}
	calls.Wait()
}

var _ codec.Message = (*text)(nil)
