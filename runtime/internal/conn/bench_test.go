package conn

import (
	"context"
	"io"
	"testing"

	"github.com/pingogen/pingogen/runtime/codec"
)

// BenchmarkCall is a small call over a unix socket, both ends in one process.
// raw is the floor: the same bytes back and forth, a goroutine a side.
func BenchmarkCall(b *testing.B) {
	b.Run("raw", func(b *testing.B) {
		x, y := streams["unix"](b)
		defer x.Close()
		go func() {
			buf := make([]byte, 48)
			for {
				if _, err := io.ReadFull(y, buf); err != nil {
					y.Close()
					return
				}
				y.Write(buf)
			}
		}()
		buf := make([]byte, 48)
		for b.Loop() {
			x.Write(buf)
			if _, err := io.ReadFull(x, buf); err != nil {
				b.Fatal(err)
			}
		}
	})
	run := func(name string, f func(b *testing.B, h *Conn)) {
		b.Run(name, func(b *testing.B) {
			x, y := streams["unix"](b)
			h, p := New(x, Config{}), New(y, Config{Lookup: echo.lookup})
			b.ReportAllocs()
			b.ResetTimer()
			f(b, h)
			b.StopTimer()
			h.Close(nil)
			p.Close(nil)
		})
	}
	one := func(b *testing.B, h *Conn) {
		if _, _, err := invoke(h, b.Context(), "echo", "0123456789abcdef"); err != nil {
			b.Fatal(err)
		}
	}
	run("serial", func(b *testing.B, h *Conn) {
		for b.Loop() {
			one(b, h)
		}
	})
	run("64callers", func(b *testing.B, h *Conn) {
		b.SetParallelism(32)
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				one(b, h)
			}
		})
	})
}

// BenchmarkStream reads from the other side, in pieces of 32 KiB.
func BenchmarkStream(b *testing.B) {
	x, y := streams["unix"](b)
	h, p := New(x, Config{}), New(y, Config{Lookup: handlers{
		"read": func(_ context.Context, dec *codec.Decoder, _ *codec.Encoder) error {
			var m streamsMessage
			if err := dec.Message(&m); err != nil {
				return err
			}
			_, err := io.Copy(io.Discard, m.r)
			return err
		},
		"range": func(_ context.Context, dec *codec.Decoder, _ *codec.Encoder) error {
			var m streamsMessage
			if err := dec.Message(&m); err != nil {
				return err
			}
			for range m.seq {
			}
			return nil
		},
	}.lookup})
	defer h.Close(nil)
	defer p.Close(nil)
	b.Run("reader", func(b *testing.B) {
		b.SetBytes(16 << 20)
		for b.Loop() {
			if _, err := h.Call(b.Context(), "read", false, &streamsMessage{r: io.LimitReader(zeros{}, 16<<20)}, &codec.Nothing{}); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("items", func(b *testing.B) {
		const n = 100_000
		for b.Loop() {
			seq := func(yield func(int, string) bool) {
				for i := range n {
					if !yield(i, "sixteen bytes...") {
						return
					}
				}
			}
			if _, err := h.Call(b.Context(), "range", false, &streamsMessage{seq: seq}, &codec.Nothing{}); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(n*b.N)/b.Elapsed().Seconds(), "items/s")
	})
}

// zeros is endless.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) { return len(p), nil }
