package pingotest

import (
	"fmt"
	"io"
	"reflect"
	"sync"
	"testing"
	"time"

	pingo "github.com/pingogen/pingogen/runtime"
)

// Kit is what it takes to have a T in each placement.
type Kit[T any] struct {
	// Config is of the plugin in a process of its own: Args and Env, for example. Path
	// is the kit's; a zero StartTimeout means a minute, for a machine that is busy with tests.
	Config pingo.Config

	// Keeps is how many of the functions, interfaces and streams that a test passes by
	// reference an implementation may keep for good.
	Keeps int

	implementation func() T
	client         func(pingo.Caller) T
	register       func(T)
	plugin         string
}

// kits are those that Use was called for, by the types of their interfaces.
var kits struct {
	sync.Mutex
	of map[reflect.Type][]any
}

// Use says how Run makes a T, which is the interface of a contract: by a function that
// makes an implementation, by the generated constructor and Register function of the
// contract, and from the plugin's main package, which is an import path, or relative to
// the test's directory. An empty one means that there is no plugin, and Run leaves
// that placement out. Call Use once in a test's package:
//
//	var _ = pingotest.Use(hello.New, greeter.NewGreeterClient, greeter.RegisterGreeter, "../cmd/hello-plugin")
//
// A package that tests several implementations of one contract calls Run of the Kits
// that Use returns. An implementation that has a method Close() error is closed in the
// end, where it is not the plugin's own. Use panics if a type is not a T.
func Use[T, I, C any](implementation func() I, client func(pingo.Caller) C, register func(T), plugin string) *Kit[T] {
	t := reflect.TypeFor[T]()
	for _, is := range []reflect.Type{reflect.TypeFor[I](), reflect.TypeFor[C]()} {
		if t.Kind() != reflect.Interface || !is.AssignableTo(t) {
			panic(fmt.Sprintf("pingotest: Use: %v is not a %v", is, t))
		}
	}
	k := &Kit[T]{
		implementation: func() T { return any(implementation()).(T) },
		client:         func(c pingo.Caller) T { return any(client(c)).(T) },
		register:       register,
		plugin:         plugin,
	}
	kits.Lock()
	defer kits.Unlock()
	if kits.of == nil {
		kits.of = map[reflect.Type][]any{}
	}
	kits.of[t] = append(kits.of[t], k)
	return k
}

// kitOf returns the only kit for a T.
func kitOf[T any](t *testing.T) *Kit[T] {
	t.Helper()
	kits.Lock()
	defer kits.Unlock()
	list := kits.of[reflect.TypeFor[T]()]
	switch len(list) {
	case 1:
		return list[0].(*Kit[T])
	case 0:
		t.Fatalf("pingotest.Run: nothing says how to make a %v; call pingotest.Use in a variable of this package", reflect.TypeFor[T]())
	}
	t.Fatalf("pingotest.Run: pingotest.Use was called %d times for %v; call Run of the Kits that it returned", len(list), reflect.TypeFor[T]())
	return nil
}

// Run runs a test of a T, as a subtest for each placement:
//
//   - implementation: it is called directly,
//   - in-process: through the generated client and adapter, and all that is between them,
//   - subprocess: in a plugin, which is built, started and stopped.
//
// Each has an implementation of its own. A placement also fails if something is left of
// it: see CheckLeaks.
func Run[T any](t *testing.T, test func(t *testing.T, impl T)) {
	t.Helper()
	kitOf[T](t).Run(t, test)
}

// Run is the function Run with this kit.
func (k *Kit[T]) Run(t *testing.T, test func(t *testing.T, impl T)) {
	t.Helper()
	t.Run("implementation", func(t *testing.T) {
		CheckLeaks(t)
		test(t, k.implement(t))
	})
	t.Run("in-process", func(t *testing.T) {
		CheckLeaks(t)
		test(t, k.client(k.inProcess(t)))
	})
	t.Run("subprocess", func(t *testing.T) {
		if k.plugin == "" {
			t.Skip("the kit has no plugin")
		}
		CheckLeaks(t)
		test(t, k.client(k.subprocess(t)))
	})
}

// implement makes an implementation for the duration of a test.
func (k *Kit[T]) implement(t *testing.T) T {
	impl := k.implementation()
	if c, ok := any(impl).(io.Closer); ok {
		t.Cleanup(func() {
			if err := c.Close(); err != nil {
				t.Errorf("closing the implementation: %v", err)
			}
		})
	}
	return impl
}

// inProcess serves an implementation here.
func (k *Kit[T]) inProcess(t *testing.T) pingo.Caller {
	impl := k.implement(t)
	p, err := pingo.NewInProcess(func() { k.register(impl) })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	t.Cleanup(func() { checkReferences(t, p, k.Keeps) })
	return p
}

// subprocess starts the plugin.
func (k *Kit[T]) subprocess(t *testing.T) pingo.Caller {
	cfg := k.Config
	cfg.Path = Build(t, k.plugin)
	return start(t, cfg)
}

// start starts a plugin for the duration of a test.
func start(t *testing.T, cfg pingo.Config) *pingo.Plugin {
	if cfg.StartTimeout == 0 {
		cfg.StartTimeout = time.Minute
	}
	if cfg.ErrorHandler == nil {
		cfg.ErrorHandler = output{t.Output()}
	}
	p := pingo.New(cfg)
	p.Start()
	t.Cleanup(p.Stop)
	t.Cleanup(func() { checkReferences(t, p, anyNumber) })
	if err := p.Ready(t.Context()); err != nil {
		t.Fatal(err)
	}
	return p
}

// output writes what a plugin prints to the output of a test. Its errors are those of
// calls, or of Ready.
type output struct{ w io.Writer }

func (o output) Error(error) {}

func (o output) Print(line any) { _, _ = fmt.Fprintf(o.w, "plugin: %v\n", line) }
