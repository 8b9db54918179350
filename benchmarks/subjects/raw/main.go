// Raw is the floor: a ping-pong of the same bytes over a unix or a TCP socket
// with package net, without a codec, one goroutine a side. Each caller has a
// connection of its own.
package main

import (
	"encoding/binary"
	"net"
	"time"

	"github.com/pingogen/pingogen/benchmarks/internal/child"
	"github.com/pingogen/pingogen/benchmarks/internal/echo"
	"github.com/pingogen/pingogen/benchmarks/internal/subject"
)

func main() {
	subject.Main(subject.Subject{
		Start: func(path, variant string) (echo.Host, error) {
			c, err := child.Start(path, variant, variant)
			if err != nil {
				return nil, err
			}
			h := &host{child: c}
			h.pool.Dial = h.dial
			return h, nil
		},
		Serve: func(string) error { return child.Serve(serve) },
	})
}

// A message begins with its length, that of the answer, for how many milliseconds
// the plugin is to sleep first, and how often it is to send the answer.
const head = 16

type conn struct {
	net.Conn
	out, in []byte
}

func (c *conn) head(size, want int, pause time.Duration, times int) {
	binary.LittleEndian.PutUint32(c.out[0:], uint32(size))
	binary.LittleEndian.PutUint32(c.out[4:], uint32(want))
	binary.LittleEndian.PutUint32(c.out[8:], uint32(pause/time.Millisecond))
	binary.LittleEndian.PutUint32(c.out[12:], uint32(times))
}

// exchange sends the first n bytes behind the head of out, and returns the
// answer, which has want bytes.
func (c *conn) exchange(n, want int, pause time.Duration) ([]byte, error) {
	c.head(n, want, pause, 1)
	if _, err := c.Write(c.out[:head+n]); err != nil {
		return nil, err
	}
	return c.in[:want], c.read(c.in[:want])
}

// read fills b.
func (c *conn) read(b []byte) error {
	for len(b) > 0 {
		n, err := c.Read(b)
		if err != nil {
			return err
		}
		b = b[n:]
	}
	return nil
}

// bulk is exchange for an answer that is as large as b, which is not copied.
func (c *conn) bulk(b []byte) ([]byte, error) {
	c.head(len(b), len(b), 0, 1)
	message := net.Buffers{c.out[:head], b}
	if _, err := message.WriteTo(c.Conn); err != nil {
		return nil, err
	}
	if len(c.in) < len(b) {
		c.in = make([]byte, len(b))
	}
	return c.in[:len(b)], c.read(c.in[:len(b)])
}

// stream reads size bytes in blocks of half a MiB.
func (c *conn) stream(size int64) error {
	const block = 512 << 10
	c.head(0, block, 0, int(size/block))
	if _, err := c.Write(c.out[:head]); err != nil {
		return err
	}
	if len(c.in) < block {
		c.in = make([]byte, block)
	}
	for range size / block {
		if err := c.read(c.in[:block]); err != nil {
			return err
		}
	}
	return nil
}

func serve(l net.Listener) error {
	for {
		c, err := l.Accept()
		if err != nil {
			return err
		}
		go answer(c)
	}
}

// answer reads messages and answers each.
func answer(c net.Conn) {
	defer c.Close()
	buf := make([]byte, 64<<10)
	for {
		n := 0
		for n < head {
			m, err := c.Read(buf[n:])
			if err != nil {
				return
			}
			n += m
		}
		size := head + int(binary.LittleEndian.Uint32(buf[0:]))
		want := int(binary.LittleEndian.Uint32(buf[4:]))
		pause := time.Duration(binary.LittleEndian.Uint32(buf[8:])) * time.Millisecond
		times := binary.LittleEndian.Uint32(buf[12:])
		if room := max(size, head+want); len(buf) < room {
			buf = append(buf, make([]byte, room-len(buf))...)
		}
		for n < size {
			m, err := c.Read(buf[n:size])
			if err != nil {
				return
			}
			n += m
		}
		if pause > 0 {
			time.Sleep(pause)
		}
		for range times {
			if _, err := c.Write(buf[head:][:want]); err != nil {
				return
			}
		}
	}
}
