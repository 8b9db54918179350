package pingotest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"sync"
	"testing"
	"time"

	pingo "github.com/pingogen/pingogen/runtime"
)

// PluginVariable is the environment variable that names the plugin to test.
const PluginVariable = "PINGO_PLUGIN"

// Plugin starts the plugin that $PINGO_PLUGIN names, and stops it when the test ends.
// It skips the test if the variable is empty. The plugin has the test's environment. A contract's author uses it for what any
// implementation has to do:
//
//	func TestGreets(t *testing.T) {
//		g := greeter.NewGreeterClient(pingotest.Plugin(t))
//		...
//	}
func Plugin(t *testing.T) *pingo.Plugin {
	t.Helper()
	return start(t, named(t))
}

// named is the Config of what $PINGO_PLUGIN names.
func named(t *testing.T) pingo.Config {
	t.Helper()
	path := os.Getenv(PluginVariable)
	if path == "" {
		t.Skipf("$%s names no plugin to test", PluginVariable)
	}
	if _, err := os.Stat(path); err != nil {
		t.Fatalf("$%s has to name a plugin's binary, best by an absolute path, since tests run in the directory of their package: %v", PluginVariable, err)
	}
	path, err := filepath.Abs(path)
	if err != nil {
		t.Fatal(err)
	}
	return pingo.Config{Path: path, Env: os.Environ()}
}

// Method is a method of a contract whose client is a C.
type Method[C any] struct {
	Name string
	Call func(context.Context, C) error // with zero values as arguments
	May  May
}

// May is what a method is not reproached with.
type May int

// Panic: some of the zero values are nil, and an implementation may use them.
const Panic May = 1

// Zero returns the zero value of a type.
func Zero[T any]() (zero T) { return zero }

// How long a conforming plugin may take.
const (
	answerTime = 2 * time.Second // for a call, which may wait for something that does not come
	hangTime   = 10 * time.Second
)

// Conform puts the plugin that $PINGO_PLUGIN names to the test: does it serve the
// contract, in a version that fits; does each method answer, with results or with an error
// of its own, instead of a panic; does it bear many calls at once; and does it stop? The
// test that "pingogen conformance" generates calls it. What the methods mean, a
// contract's author tests with [Plugin].
func Conform[C any](t *testing.T, contract string, client func(pingo.Caller) C, methods ...Method[C]) {
	t.Helper()
	cfg := named(t)
	p := pingo.New(cfg)
	c := client(p) // before the start, which it is compared at
	t.Run("starts", func(t *testing.T) { starts(t, p, cfg, contract, methodNames(methods)) })
	if t.Failed() {
		p.Stop()
		return
	}
	for _, m := range methods {
		t.Run(m.Name, func(t *testing.T) { answers(t, m, c) })
	}
	t.Run("many calls at once", func(t *testing.T) { bears(t, methods, c) })
	t.Run("stops", func(t *testing.T) { stops(t, p) })
}

func methodNames[C any](methods []Method[C]) []string {
	var names []string
	for _, m := range methods {
		names = append(names, m.Name)
	}
	return names
}

// starts wants a plugin that serves all methods of the contract.
func starts(t *testing.T, p *pingo.Plugin, cfg pingo.Config, contract string, methods []string) {
	p.Start()
	if err := p.Ready(t.Context()); err != nil {
		t.Fatal(err)
	}
	served, err := p.Contracts(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, c := range served {
		names = append(names, c.Name)
	}
	if !slices.Contains(names, contract) {
		t.Fatalf("%s does not serve the contract %s; it serves %q", cfg.Path, contract, names)
	}
	for _, m := range methods {
		if has, err := p.Implements(t.Context(), contract+"."+m); err != nil || !has {
			t.Errorf("%s has no method %s: it is of another version of %s (%v)", cfg.Path, m, contract, err)
		}
	}
}

// answers wants results, or an error of the implementation, or that it waits.
func answers[C any](t *testing.T, m Method[C], c C) {
	ctx, cancel := context.WithTimeout(t.Context(), answerTime)
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- try(ctx, m, c) }()
	select {
	case err := <-done:
		if problem := wrong(m, err); problem != nil {
			t.Error(problem)
		}
	case <-time.After(hangTime):
		t.Errorf("no answer within %v, and the method takes no context that could end", hangTime)
	}
}

// try makes a call. A client whose methods have no error may panic with it.
func try[C any](ctx context.Context, m Method[C], c C) (err error) {
	defer func() {
		switch v := recover().(type) {
		case nil:
		case error:
			err = v
		default:
			err = fmt.Errorf("panic in the client: %v\n%s", v, debug.Stack())
		}
	}()
	return m.Call(ctx, c)
}

// wrong is what is wrong with the error of a call, nil if it is that of an implementation.
func wrong[C any](m Method[C], err error) error {
	var panicked *pingo.PanicError
	var call *pingo.CallError
	switch {
	case errors.As(err, &panicked) && m.May&Panic != 0:
		return nil
	case errors.Is(err, context.DeadlineExceeded):
		return nil
	case errors.As(err, &panicked):
		return fmt.Errorf("%w\n%s", err, panicked.Stack)
	case errors.As(err, &call):
		return err
	}
	return nil
}

// bears wants the same of many calls at once.
func bears[C any](t *testing.T, methods []Method[C], c C) {
	const callers = 16
	ctx, cancel := context.WithTimeout(t.Context(), answerTime)
	defer cancel()
	var calls sync.WaitGroup
	for _, m := range methods {
		for range callers {
			calls.Go(func() {
				if problem := wrong(m, try(ctx, m, c)); problem != nil {
					t.Errorf("%s: %v", m.Name, problem)
				}
			})
		}
	}
	done := make(chan struct{})
	go func() {
		calls.Wait()
		close(done)
	}()
	select {
	case <-done:
	case <-time.After(hangTime):
		t.Fatalf("not all calls were answered within %v", hangTime)
	}
}

// stops wants a plugin that still runs to end by itself.
func stops(t *testing.T, p *pingo.Plugin) {
	if _, err := p.Objects(); err != nil {
		t.Errorf("the plugin does not run any more: %v", err)
	}
	begun := time.Now()
	p.Stop()
	if err := p.Err(); err != nil {
		t.Error(err)
	}
	if took := time.Since(begun); took > pingo.DefaultGracePeriod {
		t.Errorf("it took %v to stop: methods do not return when their contexts end, or the program does not exit", took)
	}
}
