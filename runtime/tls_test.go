package pingo_test

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	pingo "github.com/pingogen/pingogen/runtime"
	_ "github.com/pingogen/pingogen/runtime/pingotls"
)

func TestTLS(t *testing.T) {
	check := nothingRemains(t)
	cfg, _ := setup(t, "lab")
	cfg.Transport, cfg.TLS = "tcp", true
	p := pingo.New(cfg)
	p.Start()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for _, n := range []int{1, 100_000, 5_000_000} {
		var reply string
		require.NoError(t, p.CallContext(ctx, "Lab.Echo", strings.Repeat("x", n), &reply))
		require.Len(t, reply, n)
	}
	p.Stop()
	require.NoError(t, p.Err())
	check()

	p = pingo.New(cfg)
	p.Start()
	require.ErrorAs(t, p.Call("Lab.Exit", 3, nil), new(*pingo.CrashError))
	wait(t, "the end", p.Done())
	check()
}

// BenchmarkTLS is what docs/security.md says of the cost of encryption.
func BenchmarkTLS(b *testing.B) {
	for _, encrypt := range []bool{false, true} {
		name := map[bool]string{false: "plain", true: "tls"}[encrypt]
		path, arg := benchProgram(b, "greeter")
		p := pingo.New(pingo.Config{Path: path, Args: []string{arg}, Transport: "tcp", TLS: encrypt, StartTimeout: patience})
		p.Start()
		b.Cleanup(p.Stop)
		require.NoError(b, p.Ready(b.Context()))
		g := newGreeterClient(p)
		for _, size := range []int{16, 1 << 20} {
			text := strings.Repeat("x", size)
			b.Run(name+"/"+map[int]string{16: "call", 1 << 20: "MiB"}[size], func(b *testing.B) {
				if size > 1000 {
					b.SetBytes(int64(2 * size))
				}
				for b.Loop() {
					if _, err := g.SayHello(context.Background(), text); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
		b.Run(name+"/start", func(b *testing.B) {
			for b.Loop() {
				p := pingo.New(pingo.Config{Path: path, Args: []string{arg}, Transport: "tcp", TLS: encrypt, StartTimeout: patience})
				p.Start()
				require.NoError(b, p.Ready(b.Context()))
				p.Stop()
			}
		})
	}
}
