package pingo_test

import (
	"context"
	"os"
	"testing"

	pingo "github.com/pingogen/pingogen/runtime"
)

// benchPlugin starts a helper for a benchmark.
func benchPlugin(b *testing.B, name, transport string) *pingo.Plugin {
	b.Helper()
	path, arg := benchProgram(b, name)
	cfg := pingo.Config{Path: path, Args: []string{arg}, StartTimeout: patience}
	use(&cfg, transport)
	p := pingo.New(cfg)
	p.Start()
	b.Cleanup(p.Stop)
	if err := p.Ready(b.Context()); err != nil {
		b.Fatal(err)
	}
	return p
}

// benchProgram is program for a benchmark.
func benchProgram(b *testing.B, name string) (path, arg string) {
	b.Helper()
	exe, err := os.Executable()
	if err != nil {
		b.Fatal(err)
	}
	used.Store(name, true)
	return exe, helperPrefix + name
}

func benchTransports(b *testing.B, run func(b *testing.B, transport string)) {
	for _, transport := range transports {
		b.Run(transport, func(b *testing.B) {
			skipUnlessHas(b, transport)
			run(b, transport)
		})
	}
}

func BenchmarkCall(b *testing.B) {
	benchTransports(b, func(b *testing.B, transport string) {
		g := newGreeterClient(benchPlugin(b, "greeter", transport))
		b.ReportAllocs()
		for b.Loop() {
			if _, err := g.SayHello(context.Background(), "Go developer, 16"); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkCallBy64(b *testing.B) {
	benchTransports(b, func(b *testing.B, transport string) {
		g := newGreeterClient(benchPlugin(b, "greeter", transport))
		b.SetParallelism(32)
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				if _, err := g.SayHello(context.Background(), "Go developer, 16"); err != nil {
					b.Error(err)
					return
				}
			}
		})
	})
}

// BenchmarkCallOtherVersion is BenchmarkCall by another version of the contract:
// arguments and results are converted.
func BenchmarkCallOtherVersion(b *testing.B) {
	c := pingo.Bind(benchPlugin(b, "greeter", "auto"), &loud)
	b.ReportAllocs()
	for b.Loop() {
		var reply loudReply
		if err := c.CallContext(context.Background(), "Greeter.SayHello", &loudArgs{true, "Go developer, 16"}, &reply); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkCallGob(b *testing.B) {
	p := benchPlugin(b, "lab", "auto")
	b.ReportAllocs()
	for b.Loop() {
		var reply string
		if err := p.Call("Lab.Echo", "Go developer, 16", &reply); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkStartStop(b *testing.B) {
	benchTransports(b, func(b *testing.B, transport string) {
		for b.Loop() {
			exe, err := os.Executable()
			if err != nil {
				b.Fatal(err)
			}
			cfg := pingo.Config{Path: exe, Args: []string{helperPrefix + "greeter"}, StartTimeout: patience}
			use(&cfg, transport)
			p := pingo.New(cfg)
			p.Start()
			if _, err := newGreeterClient(p).SayHello(b.Context(), "x"); err != nil {
				b.Fatal(err)
			}
			p.Stop()
		}
	})
}
