package pingo_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	pingo "github.com/pingogen/pingogen/runtime"
)

// steps notes what interceptors see.
type steps struct {
	mu    sync.Mutex
	lines []string
}

func (s *steps) add(format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lines = append(s.lines, fmt.Sprintf(format, args...))
}

func (s *steps) all() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.lines
}

// around notes the begin and the end of each call.
func (s *steps) around(name string) pingo.Interceptor {
	return func(ctx context.Context, c *pingo.Call, next func(context.Context) error) error {
		direction := "out"
		if c.Incoming {
			direction = "in"
		}
		s.add("%s: %s %s, plugin %t", name, direction, c.Method, c.Plugin != "")
		err := next(ctx)
		s.add("%s: %v", name, err)
		return err
	}
}

// The plugin prints what its interceptors see, and does with some calls as they are called.
var _ = helper("intercepting", func() {
	pingo.Intercept(func(ctx context.Context, c *pingo.Call, next func(context.Context) error) error {
		fmt.Println("plugin:", c.Incoming, c.Method, c.Plugin, pingo.Metadata(ctx)["id"])
		switch pingo.Metadata(ctx)["do"] {
		case "refuse":
			return fmt.Errorf("not you: %w", fs.ErrPermission)
		case "forget":
			return nil
		case "replace":
			_ = next(ctx)
			return errors.New("something else")
		}
		return next(pingo.WithMetadata(ctx, "id", "passed on"))
	})
	registerGreeter(asker{})
	fail(pingo.Run())
})

func TestInterceptors(t *testing.T) {
	hosted()
	cfg, rec := setup(t, "intercepting")
	seen := &steps{}
	tag := func(ctx context.Context, c *pingo.Call, next func(context.Context) error) error {
		if !c.Incoming {
			ctx = pingo.WithMetadata(ctx, "id", "7")
			require.NotNil(t, c.Args)
			require.NotNil(t, c.Reply)
		}
		return next(ctx)
	}
	cfg.Intercept = []pingo.Interceptor{seen.around("outer"), tag, seen.around("inner")}
	p := start(t, cfg)
	g := newGreeterClient(p)
	msg, err := g.SayHello(t.Context(), "you")
	require.NoError(t, err)
	require.Equal(t, "the host has met you", msg)
	require.Equal(t, []string{
		"outer: out Greeter.SayHello, plugin true", "inner: out Greeter.SayHello, plugin true",
		"outer: in Guide.Meet, plugin true", "inner: in Guide.Meet, plugin true",
		"inner: <nil>", "outer: <nil>", "inner: <nil>", "outer: <nil>",
	}, seen.all())
	rec.await("plugin: true Greeter.SayHello  7")
	rec.await("plugin: false Guide.Meet  7") // what came with the call that it is made for

	// An error of the implementation goes through all of them, and calls without generated code as well.
	_, err = g.SayHello(t.Context(), "")
	require.EqualError(t, err, "nobody to meet")
	require.Contains(t, seen.all(), "outer: nobody to meet")
	require.ErrorIs(t, p.Call("Lab.Echo", "x", new(string)), pingo.ErrUnimplemented)
	require.Contains(t, seen.all(), "outer: out Lab.Echo, plugin true")

	_, err = g.SayHello(pingo.WithMetadata(t.Context(), "do", "replace"), "you")
	require.EqualError(t, err, "something else")
	require.Equal(t, pingo.Executed, pingo.FateOf(err))
	for do, want := range map[string]string{
		"refuse": "not you: permission denied",
		"forget": "an interceptor returned without calling next, and without an error",
	} {
		_, err = g.SayHello(pingo.WithMetadata(t.Context(), "do", do), "you")
		require.ErrorContains(t, err, want)
		require.Equal(t, pingo.NotDelivered, pingo.FateOf(err))
		require.Equal(t, do == "refuse", errors.Is(err, fs.ErrPermission))
	}
}

// A call that the host's own interceptor does not make is not delivered, and may be made over again.
func TestInterceptorRefuses(t *testing.T) {
	cfg, _ := setup(t, "greeter")
	refusal, tries := errors.New("not today"), 0
	var outer []pingo.Fate
	cfg.Intercept = []pingo.Interceptor{func(ctx context.Context, _ *pingo.Call, next func(context.Context) error) error {
		err := next(ctx)
		outer = append(outer, pingo.FateOf(err))
		return err
	}, func(ctx context.Context, c *pingo.Call, next func(context.Context) error) error {
		switch tries++; tries {
		case 1:
			return refusal
		case 2:
			return nil
		}
		return next(ctx)
	}}
	g := newGreeterClient(start(t, cfg))
	_, err := g.SayHello(t.Context(), "you")
	require.ErrorIs(t, err, refusal)
	require.Equal(t, pingo.NotDelivered, pingo.FateOf(err))
	_, err = g.SayHello(t.Context(), "you")
	require.ErrorContains(t, err, "without calling next")
	require.True(t, strings.HasPrefix(err.Error(), "plugin "), err)
	_, err = g.SayHello(t.Context(), "you")
	require.NoError(t, err)
	require.Equal(t, []pingo.Fate{pingo.NotDelivered, pingo.NotDelivered, pingo.Executed}, outer)
}

// An interceptor need not wait for next: whoever wants the call to return has its context end.
func TestInterceptorThatReturnsEarly(t *testing.T) {
	cfg, rec := setup(t, "greeter")
	impatient := errors.New("impatient")
	inner := make(chan error, 1)
	cfg.Intercept = []pingo.Interceptor{func(ctx context.Context, _ *pingo.Call, next func(context.Context) error) error {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		go func() { inner <- next(ctx) }()
		rec.await("waiting you false")
		return impatient
	}}
	p := start(t, cfg)
	_, err := newGreeterClient(p).Meet(t.Context(), "you")
	require.ErrorIs(t, err, impatient)
	require.Equal(t, pingo.Executed, pingo.FateOf(err))
	require.Zero(t, p.Stats().Methods[0].Running, "the call is over when it returns")
	require.ErrorIs(t, <-inner, context.Canceled)
}

// What was told not to have been delivered is not delivered later.
func TestInterceptorThatIsLate(t *testing.T) {
	cfg, rec := setup(t, "greeter")
	returned, inner := make(chan struct{}), make(chan error, 1)
	cfg.Intercept = []pingo.Interceptor{func(ctx context.Context, _ *pingo.Call, next func(context.Context) error) error {
		go func() {
			<-returned
			inner <- next(context.Background())
		}()
		return nil
	}}
	p := start(t, cfg)
	_, err := newGreeterClient(p).Meet(t.Context(), "you")
	require.Equal(t, pingo.NotDelivered, pingo.FateOf(err))
	close(returned)
	err = <-inner
	require.ErrorContains(t, err, "after the interceptor had returned")
	require.Equal(t, pingo.NotDelivered, pingo.FateOf(err))
	within(t, "Stop", p.Stop)
	lines, _, _ := rec.snapshot()
	require.Empty(t, lines)
}

// The plugin's interceptors do what they should not.
var _ = helper("interfering", func() {
	pingo.Intercept(func(ctx context.Context, c *pingo.Call, next func(context.Context) error) (err error) {
		switch pingo.Metadata(ctx)["do"] {
		case "early":
			begun := make(chan struct{})
			go func() {
				close(begun)
				_ = next(ctx)
			}()
			<-begun
			return errors.New("early")
		case "late":
			go func() {
				for ctx.Err() == nil {
					runtime.Gosched()
				}
				fmt.Println("late:", next(context.Background()))
			}()
			return nil
		case "recover":
			defer func() { err = fmt.Errorf("recovered: %v", recover()) }()
		case "hide":
			defer func() { _ = recover() }()
		case "twice":
			return errors.Join(next(ctx), next(ctx))
		}
		return next(ctx)
	})
	registerGreeter(panicky{})
	fail(pingo.Run())
})

// panicky panics when it is told to.
type panicky struct{ greeter }

func (p panicky) SayHello(ctx context.Context, name string) (string, error) {
	if name == "panic" {
		panic("oops")
	}
	return p.greeter.SayHello(ctx, name)
}

// A handler has its arguments and its place for results until it has returned, and once.
func TestInterceptorsOfServedCallsThatInterfere(t *testing.T) {
	cfg, rec := setup(t, "interfering")
	g := newGreeterClient(start(t, cfg))
	as := func(what string) context.Context { return pingo.WithMetadata(t.Context(), "do", what) }
	for i := range 100 {
		want := fmt.Sprint("Hello, ", i)
		msg, err := g.SayHello(as("early"), fmt.Sprint(i))
		if pingo.FateOf(err) == pingo.Executed {
			require.EqualError(t, err, "early")
			require.Equal(t, want, msg)
		} else {
			require.Equal(t, pingo.NotDelivered, pingo.FateOf(err), err)
		}
		msg, err = g.SayHello(as(""), fmt.Sprint(i))
		require.NoError(t, err)
		require.Equal(t, want, msg)
	}
	_, err := g.SayHello(as("late"), "you")
	require.ErrorContains(t, err, "without calling next")
	require.Equal(t, pingo.NotDelivered, pingo.FateOf(err))
	rec.await("late: next was called after the interceptor had returned")

	for do, want := range map[string]string{"": "oops", "recover": "recovered: oops", "hide": "an interceptor has recovered"} {
		_, err = g.SayHello(as(do), "panic")
		var panicked *pingo.PanicError
		require.ErrorAs(t, err, &panicked)
		require.Equal(t, want, panicked.Value)
		require.Contains(t, err.Error(), "panicky.SayHello")
	}

	msg, err := g.SayHello(as("twice"), "you")
	require.ErrorContains(t, err, "a call that is served is made once")
	require.Equal(t, pingo.Executed, pingo.FateOf(err))
	require.Equal(t, "Hello, you", msg)
}

// A time limit is that of an attempt: an interceptor that makes another one has as long for it.
func TestTimeoutIsOfEachNext(t *testing.T) {
	contract := greeterContract
	contract.Methods = slices.Clone(contract.Methods)
	contract.Methods[0].Timeout = 50 * time.Millisecond
	cfg, _ := setup(t, "greeter")
	var fates []pingo.Fate
	cfg.Intercept = []pingo.Interceptor{func(ctx context.Context, _ *pingo.Call, next func(context.Context) error) error {
		_, limited := ctx.Deadline()
		require.False(t, limited)
		var err error
		for range 3 {
			err = next(ctx)
			require.ErrorIs(t, err, context.DeadlineExceeded)
			require.NoError(t, ctx.Err())
			fates = append(fates, pingo.FateOf(err))
		}
		return err
	}}
	p := start(t, cfg)
	require.NoError(t, p.Ready(t.Context()))
	_, err := newGreeterClientOf(p, &contract).Meet(t.Context(), "you")
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.Len(t, fates, 3)
	require.Equal(t, uint64(3), p.Stats().Methods[0].Calls, "each is counted")
}
