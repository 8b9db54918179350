package pingotest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	pingo "github.com/pingogen/pingogen/runtime"
)

// The environment variables that name the plugin to test, and its arguments, one a line.
const (
	PluginVariable    = "PINGO_PLUGIN"
	ArgumentsVariable = "PINGO_PLUGIN_ARGS"
)

// Plugin starts the plugin that $PINGO_PLUGIN names, and stops it when the test ends.
// It skips the test if the variable is empty. The plugin has the test's environment, and
// the arguments in $PINGO_PLUGIN_ARGS, one a line. A contract's author uses it for what any
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
	cfg := pingo.Config{Path: path, Env: os.Environ()}
	for arg := range strings.Lines(os.Getenv(ArgumentsVariable)) {
		cfg.Args = append(cfg.Args, strings.TrimSuffix(arg, "\n"))
	}
	return cfg
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
// of its own, instead of a panic; does it bear many calls at once; and does it stop? A
// method that ends the plugin is not called again, and the others go on with another. The
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
	again := func() { // with another, for this one has ended
		p.Stop()
		p = pingo.New(cfg)
		c = client(p)
		p.Start()
		_ = p.Ready(t.Context()) // calls say why not, and have their time for themselves
	}
	var harmless []Method[C]
	for _, m := range methods {
		var ended bool
		t.Run(m.Name, func(t *testing.T) { ended = answers(t, m, c) })
		if ended {
			again()
		} else {
			harmless = append(harmless, m)
		}
	}
	var ended bool
	t.Run("many calls at once", func(t *testing.T) { ended = bears(t, harmless, c) })
	if ended {
		again()
	}
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
	if err := p.Ready(t.Context()); err != nil && !errors.Is(err, pingo.ErrUnimplemented) { // of which more is said below
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

// answers wants results, or an error of the implementation, or that it waits. It tells
// whether the plugin has ended instead.
func answers[C any](t *testing.T, m Method[C], c C) (ended bool) {
	ctx, cancel := context.WithTimeout(t.Context(), answerTime)
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- try(ctx, m, c) }()
	select {
	case err := <-done:
		if problem := wrong(m, err); problem != nil {
			t.Error(problem)
		}
		return crashed(err)
	case <-time.After(hangTime):
		t.Errorf("no answer within %v, and the method takes no context that could end", hangTime)
	}
	return false
}

// crashed tells whether a call failed because the plugin has ended.
func crashed(err error) bool { return errors.As(err, new(*pingo.CrashError)) }

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

// bears wants the same of many calls at once. It tells whether the plugin has ended
// instead.
func bears[C any](t *testing.T, methods []Method[C], c C) (ended bool) {
	const callers = 16
	ctx, cancel := context.WithTimeout(t.Context(), answerTime)
	defer cancel()
	var calls sync.WaitGroup
	problems := make(chan problem, callers*len(methods))
	for _, m := range methods {
		for range callers {
			calls.Go(func() {
				if err := wrong(m, try(ctx, m, c)); err != nil {
					problems <- problem{m.Name, err}
				}
			})
		}
	}
	go func() {
		calls.Wait()
		close(problems)
	}()
	late := time.After(hangTime)
	var list []problem
	for {
		select {
		case p, ok := <-problems:
			if !ok {
				return report(t, list)
			}
			list = append(list, p)
		case <-late:
			t.Errorf("not all calls were answered within %v", hangTime)
			return report(t, list)
		}
	}
}

// problem is what is wrong with a call of a method.
type problem struct {
	method string
	err    error
}

// report says what is wrong once for each method, and if the plugin has ended, once, with
// those methods whose calls may have ended it.
func report(t *testing.T, list []problem) (ended bool) {
	var crash error
	var running []string
	told := map[string]bool{}
	for _, p := range list {
		switch {
		case crashed(p.err):
			if crash == nil || pingo.FateOf(crash) == pingo.NotDelivered {
				crash = p.err
			}
			if pingo.FateOf(p.err) != pingo.NotDelivered && !slices.Contains(running, p.method) {
				running = append(running, p.method)
			}
		case !told[p.method]:
			told[p.method] = true
			t.Errorf("%s: %v", p.method, p.err)
		}
	}
	if crash != nil {
		t.Errorf("the plugin ended while %s ran: %v", cmp.Or(strings.Join(running, ", "), "none of the methods"), crash)
	}
	return crash != nil
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
