package main

import (
	"encoding/binary"
	"math"
	"time"

	"github.com/cloudwego/shmipc-go"

	"github.com/pingogen/pingogen/benchmarks/internal/echo"
)

// writer writes into shared memory.
type writer struct{ shmipc.BufferWriter }

func (w writer) int(n int64) error {
	b, err := w.Reserve(8)
	if err == nil {
		binary.LittleEndian.PutUint64(b, uint64(n))
	}
	return err
}

func (w writer) string(s string) error {
	if err := w.int(int64(len(s))); err != nil {
		return err
	}
	return w.WriteString(s)
}

func (w writer) bytes(b []byte) error {
	if err := w.int(int64(len(b))); err != nil {
		return err
	}
	_, err := w.WriteBytes(b)
	return err
}

func (w writer) records(list []echo.Record) error {
	err := w.int(int64(len(list)))
	for _, r := range list {
		for _, n := range []int64{r.ID, int64(math.Float64bits(r.Score)), r.At.UnixNano()} {
			if err == nil {
				err = w.int(n)
			}
		}
		for _, s := range []string{r.Key, r.A, r.B, r.C} {
			if err == nil {
				err = w.string(s)
			}
		}
	}
	return err
}

// reader reads from shared memory; what it returns is copied out of it.
type reader struct{ shmipc.BufferReader }

func (r reader) int() (int64, error) {
	b, err := r.ReadBytes(8)
	if err != nil {
		return 0, err
	}
	return int64(binary.LittleEndian.Uint64(b)), nil
}

func (r reader) string() (string, error) {
	n, err := r.int()
	if err != nil {
		return "", err
	}
	return r.ReadString(int(n))
}

func (r reader) bytes() ([]byte, error) {
	n, err := r.int()
	if err != nil {
		return nil, err
	}
	b, err := r.ReadBytes(int(n))
	return append([]byte(nil), b...), err
}

func (r reader) records() ([]echo.Record, error) {
	n, err := r.int()
	if err != nil {
		return nil, err
	}
	list := make([]echo.Record, n)
	for i := range list {
		if err := r.record(&list[i]); err != nil {
			return nil, err
		}
	}
	return list, nil
}

func (r reader) record(to *echo.Record) (err error) {
	var score, at int64
	for _, n := range []*int64{&to.ID, &score, &at} {
		if *n, err = r.int(); err != nil {
			return err
		}
	}
	for _, s := range []*string{&to.Key, &to.A, &to.B, &to.C} {
		if *s, err = r.string(); err != nil {
			return err
		}
	}
	to.Score, to.At = math.Float64frombits(uint64(score)), time.Unix(0, at)
	return nil
}
