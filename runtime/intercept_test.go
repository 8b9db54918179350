package pingo_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"sync"
	"testing"

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
