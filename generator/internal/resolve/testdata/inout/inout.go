// Package inout fills what cannot be filled.
package inout

import (
	"context"
	"database/sql/driver"
	"io"
	"net"
	"os"
	"sync"
)

//pingo:plugin
//pingo:inout dest
//pingo:inout database/sql/driver.Rows.Close
//pingo:inout io.ReaderFrom.ReadFrom r
//pingo:inout io.WriterTo.WriteTo 2
type Store interface {
	//pingo:inout
	None(dest []int) error
	//pingo:inout dets
	Typo(dest []int, other []int) error
	//pingo:inout ctx n dest dest
	Kinds(ctx context.Context, n int, dest []int) (s string, err error)
	//pingo:inout s
	Result(n int) (s string, err error)
	//pingo:inout 0 3 x
	Unnamed([]int, map[int]int) error
	//pingo:inout 1 _
	Blank(_ []int, m map[int]int) error
	//pingo:inout fs chans nested
	Streams(fs []func() error, chans map[int]<-chan int, nested *Nested) error
	//pingo:inout locked tagged
	Locked(locked *Locked, tagged []Tagged) error
	//pingo:inout args
	Scan(args ...*int) error
	//pingo:inout s a
	Values(s struct{ A int }, a [2]int) error

	//pingo:inout files conns
	Files(files []*os.File, conns map[string]net.Conn) error
	From(f io.ReaderFrom, t io.WriterTo) error
}

// Nested has a function far below.
type Nested struct {
	List []*Nested
	Call map[string]struct{ f func() error }
}

// Locked must not be copied.
type Locked struct {
	mu sync.Mutex `pingo:"-"`
	n  int
}

// Tagged has what stays behind.
type Tagged struct {
	N     int
	cache int `pingo:"-"`
}

// Wrong is no contract.
//
//pingo:inout database/sql/driver.Rows.Next dest
type Wrong interface{ Next() driver.Value }

// pingo:inout io.Reader.Read p
// pingo:inout makes a directive in prose

//pingo:inout n
func function(n *int) {}

type inside struct {
	//pingo:inout n
	f func(n *int) error
}
