package probe

import (
	"context"
	"fmt"
	"os"
	"reflect"
	"runtime"
	"runtime/pprof"
	"strings"
	"time"

	pingo "github.com/pingogen/pingogen/runtime"
)

// Caller is pingo.Caller.
type Caller = pingo.Caller

// contract is one to call directly and through a plugin.
type contract struct {
	name     string
	direct   func() reflect.Value // an implementation, as the interface
	client   func(Caller) reflect.Value
	register func()
}

var contracts []contract

// Contract notes a contract of the package at hand.
func Contract[T any](name string, implement func(*Object) T, client func(Caller) T, register func(T)) {
	value := func(v T) reflect.Value { return reflect.ValueOf(&v).Elem() }
	object := func() *Object {
		return &Object{seed: hash(name), data: []byte("the bytes of " + name)}
	}
	contracts = append(contracts, contract{
		name:     name,
		direct:   func() reflect.Value { return value(implement(object())) },
		client:   func(c Caller) reflect.Value { return value(client(c)) },
		register: func() { register(implement(object())) },
	})
}

// rounds is how often each method is called, with other arguments.
const rounds = 4

// each looks for references after each call, which takes its time.
var each = os.Getenv("PROBE_EACH") != ""

// Main is the main function of a program that is its own plugin. Packages are
// what their names note.
func Main(packages map[string]func()) {
	serve := len(os.Args) > 2 && os.Args[2] == "serve"
	note := packages[os.Args[1]]
	if note == nil {
		fail("there is no package %s", os.Args[1])
	}
	note()
	if !serve {
		compare(os.Args[1])
		return
	}
	go collect()
	for _, c := range contracts {
		c.register()
	}
	fail("%v", pingo.Run())
}

// fail ends the program.
func fail(format string, args ...any) {
	fmt.Fprintf(os.Stderr, format+"\n", args...)
	os.Exit(1)
}

// collect has proxies found soon that nobody holds any more.
func collect() {
	for range time.Tick(10 * time.Millisecond) {
		runtime.GC()
	}
}

// compare makes all calls both ways.
func compare(name string) {
	p := pingo.NewPlugin("auto", os.Args[0], name, "serve")
	p.SetTimeout(time.Minute) // a busy machine takes its time
	p.Start()
	calls := 0
	for _, c := range contracts {
		client := c.client(p)
		for i := range client.NumMethod() {
			for round := range rounds {
				seed := hash(fmt.Sprint(name, c.name, i, round))
				where := fmt.Sprintf("%s.%s, round %d", c.name, client.Type().Method(i).Name, round)
				direct := within(where, func() string { return transcript(c.direct(), i, seed) })
				remote := within(where, func() string { return transcript(client, i, seed) })
				if direct != remote {
					fail("%s: a direct call gives\n%s\nand one through a plugin\n%s\n%s", where, direct, remote, difference(direct, remote))
				}
				calls++
				if each { // to find the call that keeps something
					noReferences(p)
				}
			}
		}
	}
	noReferences(p)
	p.Stop()
	if err := p.Err(); err != nil {
		fail("%v", err)
	}
	fmt.Printf("%s: %d calls\n", name, calls)
}

// difference says where two texts begin to differ.
func difference(a, b string) string {
	i := 0
	for i < min(len(a), len(b)) && a[i] == b[i] {
		i++
	}
	from := max(0, i-40)
	return fmt.Sprintf("where %q\nis    %q", a[from:min(len(a), i+60)], b[from:min(len(b), i+60)])
}

// callTime is more than any call takes.
const callTime = time.Minute

// within ends the program, and says what it does, if f takes too long.
func within(what string, f func() string) string {
	late := time.AfterFunc(callTime, func() {
		fmt.Fprintf(os.Stderr, "%s does not return\n", what)
		_ = pprof.Lookup("goroutine").WriteTo(os.Stderr, 2)
		os.Exit(1)
	})
	defer late.Stop()
	return f()
}

// transcript calls method i of v, and returns all that there was to see.
func transcript(v reflect.Value, i int, seed uint64) string {
	method, name := v.Method(i), v.Type().Method(i).Name
	ctx, cancel := context.WithTimeout(context.Background(), callTime)
	defer cancel()
	record := newRecord()
	filler := newFiller(seed, 1, record)
	var args []reflect.Value
	t := method.Type()
	for i := range t.NumIn() {
		v := reflect.New(t.In(i)).Elem()
		if i == 0 && t.In(i) == reflect.TypeFor[context.Context]() {
			v.Set(reflect.ValueOf(ctx))
		} else {
			filler.fill(v)
		}
		args = append(args, v)
	}
	d := newDumper(ctx, seed, 1, record)
	results := invoke(method, args)
	d.values(settable(results))
	if name == "Read" || name == "ReadAt" {
		d.write(" filled %q", args[0].Bytes()[:results[0].Int()])
	}
	record.settle(time.Minute)
	return d.String() + "\n" + strings.TrimSuffix(record.text("\t"), "\n")
}

// noReferences waits until both sides have let go of everything.
func noReferences(p *pingo.Plugin) {
	for deadline := time.Now().Add(2 * time.Minute); ; runtime.Gosched() {
		runtime.GC()
		exported, imported := p.References()
		if exported+imported == 0 {
			return
		}
		if time.Now().After(deadline) {
			_ = pprof.Lookup("goroutine").WriteTo(os.Stderr, 1)
			fail("the host keeps %d references, and the plugin %d", exported, imported)
		}
	}
}
