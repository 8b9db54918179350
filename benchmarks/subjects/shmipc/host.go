package main

import (
	"io"
	"time"

	"github.com/cloudwego/shmipc-go"

	"github.com/pingogen/pingogen/benchmarks/internal/child"
	"github.com/pingogen/pingogen/benchmarks/internal/echo"
)

type host struct {
	child   *child.Child
	manager *shmipc.SessionManager
	list    []echo.Record
}

func start(path, variant string) (echo.Host, error) {
	c, err := child.Start(path, variant, "unix")
	if err != nil {
		return nil, err
	}
	cfg := shmipc.DefaultSessionManagerConfig()
	cfg.Network, cfg.Address = c.Network, c.Address
	cfg.MemMapType = shmipc.MemMapTypeMemFd
	cfg.LogOutput = io.Discard
	manager, err := shmipc.NewSessionManager(cfg)
	if err != nil {
		return nil, err
	}
	return &host{c, manager, echo.Records()}, nil
}

// call writes a request on a stream that no other caller uses, and reads the answer.
func (h *host) call(kind byte, write func(writer) error, read func(reader) error) error {
	stream, err := h.manager.GetStream()
	if err != nil {
		return err
	}
	if err := exchange(stream, kind, write, read); err != nil {
		stream.Close()
		return err
	}
	h.manager.PutBack(stream)
	return nil
}

func exchange(stream *shmipc.Stream, kind byte, write func(writer) error, read func(reader) error) error {
	out, in := writer{stream.BufferWriter()}, reader{stream.BufferReader()}
	if err := out.WriteByte(kind); err != nil {
		return err
	}
	if err := write(out); err != nil {
		return err
	}
	if err := stream.Flush(false); err != nil {
		return err
	}
	if err := read(in); err != nil {
		return err
	}
	in.ReleasePreviousRead()
	return nil
}

func (h *host) Small(key string, n int64) (reply string, err error) {
	err = h.call(small, func(w writer) error {
		if err := w.string(key); err != nil {
			return err
		}
		return w.int(n)
	}, func(r reader) (err error) {
		reply, err = r.string()
		return err
	})
	return reply, err
}

func (h *host) Records() (n int, err error) {
	err = h.call(records, func(w writer) error { return w.records(h.list) }, func(r reader) error {
		list, err := r.records()
		n = len(list)
		return err
	})
	return n, err
}

func (h *host) Bulk(b []byte) (reply []byte, err error) {
	err = h.call(bulk, func(w writer) error { return w.bytes(b) }, func(r reader) (err error) {
		reply, err = r.bytes()
		return err
	})
	return reply, err
}

func (h *host) Pause(d time.Duration) error {
	return h.call(pause, func(w writer) error { return w.int(int64(d)) }, func(r reader) error {
		_, err := r.int()
		return err
	})
}

func (h *host) Stop() error {
	h.manager.Close()
	return h.child.Stop()
}
