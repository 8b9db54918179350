package conn

import (
	"io"
	"testing"
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
