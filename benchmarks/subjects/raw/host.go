package main

import (
	"time"

	"github.com/pingogen/pingogen/benchmarks/internal/child"
	"github.com/pingogen/pingogen/benchmarks/internal/echo"
)

type host struct {
	child *child.Child
	pool  echo.Pool[*conn]
}

func (h *host) dial() (*conn, error) {
	c, err := h.child.Dial()
	if err != nil {
		return nil, err
	}
	return &conn{Conn: c, out: make([]byte, 64<<10), in: make([]byte, 64<<10)}, nil
}

// with runs do on a connection that no other caller uses.
func (h *host) with(do func(*conn) error) error {
	c, err := h.pool.Get()
	if err != nil {
		return err
	}
	defer h.pool.Put(c)
	return do(c)
}

func (h *host) Small(key string, n int64) (answer string, err error) {
	err = h.with(func(c *conn) error {
		copy(c.out[head:], key)
		copy(c.out[head+len(key):], echo.Tail)
		got, err := c.exchange(32, 32, 0)
		answer = string(got)
		return err
	})
	return answer, err
}

// recordsSize is what a hundred records take in a compact encoding.
const recordsSize = 100 * (6 + 17 + 8 + 4 + 6 + 6 + 13)

func (h *host) Records() (int, error) {
	return 100, h.with(func(c *conn) error {
		_, err := c.exchange(recordsSize, recordsSize, 0)
		return err
	})
}

func (h *host) Bulk(b []byte) (answer []byte, err error) {
	err = h.with(func(c *conn) error {
		answer, err = c.bulk(b)
		return err
	})
	return answer, err
}

func (h *host) Stream(size int64) error {
	return h.with(func(c *conn) error { return c.stream(size) })
}

func (h *host) Pause(d time.Duration) error {
	return h.with(func(c *conn) error {
		_, err := c.exchange(0, 1, d)
		return err
	})
}

func (h *host) Stop() error {
	h.pool.Close(func(c *conn) { c.Close() })
	return h.child.Stop()
}
